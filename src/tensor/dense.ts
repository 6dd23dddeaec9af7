// A dense tensor, row-major (C order, last index fastest), and the little algebra the host needs on it.
// Entry (i_0, …, i_{N−1}) is data[((i_0·shape[1] + i_1)·shape[2] + …)].
import { InputError } from '../errors.js';
import { requireSameShape } from './kruskal.js';
import type { Matrix } from './matrix.js';
import { finiteNumbers } from './numbers.js';
import { euclideanNorm } from './square-sum.js';
import { sizeOf } from './shape.js';
import { isInteger, requireCount, requireDense, requireForm, requireList, requireSizes } from './require.js';

export interface DenseTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/**
 * A checked dense tensor, `data` row-major: order ≥ 1, sizes ≥ 1, as many numbers as the shape asks for, all finite. Keeps typed float
 * arrays.
 *
 * @example
 * ```ts
 * import { denseTensor } from 'polyadic';
 *
 * const { shape, data } = denseTensor([2, 3], [1, 2, 3, 4, 5, 6]);
 * console.log(shape, data[3]); // [ 2, 3 ] 4
 * ```
 * @throws InputError when sizes do not fit, and naming the first number that is not finite.
 */
export function denseTensor(shape: readonly number[], data: ArrayLike<number>): DenseTensor {
  const who = 'denseTensor';
  requireSizes(who, shape);
  requireList(who, 'data', data);
  requireLength(who, shape, data.length);
  const place = (at: number): string => `at index [${indexAt(at, shape).join(', ')}]`;
  const remedy = 'Fill or remove missing entries first';
  return { shape: [...shape], data: finiteNumbers(data, { who, expected: 'finite numbers', place, remedy }) };
}

/**
 * The multi-index of a row-major offset, from 0 to Π shape − 1.
 *
 * @example
 * ```ts
 * import { indexAt } from 'polyadic';
 *
 * console.log(indexAt(4, [2, 3])); // [ 1, 1 ]
 * ```
 * @throws InputError for an offset outside of the shape.
 */
export function indexAt(offset: number, shape: readonly number[]): number[] {
  requireSizes('indexAt', shape);
  const index = shape.map(() => 0);
  let rest = offset;
  for (let k = shape.length - 1; k >= 0; k--) {
    index[k] = rest % shape[k]!;
    rest = Math.floor(rest / shape[k]!);
  }
  // A negative offset leaves −1.
  const expected = `an integer from 0 to ${sizeOf(shape) - 1}`;
  requireForm('indexAt', offset, isInteger(offset) && rest === 0, { name: 'offset', expected });
  return index;
}

/** Throws unless the sizes are integers ≥ 1 and there are as many numbers as they ask for. */
export function requireLength(who: string, shape: readonly number[], length: number): void {
  if (shape.length === 0) {
    throw new InputError(`${who}: expected at least one mode, got the empty shape []. Give the sizes per mode.`);
  }
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new InputError(
        `${who}: expected sizes that are integers ≥ 1, got [${shape.join(', ')}]. Drop the empty mode, or correct the shape.`,
      );
    }
  }
  requireCount(who, shape, length);
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
  const inner = sizeOf(shape.slice(mode + 1));
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

/**
 * Frobenius norm, √(Σ data²), for entries of any size.
 *
 * @example
 * ```ts
 * import { denseNorm, denseTensor } from 'polyadic';
 *
 * console.log(denseNorm(denseTensor([2, 2], [1, 1, 1, 1]))); // 2
 * ```
 */
export function denseNorm(tensor: DenseTensor): number {
  requireDense('denseNorm', tensor);
  return euclideanNorm(tensor.data);
}

/** a − b in float64. */
export function subtract(a: DenseTensor, b: DenseTensor): DenseTensor {
  requireSameShape('subtract', a.shape, b.shape);
  return { shape: a.shape, data: Float64Array.from(a.data, (value, i) => value - b.data[i]!) };
}
