// MATLAB's .mat files of level 5 (-v6: as they are, -v7: by zlib): full numeric arrays by name. Format: "MAT-File Format", The MathWorks, R2024.
// Sparse arrays, cells, structures, text and complex numbers are passed over; -v7.3 is HDF5 and refused. What is unpacked is bounded.
import { Unzlib } from 'fflate';
import { InputError } from '../errors.js';
import { sizeOf } from '../tensor/shape.js';
import { bytesOf } from './bytes.js';
import type { NpyArray } from './npy.js';
import { rowMajor } from './row-major.js';

const headerLength = 128;
/** Types of data elements. */
const compressed = 15;
const matrix = 14;
/** Classes of numeric arrays, from double to uint64, and the bits of what is passed over. */
const firstNumeric = 6;
const lastNumeric = 15;
const complexFlag = 0x08;

/** Bytes unpacked at a time: at most 1032 of each. Numbers shrink to a tenth; what shrinks further, beyond 256 MiB, may be nothing but zeros. */
const blockLength = 2 ** 14;
const maxRatio = 200;
const freeLength = 2 ** 28;

const readers: Partial<
  Record<number, readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
};

interface Element {
  readonly type: number;
  readonly view: DataView;
  /** Where the next one begins. */
  readonly end: number;
}

interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly real: Element;
  readonly little: boolean;
}

/**
 * Names of the full real numeric arrays in a .mat file, in its order. Cost O(bytes), unpacked.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { matNames } from 'polyadic/io';
 *
 * console.log(matNames(await readFile('arrays.mat'))); // [ 'single', 'vector', 'scalar' ]
 * ```
 * @throws InputError as readMat.
 */
export const matNames = (bytes: Uint8Array | ArrayBuffer): string[] =>
  Array.from(variablesOf('matNames', bytes), ({ name }) => name);

/**
 * Reads one array of a .mat file: the one of that name, or the only one there is; row-major as everywhere here. Integers beyond 2^53 are
 * rounded. Cost O(bytes).
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readMat } from 'polyadic/io';
 *
 * console.log(readMat(await readFile('arrays.mat'), 'single').shape); // [ 4, 3, 2 ]
 * ```
 * @throws InputError for what is no such file, damaged ones, and names that are not there.
 */
export function readMat(bytes: Uint8Array | ArrayBuffer, name?: string): NpyArray {
  const found = [...variablesOf('readMat', bytes)];
  const names = found.map((one) => one.name).join(', ');
  if (name === undefined && found.length > 1) {
    throw new InputError(`readMat: expected one array, got ${found.length} (${names}). Name the one to read.`);
  }
  const [variable] = name === undefined ? found : found.filter((one) => one.name === name);
  if (variable) return { dtype: 'f8', shape: variable.shape, data: valuesOf(variable) };
  throw new InputError(
    `readMat: expected ${name === undefined ? 'a full array of real numbers' : `one of the arrays ${names}`}, got ${name ?? 'none'}. Save it with save('file.mat', 'name', '-v7').`,
  );
}

function* variablesOf(who: string, bytes: Uint8Array | ArrayBuffer): Generator<Variable, void> {
  const file = bytesOf(who, bytes);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const mark = file.length < headerLength ? 0 : view.getUint16(126, true);
  const little = mark === 0x4d49;
  const version = little ? view.getUint16(124, true) : mark === 0x494d ? view.getUint16(124, false) : 0;
  if (version !== 0x0100) {
    const got =
      version === 0x0200 || file[1] === 0x48 ? 'one of level 7.3, which is HDF5' : `${file.length} bytes that are not`;
    throw new InputError(`${who}: expected a .mat file of level 5, got ${got}. Save it with save('file.mat', '-v7').`);
  }
  for (let at = headerLength; at < file.length;) {
    const element = elementAt(who, view, at, little, file.length);
    at = element.end;
    const inner = element.type === compressed ? unpacked(who, element.view, little) : element;
    const variable = inner.type === matrix ? variableIn(who, inner.view, little) : undefined;
    if (variable) yield variable;
  }
}

/** A data element: its tag, small or not, and its data; those that are not compressed end at multiples of 8 bytes. */
function elementAt(who: string, view: DataView, at: number, little: boolean, length = view.byteLength): Element {
  if (at + 8 > length) throw damaged(who);
  const first = view.getUint32(at, little);
  const isSmall = first > 0xffff;
  const type = first & 0xffff;
  const size = isSmall ? first >>> 16 : view.getUint32(at + 4, little);
  const begin = at + (isSmall ? 4 : 8);
  if (size > (isSmall ? 4 : length - begin)) throw damaged(who);
  const end = type === compressed ? begin + size : begin + (isSmall ? 4 : Math.ceil(size / 8) * 8);
  return { type, view: new DataView(view.buffer, view.byteOffset + begin, size), end };
}

function unpacked(who: string, packed: DataView, little: boolean): Element {
  const bytes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  const parts: Uint8Array[] = [];
  let length = 0;
  const unzlib = new Unzlib((part) => {
    parts.push(part);
    length += part.length;
  });
  for (let begin = 0; begin < bytes.length; begin += blockLength) {
    const end = Math.min(begin + blockLength, bytes.length);
    try {
      unzlib.push(bytes.subarray(begin, end), end === bytes.length);
    } catch (error) {
      throw damaged(who, error);
    }
    if (length > freeLength && length > maxRatio * end) {
      throw new InputError(
        `${who}: expected an array that unpacks to at most ${maxRatio} times its size, got ${length} bytes from ${end}. If they are right, save it with '-v6', which does not compress.`,
      );
    }
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return elementAt(who, new DataView(all.buffer), 0, little);
}

/** Undefined for what is no full array of real numbers. */
function variableIn(who: string, view: DataView, little: boolean): Variable | undefined {
  if (view.byteLength === 0) return undefined;
  const flags = elementAt(who, view, 0, little);
  if (flags.view.byteLength < 8) throw damaged(who);
  const word = flags.view.getUint32(0, little);
  const kind = word & 0xff;
  if (kind < firstNumeric || kind > lastNumeric || (word >>> 8) & complexFlag) return undefined;
  const sizes = elementAt(who, view, flags.end, little);
  const name = elementAt(who, view, sizes.end, little);
  const real = elementAt(who, view, name.end, little);
  const shape = Array.from({ length: sizes.view.byteLength >> 2 }, (_, k) => sizes.view.getInt32(4 * k, little));
  const bytes = readers[real.type]?.[0];
  if (bytes === undefined || shape.some((size) => size < 0) || sizeOf(shape) * bytes !== real.view.byteLength) {
    throw damaged(who);
  }
  return { name: new TextDecoder().decode(name.view), shape, real, little };
}

/** In the file the first index changes fastest. */
function valuesOf({ shape, real, little }: Variable): NpyArray['data'] {
  const [bytes = 1, read] = readers[real.type] ?? [];
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, k) => read?.(real.view, k * bytes, little) ?? NaN);
  return rowMajor(values, shape);
}

const damaged = (who: string, cause?: unknown): InputError =>
  new InputError(`${who}: expected a .mat file of level 5, got one that is damaged or cut short. Save it again.`, {
    cause,
  });
