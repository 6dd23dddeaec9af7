// Arrays as targets: dense ones, or the known entries of an array in which cells are missing. Which cells are known is said as
// in dense(): by marks of the known cells, by marks of the missing ones, or by NaN.
import { InputError } from '../errors.js';
import { denseOf, type DenseTarget } from '../targets/dense.js';
import { knownCells, type KnownCells } from '../targets/known-cells.js';
import { observed, type ObservedTarget } from '../targets/observed.js';
import { indexAt } from '../tensor/dense.js';
import { requireArray } from '../tensor/require.js';
import type { NpyArray } from './npy.js';

export interface NpyCells {
  /** Of the shape of the array: 1 (or True) where a cell is known, 0 where it is missing. Default: all are known. */
  readonly known?: NpyArray;
  /** Of the shape of the array: 1 (or True) where a cell is missing, 0 where it is known; or 'nan'. Default: none. */
  readonly missing?: 'nan' | NpyArray;
}

/**
 * Dense target of an array of any dtype, by the rules of dense(): NaN is refused unless `missing: 'nan'` is said. Cost O(N).
 *
 * @example
 * ```ts
 * import { npyToDense, readNpy, writeNpy } from 'polyadic/io';
 *
 * const array = readNpy(writeNpy({ shape: [2, 2], data: Int16Array.of(1, 2, 3, 4) }));
 * console.log(npyToDense(array).data); // Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 * @throws InputError for arrays of fewer than two modes, empty ones, and integers that float64 does not hold.
 */
export function npyToDense(array: NpyArray, cells: NpyCells = {}): DenseTarget & { readonly data: Float64Array } {
  requireArray('npyToDense', array);
  const { shape } = array;
  const target = denseOf('npyToDense', shape, float64Of('npyToDense', array), marksOf('npyToDense', array, cells));
  return { ...target, data: target.data instanceof Float64Array ? target.data : Float64Array.from(target.data) };
}

/**
 * Observed target of an array of any dtype, entries in row-major order. Cells that hold NaN are missing, whatever else is said; so
 * are those that `known` or `missing` says are, whatever they hold. Cost O(N).
 *
 * @example
 * ```ts
 * import { npyToObserved, readNpy, writeNpy } from 'polyadic/io';
 *
 * const array = readNpy(writeNpy({ shape: [2, 2], data: Float64Array.of(1, 2, 3, NaN) }));
 * console.log(npyToObserved(array).count); // 3
 * ```
 * @throws InputError where no cell is known, for infinite values, and for marks that do not fit or were given the wrong way round.
 */
export function npyToObserved(array: NpyArray, cells: NpyCells = {}): ObservedTarget {
  const who = 'npyToObserved';
  requireArray(who, array);
  const { shape, data } = array;
  const marks = knownCells(who, shape, data, marksOf(who, array, cells));
  const isMissing = (at: number): boolean => marks?.[at] === 0 || Number.isNaN(data[at]);
  let count = 0;
  for (let at = 0; at < data.length; at++) {
    if (isMissing(at)) continue;
    count++;
    if (typeof data[at] === 'number' && !Number.isFinite(data[at])) {
      throw new InputError(
        `${who}: expected finite numbers, or NaN where a cell is missing, got ${data[at]} at index [${indexAt(at, shape).join(', ')}]. Mark it as NaN.`,
      );
    }
  }
  if (count === 0) {
    throw new InputError(
      `${who}: expected at least one known cell, got ${data.length === 0 ? 'an empty array' : 'missing ones alone'}. Give some values.`,
    );
  }
  const indices = new Uint32Array(count * shape.length);
  const values = new Float64Array(count);
  const index = new Uint32Array(shape.length);
  for (let at = 0, e = 0; at < data.length; at++) {
    if (!isMissing(at)) {
      indices.set(index, e * shape.length);
      const value = data[at]!;
      values[e++] = typeof value === 'bigint' ? exactNumber(who, value, at) : value;
    }
    advance(index, shape);
  }
  return observed(shape, indices, values);
}

/** The next multi-index in row-major order. */
function advance(index: Uint32Array, shape: readonly number[]): void {
  for (let k = shape.length - 1; k >= 0; k--) {
    if (++index[k]! < shape[k]!) return;
    index[k] = 0;
  }
}

/** The marks, which must have the shape of the array. */
function marksOf(who: string, { shape }: NpyArray, { known, missing }: NpyCells): KnownCells {
  const marks = (name: string, array: NpyArray): ArrayLike<number> => {
    if (array.shape.join() !== shape.join()) {
      throw new InputError(
        `${who}: expected ${name} to have the shape of the array, ${shape.join(' × ')}, got ${array.shape.join(' × ')}. Save one mark for each cell.`,
      );
    }
    return array.data instanceof BigInt64Array || array.data instanceof BigUint64Array
      ? Float64Array.from(array.data, Number)
      : array.data;
  };
  return {
    ...(known ? { known: marks('known', known) } : {}),
    ...(missing ? { missing: missing === 'nan' ? missing : marks('missing', missing) } : {}),
  };
}

/** The numbers of an array of any dtype. */
function float64Of(who: string, { data }: NpyArray): Float64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from({ length: data.length }, (_, at) => exactNumber(who, data[at]!, at))
    : Float64Array.from(data);
}

/** An integer of 64 bits as a float64 that is equal to it. */
function exactNumber(who: string, value: bigint, index: number): number {
  const number = Number(value);
  if (BigInt(number) !== value) {
    throw new InputError(
      `${who}: expected integers that float64 holds exactly, got ${value} at entry ${index}. Scale the data, or save it as float64.`,
    );
  }
  return number;
}
