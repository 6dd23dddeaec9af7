// The known entries of a dense array in which some cells are missing: NaN, or marked in an array of the same shape.
import { InputError } from '../errors.js';
import { observed, type ObservedTarget } from '../targets/observed.js';
import { indexAt } from '../tensor/dense.js';
import { exactNumber, type NpyArray } from './npy.js';

/**
 * Observed target of an array of any dtype, entries in row-major order. `missing` marks more cells as missing: 1 where the value
 * is to be passed over, whatever it is, 0 elsewhere. Cost O(N).
 * @throws InputError where no cell is known, for infinite values, and for a mask of another shape or with other numbers.
 */
export function npyToObserved(array: NpyArray, missing?: NpyArray): ObservedTarget {
  const { shape, data } = array;
  if (missing) requireMask(array, missing);
  const isMissing = (at: number): boolean => Number(missing?.data[at] ?? 0) === 1 || Number.isNaN(data[at]);
  let count = 0;
  for (let at = 0; at < data.length; at++) {
    if (isMissing(at)) continue;
    count++;
    if (typeof data[at] === 'number' && !Number.isFinite(data[at])) {
      throw new InputError(
        `npyToObserved: expected finite numbers, or NaN where a cell is missing, got ${data[at]} at index [${indexAt(at, shape).join(', ')}]. Mark it as NaN.`,
      );
    }
  }
  if (count === 0) {
    throw new InputError(
      `npyToObserved: expected at least one known cell, got ${data.length === 0 ? 'an empty array' : 'missing ones alone'}. Give some values.`,
    );
  }
  const indices = new Uint32Array(count * shape.length);
  const values = new Float64Array(count);
  const index = new Uint32Array(shape.length);
  for (let at = 0, e = 0; at < data.length; at++) {
    if (!isMissing(at)) {
      indices.set(index, e * shape.length);
      const value = data[at]!;
      values[e++] = typeof value === 'bigint' ? exactNumber(value, at) : value;
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

function requireMask({ shape }: NpyArray, mask: NpyArray): void {
  if (mask.shape.join() !== shape.join()) {
    throw new InputError(
      `npyToObserved: expected a mask of the shape of the array, ${shape.join(' × ')}, got ${mask.shape.join(' × ')}. Save one number a cell.`,
    );
  }
  for (let at = 0; at < mask.data.length; at++) {
    const mark = Number(mask.data[at]);
    if (mark === 0 || mark === 1) continue;
    throw new InputError(
      `npyToObserved: expected a mask of 1 (missing) and 0 (known), got ${mark} at index [${indexAt(at, shape).join(', ')}]. Correct the mask.`,
    );
  }
}
