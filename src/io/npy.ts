// NumPy's .npy files: magic, version, a Python literal as header, then the raw numbers.
//   "\x93NUMPY" major minor headerLength(u16 or u32, little-endian) {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. Versions 1 to 3, every numeric dtype but
// complex and long double, both byte orders, both memory orders. Malformed files are InputErrors before anything is allocated.
import { InputError } from '../errors.js';
import { dtypes, halfToFloat, parseDescr } from './npy-dtype.js';
import type { NpyData, NpyDtype } from './npy-dtype.js';
import { parseHeader } from './npy-header.js';
import { sizeOf } from '../tensor/shape.js';
import { requireArray } from '../tensor/require.js';
import { bytesOf } from './bytes.js';

export interface NpyArray {
  /** Empty for a 0-dimensional array, which holds one number. */
  readonly shape: readonly number[];
  /** As in NumPy, without the byte order. */
  readonly dtype: NpyDtype;
  /** Row-major, whatever the file had. Float32Array for f2, Uint8Array of 0 and 1 for b1. */
  readonly data: NpyData;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxModes = 64; // NumPy's own limit
/** Bytes of a header: what version 1.0 can say, and hundreds of times what a numeric array needs. */
const maxHeaderLength = 2 ** 16;

/**
 * Reads a whole .npy file. The input is not written, the result does not share memory with it. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from 'polyadic/io';
 *
 * const bytes = writeNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
 * console.log(readNpy(bytes).dtype); // f8
 * ```
 * @throws InputError for what is no such file, damaged ones, and arrays of complex numbers or objects.
 */
export function readNpy(bytes: Uint8Array | ArrayBuffer): NpyArray {
  const file = bytesOf('readNpy', bytes);
  const { text, dataStart } = headerText(file);
  const { descr, fortranOrder, shape } = parseHeader(text);
  const { dtype, bigEndian } = parseDescr(descr);
  const { bytes: width } = dtypes[dtype];
  const count = entryCount(shape);
  const present = file.length - dataStart;
  if (present !== count * width) {
    const remedy =
      present < count * width ? 'The file is cut short: fetch it again' : 'Bytes follow the array: save it alone';
    throw new InputError(
      `readNpy: expected ${count * width} bytes of ${dtype} data for shape (${shape.join(', ')}), got ${present}. ${remedy}.`,
    );
  }
  const raw = new Uint8Array(file.subarray(dataStart)); // a copy; the slice of a Node Buffer would be a view
  if (bigEndian === hostIsLittleEndian()) swapBytes(raw, width);
  const data = dtype === 'f2' ? halfToFloat(new Uint16Array(raw.buffer)) : new dtypes[dtype].array(raw.buffer);
  if (dtype === 'b1' && data instanceof Uint8Array) requireBooleans(data);
  return { shape, dtype, data: fortranOrder && shape.length > 1 ? rowMajor(data, shape) : data };
}

/**
 * A .npy file: version 1.0, little-endian, C order. The dtype follows from the type of `data`; `dtype: 'b1'` marks bytes as booleans.
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from 'polyadic/io';
 *
 * const bytes = writeNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
 * console.log(readNpy(bytes).dtype); // f8
 * ```
 * @throws InputError for data that are no typed array, or not of the shape.
 */
export function writeNpy(array: {
  readonly shape: readonly number[];
  readonly data: NpyData;
  readonly dtype?: NpyDtype;
}): Uint8Array<ArrayBuffer> {
  requireArray('writeNpy', array);
  const { shape, data } = array;
  const dtype = array.dtype === 'b1' && data instanceof Uint8Array ? 'b1' : dtypeOf(data);
  if (shape.length > maxModes) {
    throw new InputError(`writeNpy: expected at most ${maxModes} modes, got ${shape.length}. Reshape the array.`);
  }
  const { bytes: width } = dtypes[dtype];
  const header = headerBytes(
    `{'descr': '${width === 1 ? '|' : '<'}${dtype}', 'fortran_order': False, 'shape': ${tuple(shape)}, }`,
  );
  const out = new Uint8Array(header.length + data.byteLength);
  out.set(header);
  const body = out.subarray(header.length);
  body.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (!hostIsLittleEndian()) swapBytes(body, width);
  return out;
}

function headerText(file: Uint8Array): { text: string; dataStart: number } {
  if (file.length < 10 || magic.some((byte, i) => file[i] !== byte)) {
    const start = Array.from(file.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new InputError(
      `readNpy: expected a file that starts with 93 4e 55 4d 50 59 (\\x93NUMPY), got ${file.length} bytes starting with ${start || 'nothing'}. Save it with numpy.save.`,
    );
  }
  const major = file[6]!;
  const minor = file[7]!;
  if (major < 1 || major > 3 || minor !== 0) {
    throw new InputError(
      `readNpy: expected version 1.0, 2.0 or 3.0, got ${major}.${minor}. Save it again with numpy.save.`,
    );
  }
  const start = major === 1 ? 10 : 12;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : file.length < 12 ? Infinity : view.getUint32(8, true);
  if (start + length > file.length) {
    throw new InputError(
      `readNpy: expected a header of ${length} bytes, got ${Math.max(0, file.length - start)}. The file is cut short: fetch it again.`,
    );
  }
  if (length > maxHeaderLength) {
    throw new InputError(
      `readNpy: expected a header of at most ${maxHeaderLength} bytes, got ${length}. The file is damaged, or holds no plain array.`,
    );
  }
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(file.subarray(start, start + length));
  return { text, dataStart: start + length };
}

function entryCount(shape: readonly number[]): number {
  if (shape.length > maxModes) {
    throw new InputError(`readNpy: expected at most ${maxModes} modes, got ${shape.length}. Reshape the array.`);
  }
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  if (!Number.isSafeInteger(count * 8)) {
    throw new InputError(
      `readNpy: expected fewer than 2^50 numbers, got shape (${shape.join(', ')}). The header is damaged, or the array too large.`,
    );
  }
  return count;
}

/** Header padded with spaces so that the data start at a multiple of 64, as NumPy writes it. */
function headerBytes(literal: string): Uint8Array {
  const length = Math.ceil((10 + literal.length + 1) / 64) * 64;
  const text = `${literal.padEnd(length - 11)}\n`;
  const out = new Uint8Array(length);
  out.set(magic);
  out.set([1, 0, (length - 10) & 0xff, (length - 10) >>> 8], 6);
  for (let i = 0; i < text.length; i++) out[10 + i] = text.charCodeAt(i);
  return out;
}

function tuple(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Reorders Fortran order (first index fastest) into row-major. Cost O(N). */
function rowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const out = data.slice();
  const strides = shape.map((_, mode) => sizeOf(shape.slice(0, mode)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    out[to] = data[from] as never; // one element type on both sides, which the union cannot say
    for (let mode = shape.length - 1; mode >= 0; mode--) {
      const next = index[mode]! + 1;
      const stride = strides[mode]!;
      if (next < shape[mode]!) {
        index[mode] = next;
        from += stride;
        break;
      }
      from -= (next - 1) * stride;
      index[mode] = 0;
    }
  }
  return out;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

function hostIsLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

function requireBooleans(data: Uint8Array): void {
  const bad = data.findIndex((value) => value > 1);
  if (bad >= 0) {
    throw new InputError(
      `readNpy: expected booleans as bytes 0 and 1, got ${data[bad]} at entry ${bad}. The file is damaged.`,
    );
  }
}

function dtypeOf(data: NpyData): NpyDtype {
  for (const [dtype, { array }] of Object.entries(dtypes)) {
    if (dtype !== 'b1' && dtype !== 'f2' && data instanceof array) return dtype as NpyDtype;
  }
  throw new InputError('writeNpy: expected a typed array of numbers, got something else. Use Float64Array.from(…).');
}
