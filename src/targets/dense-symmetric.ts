// A symmetric tensor as a target, every entry known, each stored once (src/tensor/symmetric.ts).
import { symmetricFor, type SymmetricTensor } from '../tensor/symmetric.js';
import { InputError } from '../errors.js';
import { shown } from '../names.js';
import { isObject } from '../tensor/require.js';

export interface DenseSymmetricTarget extends SymmetricTensor {
  readonly kind: 'denseSymmetric';
}

/**
 * A symmetric target from packed entries: the C(dim + order − 1, order) ascending indices i_1 ≤ … ≤ i_l, at Σ_p C(i_p + p − 1, p)
 * (order 2: the lower triangle, row by row), or from what packSymmetric makes of a dense tensor. Order 2 to 8.
 *
 * @example
 * ```ts
 * import { decompose, denseSymmetric } from 'polyadic';
 *
 * // 2 e₀⊗e₀⊗e₀ + e₁⊗e₁⊗e₁: entries (0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1).
 * const { rank } = await decompose(denseSymmetric(3, 2, [2, 0, 0, 1]));
 * console.log(rank); // 2
 * ```
 * @throws InputError when the number of entries does not fit, naming the first entry that is NaN or infinite.
 */
export function denseSymmetric(order: number, dim: number, data: ArrayLike<number>): DenseSymmetricTarget;
export function denseSymmetric(tensor: SymmetricTensor): DenseSymmetricTarget;
export function denseSymmetric(
  first: number | SymmetricTensor,
  dim = 0,
  data: ArrayLike<number> = [],
): DenseSymmetricTarget {
  if (typeof first !== 'number' && !isObject(first)) {
    throw new InputError(
      `denseSymmetric: expected an order and dim, or a packed tensor, got ${shown(first)}. Give denseSymmetric(order, dim, data).`,
    );
  }
  const { order, ...rest } = typeof first === 'number' ? { order: first, dim, data } : first;
  return { kind: 'denseSymmetric', ...symmetricFor('denseSymmetric', order, rest.dim, rest.data) };
}
