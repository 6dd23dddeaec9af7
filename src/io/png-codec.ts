// PNG files (https://www.w3.org/TR/png/): chunks, rows and their filters, seven passes where they are interlaced. Bytes are unpacked by fflate.
import { unzlibSync, zlibSync } from 'fflate';
import { crc32 } from './crc32.js';

export interface Png {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  /** Samples of a pixel: 1, 2 (gray, alpha), 3 or 4 (colors, alpha); with a palette its index. */
  readonly channels: number;
  /** `[height, width, channels]` */
  readonly samples: Uint16Array;
  /** Red, green, blue of every color. */
  readonly palette: Uint8Array | undefined;
  readonly isTransparent: boolean;
}

export const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Samples of a pixel and possible depths, by the color type. */
const types: Partial<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const whole: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }];
/** Adam7 (https://www.w3.org/TR/png/#8InterlaceMethods). */
const interlaced: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

/** @throws Error with what is wrong, in a few words. */
export function decodePng(file: Uint8Array): Png {
  const chunks = chunksOf(file);
  const header = chunks[0];
  if (header?.name !== 'IHDR' || header.data.length !== 13) throw new Error('it does not begin with its header');
  const view = new DataView(header.data.buffer, header.data.byteOffset);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth = 0, type = -1, compression, filter, interlace = -1] = header.data.subarray(8);
  const known = types[type];
  const passes = [whole, interlaced][interlace];
  if (!known?.depths.includes(depth) || compression !== 0 || filter !== 0 || !passes) {
    throw new Error('its header has values that no PNG has');
  }
  const ofName = (name: string): Uint8Array[] => chunks.flatMap((chunk) => (chunk.name === name ? [chunk.data] : []));
  const { channels } = known;
  const rows = unzlibSync(joined(ofName('IDAT')));
  const samples = new Uint16Array(width * height * channels);
  let at = 0;
  for (const { x, y, dx, dy } of passes) {
    const columns = Math.ceil((width - x) / dx);
    const lines = Math.ceil((height - y) / dy);
    if (columns <= 0 || lines <= 0) continue;
    const bits = channels * depth;
    const rowLength = Math.ceil((columns * bits) / 8);
    const end = at + lines * (rowLength + 1);
    if (end > rows.length) throw new Error('it has fewer rows than its header says');
    const plain = unfiltered(rows.subarray(at, end), rowLength, Math.max(1, bits >> 3));
    at = end;
    for (let line = 0; line < lines; line++) {
      for (let k = 0; k < columns * channels; k++) {
        const column = Math.floor(k / channels);
        const pixel = (y + line * dy) * width + x + column * dx;
        samples[pixel * channels + (k % channels)] = sampleAt(plain, line * rowLength, k, depth);
      }
    }
  }
  const palette = type === 3 ? (ofName('PLTE')[0] ?? new Uint8Array()) : undefined;
  return { width, height, depth, channels, samples, palette, isTransparent: type >= 4 || ofName('tRNS').length > 0 };
}

function sampleAt(bytes: Uint8Array, row: number, k: number, depth: number): number {
  if (depth === 8) return bytes[row + k]!;
  if (depth === 16) return 256 * bytes[row + 2 * k]! + bytes[row + 2 * k + 1]!;
  const bit = k * depth;
  return (bytes[row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Rows as they were before their filters, without the byte that names one; `pixel`: bytes between a sample and that of the pixel before. */
function unfiltered(rows: Uint8Array, length: number, pixel: number): Uint8Array {
  const out = new Uint8Array((rows.length / (length + 1)) * length);
  for (let from = 0, to = 0; from < rows.length; from += length + 1, to += length) {
    const filter = rows[from]!;
    for (let k = 0; k < length; k++) {
      const left = k < pixel ? 0 : out[to + k - pixel]!;
      const up = to === 0 ? 0 : out[to + k - length]!;
      const corner = k < pixel || to === 0 ? 0 : out[to + k - length - pixel]!;
      out[to + k] = rows[from + 1 + k]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const toLeft = Math.abs(up - corner);
      const toUp = Math.abs(left - corner);
      const toCorner = Math.abs(left + up - 2 * corner);
      if (toLeft <= toUp && toLeft <= toCorner) return left;
      return toUp <= toCorner ? up : corner;
    }
    default:
      throw new Error('a row has a filter that no PNG has');
  }
}

interface Chunk {
  readonly name: string;
  readonly data: Uint8Array;
}

function chunksOf(file: Uint8Array): Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Chunk[] = [];
  for (let at = signature.length; chunks.at(-1)?.name !== 'IEND';) {
    const end = at + 12 <= file.length ? at + 12 + view.getUint32(at) : Infinity;
    if (end > file.length) throw new Error('it is cut short');
    if (crc32(file.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw new Error('a checksum is that of other data');
    chunks.push({ name: String.fromCharCode(...file.subarray(at + 4, at + 8)), data: file.subarray(at + 8, end - 4) });
    at = end;
  }
  return chunks;
}

/** A picture of 8 bits a sample. */
export function encodePng(width: number, height: number, channels: 1 | 3, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = width * channels;
  const rows = new Uint8Array(height * (length + 1));
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * length, (y + 1) * length), y * (length + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 0], 8);
  return joined([
    Uint8Array.from(signature),
    chunkOf('IHDR', header),
    chunkOf('IDAT', zlibSync(rows)),
    chunkOf('IEND', new Uint8Array()),
  ]);
}

function chunkOf(name: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(
    Uint8Array.from(name, (letter) => letter.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
