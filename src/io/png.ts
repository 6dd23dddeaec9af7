// Pictures as tensors: a PNG file ↔ [height, width, channels] of numbers from 0 to 255, one channel (gray) or three (red, green,
// blue). Palettes become colors, fewer or more than 8 bits are scaled to 0 … 255, and
// transparency is left out, which `notices` tells.
import { InputError } from '../errors.js';
import type { DenseTensor } from '../tensor/dense.js';
import { requireArray } from '../tensor/require.js';
import { finiteNumbers } from '../tensor/numbers.js';
import { bytesOf } from './bytes.js';
import { withNeededChunks } from './png-chunks.js';
import { decodePng, encodePng, signature, type Png } from './png-codec.js';

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

/**
 * Reads a picture as a tensor [height, width, 1 or 3 channels] of numbers from 0 to 255. Cost O(pixels).
 *
 * @example
 * ```ts
 * import { readPng, writePng } from 'polyadic/io';
 *
 * const bytes = writePng({ shape: [1, 2, 1], data: Float64Array.of(0, 255) });
 * console.log(readPng(bytes).data); // Float64Array(2) [ 0, 255 ]
 * ```
 * @throws InputError for what is no PNG file, damaged ones, and pictures of more than 2^27 numbers.
 */
export function readPng(bytes: Uint8Array | ArrayBuffer): Picture {
  const file = bytesOf('readPng', bytes);
  requireSize(file);
  const { width, height, depth, channels: stored, samples, palette, isTransparent } = decoded(withNeededChunks(file));
  const channels = palette || stored >= 3 ? 3 : 1;
  const data = new Float64Array(width * height * channels);
  const scale = 255 / (2 ** depth - 1);
  for (let pixel = 0, at = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < channels; c++) {
      const value = palette ? palette[3 * samples[pixel]! + c] : samples[pixel * stored + c]! * scale;
      if (value === undefined) {
        throw new InputError('readPng: expected colors of the palette, got others. Save the picture again.');
      }
      data[at++] = value;
    }
  }
  const notices = isTransparent ? ['the picture has transparency, which is left out'] : [];
  return { shape: [height, width, channels], data, notices };
}

/**
 * A PNG file of a tensor [height, width, 1 or 3 channels], eight bits per channel; numbers are rounded, those outside 0 … 255 become the
 * nearest end.
 *
 * @example
 * ```ts
 * import { readPng, writePng } from 'polyadic/io';
 *
 * const bytes = writePng({ shape: [1, 2, 1], data: Float64Array.of(0, 255) });
 * console.log(readPng(bytes).data); // Float64Array(2) [ 0, 255 ]
 * ```
 * @throws InputError for other shapes, and for numbers that are not finite.
 */
export function writePng(tensor: DenseTensor): Uint8Array<ArrayBuffer> {
  requireArray('writePng', tensor);
  const { shape, data } = tensor;
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new InputError(
      `writePng: expected numbers of shape [height, width, 1 or 3], got [${shape.join(', ')}]. Give one number a channel.`,
    );
  }
  // Uint8ClampedArray rounds and clamps.
  const wanted = { who: 'writePng', expected: 'finite numbers', remedy: 'Fill what is missing' };
  const bytes = new Uint8Array(Uint8ClampedArray.from(finiteNumbers(data, wanted)));
  return encodePng(width, height, channels, bytes);
}

/** The first chunk tells width and height at fixed places; nothing is allocated for a size that cannot be. */
function requireSize(file: Uint8Array): void {
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

function decoded(file: Uint8Array): Png {
  try {
    return decodePng(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `readPng: expected a PNG file, got ${file.length} bytes that are damaged (${reason}). Save the picture again.`,
      { cause: error },
    );
  }
}
