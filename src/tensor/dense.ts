// A dense tensor, row-major (C order, last index fastest), and the little algebra the host needs on it.
// Entry (i_0, …, i_{N−1}) is data[((i_0·shape[1] + i_1)·shape[2] + …)].
import { InputError } from '../errors.js';
import { requireSameShape } from './kruskal.js';
import type { Matrix } from './matrix.js';

export interface DenseTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/** Checked constructor: order ≥ 1, sizes ≥ 1, as many numbers as the shape asks for, all finite. Keeps typed float arrays. */
export function denseTensor(shape: readonly number[], data: ArrayLike<number>): DenseTensor {
  const count = checkedSize(shape);
  if (data.length !== count) {
    throw new InputError(
      `denseTensor: expected ${count} numbers for shape [${shape.join(', ')}], got ${data.length}. Give the entries in row-major order.`,
    );
  }
  const kept = data instanceof Float64Array || data instanceof Float32Array ? data : Float64Array.from(data);
  const bad = kept.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(
      `denseTensor: expected finite numbers, got ${kept[bad]} at index [${indexAt(bad, shape).join(', ')}]. Fill or remove missing entries first.`,
    );
  }
  return { shape: [...shape], data: kept };
}

/** The multi-index of a row-major offset. */
export function indexAt(offset: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  let rest = offset;
  for (let k = shape.length - 1; k >= 0; k--) {
    index[k] = rest % shape[k]!;
    rest = Math.floor(rest / shape[k]!);
  }
  return index;
}

function checkedSize(shape: readonly number[]): number {
  if (shape.length === 0) {
    throw new InputError('denseTensor: expected at least one mode, got the empty shape []. Give the sizes per mode.');
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new InputError(
        `denseTensor: expected sizes that are integers ≥ 1, got [${shape.join(', ')}]. Drop the empty mode, or correct the shape.`,
      );
    }
    count *= size;
  }
  return count;
}

/**
 * Matricization: row i holds all entries whose index in `mode` is i, the other indices in row-major order (last fastest).
 * Then unfold(model, mode) = factors[mode] · diag(weights) · (Khatri–Rao of the other factors, in mode order)ᵀ.
 * Kolda & Bader let the first remaining index run fastest; the columns are the same, in another order. Cost O(N).
 */
export function unfold(tensor: DenseTensor, mode: number): Matrix {
  const { shape, data } = tensor;
  const rows = shape[mode];
  if (rows === undefined) {
    throw new InputError(`unfold: expected a mode from 0 to ${shape.length - 1}, got ${mode}. Modes count from 0.`);
  }
  const inner = shape.slice(mode + 1).reduce((product, size) => product * size, 1);
  const outer = data.length / (rows * inner);
  const columns = outer * inner;
  const out = new Float64Array(data.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < rows; i++) {
      const from = (o * rows + i) * inner;
      out.set(data.subarray(from, from + inner), i * columns + o * inner);
    }
  }
  return { rows, columns, data: out };
}

/** Frobenius norm, summed in float64; in units of the largest entry where squares would leave the range of floats. */
export function denseNorm({ data }: DenseTensor): number {
  const sum = sumOfSquares(data, 1);
  if (sum > safeSquares && sum < Infinity) return Math.sqrt(sum);
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest > 0 ? largest * Math.sqrt(sumOfSquares(data, largest)) : 0;
}

/** A sum of squares above this has lost nothing to underflow. */
const safeSquares = 1e-280;

function sumOfSquares(data: DenseTensor['data'], unit: number): number {
  let sum = 0;
  for (const value of data) sum += (value / unit) ** 2;
  return sum;
}

/** a − b in float64. */
export function subtract(a: DenseTensor, b: DenseTensor): DenseTensor {
  requireSameShape('subtract', a.shape, b.shape);
  return { shape: a.shape, data: Float64Array.from(a.data, (value, i) => value - (b.data[i] as number)) };
}
