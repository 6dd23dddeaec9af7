// Pictures as tensors: a PNG file ↔ [height, width, channels] of numbers from 0 to 255, one channel (gray) or three (red, green,
// blue). Decoded and encoded by fast-png. Palettes become colors, fewer or more than 8 bits are scaled to 0 … 255, and
// transparency is left out, which `notices` tells.
import { convertIndexedToRgb, decode, encode, type DecodedPng } from 'fast-png';
import { InputError } from '../errors.js';
import type { DenseTensor } from '../tensor/dense.js';
import { finiteNumbers } from '../tensor/numbers.js';
import { bytesOf } from './bytes.js';
import { withNeededChunks } from './png-chunks.js';

export interface Picture {
  /** Height, width, channels: 1 or 3. */
  readonly shape: readonly [number, number, number];
  /** Row-major, from 0 to 255; 16-bit files have values between the integers. */
  readonly data: Float64Array;
  /** What the tensor does not hold of the file, in words. */
  readonly notices: readonly string[];
}

/** Numbers in a picture up to which it is decoded: 1 GiB. */
const maxNumbers = 2 ** 27;

/** Cost O(pixels). @throws InputError for what is no PNG file, damaged ones, and pictures of more than 2^27 numbers. */
export function readPng(bytes: Uint8Array | ArrayBuffer): Picture {
  const file = bytesOf('readPng', bytes);
  requireSize(file);
  const png = decoded(withNeededChunks(file));
  const { width, height, palette } = png;
  const samples = palette ? paletteColors(png) : samplesOf(png);
  const stored = palette ? (palette[0]?.length ?? 3) : png.channels;
  const channels = stored >= 3 ? 3 : 1;
  const data = new Float64Array(width * height * channels);
  const scale = palette ? 1 : 255 / (2 ** png.depth - 1);
  for (let pixel = 0, at = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < channels; c++) data[at++] = samples[pixel * stored + c]! * scale;
  }
  const transparent = stored === 2 || stored === 4 || png.transparency !== undefined;
  const notices = transparent ? ['the picture has transparency, which is left out'] : [];
  return { shape: [height, width, channels], data, notices };
}

/** Eight bits a channel; numbers are rounded, those outside 0 … 255 become the nearest end. */
export function writePng({ shape, data }: DenseTensor): Uint8Array<ArrayBuffer> {
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || data.length !== height * width * channels) {
    throw new InputError(
      `writePng: expected numbers of shape [height, width, 1 or 3], got [${shape.join(', ')}] and ${data.length} numbers. Give one number a channel.`,
    );
  }
  // Uint8ClampedArray rounds and clamps.
  const wanted = { who: 'writePng', expected: 'finite numbers', remedy: 'Fill what is missing' };
  const bytes = new Uint8Array(Uint8ClampedArray.from(finiteNumbers(data, wanted)));
  const png = encode({ width, height, channels, depth: 8, data: bytes });
  return new Uint8Array(png);
}

/** The first chunk tells width and height at fixed places; nothing is allocated for a size that cannot be. */
function requireSize(file: Uint8Array): void {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (file.length < 33 || signature.some((byte, at) => file[at] !== byte)) {
    throw new InputError(
      `readPng: expected a PNG file, got ${file.length} bytes that are not. Convert the picture to PNG.`,
    );
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  if (width > 0 && height > 0 && 3 * width * height <= maxNumbers) return;
  throw new InputError(
    `readPng: expected a picture of 1 to ${Math.floor(maxNumbers / 3)} pixels, got ${width} × ${height}. Scale it down.`,
  );
}

function decoded(file: Uint8Array): DecodedPng {
  try {
    return decode(file, { checkCrc: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `readPng: expected a PNG file, got ${file.length} bytes that are damaged (${reason}). Save the picture again.`,
      { cause: error },
    );
  }
}

function paletteColors(png: DecodedPng): ArrayLike<number> {
  try {
    return convertIndexedToRgb(png);
  } catch (error) {
    throw new InputError('readPng: expected colors of the palette, got others. Save the picture again.', {
      cause: error,
    });
  }
}

/** One number a sample: those of gray pictures with 1, 2 or 4 bits are packed, and every row begins at a byte. */
function samplesOf({ width, height, depth, channels, data }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const perRow = Math.ceil((width * channels * depth) / 8);
  const perByte = 8 / depth;
  const out = new Uint8Array(width * height * channels);
  for (let at = 0; at < out.length; at++) {
    const row = Math.floor(at / (width * channels));
    const column = at % (width * channels);
    const byte = data[row * perRow + Math.floor(column / perByte)]!;
    out[at] = (byte >> (8 - depth * ((column % perByte) + 1))) & (2 ** depth - 1);
  }
  return out;
}
