// The chunks of a PNG file (https://www.w3.org/TR/png/#5Chunk-layout), before anything is unpacked: those that make the picture, whose rows
// must have the length that its size says. A megabyte can hold a gigabyte, as rows or as the color profile of one pixel.
import { Unzlib } from 'fflate';
import { InputError } from '../errors.js';

const needed = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
const signatureLength = 8;
/** Length and name in front of the data, checksum behind. */
const frameLength = 12;
/** Bytes unpacked at a time: at most 1032 of each. */
const blockLength = 2 ** 14;
/** Samples per pixel by the color type. */
const samples: Partial<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The file with these chunks alone. @throws InputError for more rows than the size of the picture asks for. */
export function withNeededChunks(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const kept = new Uint8Array(file.length);
  kept.set(file.subarray(0, signatureLength));
  let length = signatureLength;
  const rows: Uint8Array[] = [];
  for (let at = signatureLength; at + frameLength <= file.length;) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const chunk = file.subarray(at, at + frameLength + size);
    if (needed.includes(name)) {
      kept.set(chunk, length);
      length += chunk.length;
    }
    if (name === 'IDAT') rows.push(chunk.subarray(8, 8 + size));
    at += frameLength + size;
  }
  requireRows(rows, maxRowBytes(view));
  return kept.subarray(0, length);
}

/** Bytes of the rows of the picture, each with one for its filter; twice that, as interlaced pictures have more and shorter rows. */
function maxRowBytes(view: DataView): number {
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const bits = view.getUint8(24) * (samples[view.getUint8(25)] ?? 4);
  return 2 * height * (Math.ceil((width * bits) / 8) + 8);
}

/** Counts what the rows unpack to. What is damaged is left to the decoder, which says so. */
function requireRows(rows: readonly Uint8Array[], max: number): void {
  let total = 0;
  const unzlib = new Unzlib((part) => (total += part.length));
  for (const row of rows) {
    for (let begin = 0; begin < row.length; begin += blockLength) {
      try {
        unzlib.push(row.subarray(begin, begin + blockLength));
      } catch {
        return;
      }
      if (total <= max) continue;
      throw new InputError(
        `readPng: expected rows of at most ${max} bytes for the size of the picture, got ${total} and more. The file is damaged: save the picture again.`,
      );
    }
  }
}
