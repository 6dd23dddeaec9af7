// Norms of the components of a Kruskal tensor, and how evenly the modes share them.
//   norm_r = ‖λ_r ⊗_n w_r^n‖ = |λ_r| Π_n ‖w_r^n‖          unbalancedness = max_r max_{n, m} | ‖w_r^n‖² − ‖w_r^m‖² |
// A run from a tiny start has its norms rise one after the other. Razin, Maman & Cohen, "Implicit regularization in tensor
// factorization", ICML 2021: gradient flow keeps the differences ‖w_r^n‖² − ‖w_r^m‖², so what starts balanced stays balanced.
import { toKruskal } from '../tensor/kruskal.js';
import type { AnyKruskal, Kruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { requireKruskal, requireModel } from '../tensor/require.js';

/**
 * `[rank]`: the Frobenius norm of every component, |weights[r]| Π_n ‖factors[n][:, r]‖, in their order. O(rank · Σ shape).
 *
 * @example
 * ```ts
 * import { componentNorms, kruskal, matrix } from 'polyadic';
 *
 * console.log(componentNorms(kruskal([-3], [matrix(2, 1, [0, 1]), matrix(2, 1, [0, 2])]))); // Float64Array(1) [ 6 ]
 * ```
 */
export function componentNorms(model: AnyKruskal): Float64Array {
  requireModel('componentNorms', model);
  const { weights, factors } = toKruskal(model);
  const norms = weights.map(Math.abs);
  for (const factor of factors) columnNorms(factor).forEach((norm, r) => (norms[r]! *= norm));
  return norms;
}

/**
 * max_r max_{n, m} | ‖w_r^n‖² − ‖w_r^m‖² | over the columns of the factors, the weights left aside; 0 where every component has
 * equally long columns. The unbalancedness magnitude of Razin, Maman & Cohen (2021, definition 1). O(rank · Σ shape).
 *
 * @example
 * ```ts
 * import { kruskal, matrix, unbalancedness } from 'polyadic';
 *
 * console.log(unbalancedness(kruskal([1], [matrix(2, 1, [0, 1]), matrix(2, 1, [0, 2])]))); // 3
 * ```
 */
export function unbalancedness(model: Kruskal): number {
  requireKruskal('unbalancedness', model);
  const { weights, factors } = model;
  const norms = factors.map(columnNorms);
  return weights.reduce((worst, _, r) => {
    const squares = norms.map((norm) => norm[r]! ** 2);
    return Math.max(worst, Math.max(...squares) - Math.min(...squares));
  }, 0);
}

/** `[columns]`: ‖column‖ of each, scaled by its largest entry first, so that no square overflows or vanishes. */
export function columnNorms({ rows, columns, data }: Matrix): Float64Array {
  return Float64Array.from({ length: columns }, (_, c) => {
    let largest = 0;
    for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(data[i * columns + c]!));
    if (largest === 0) return 0;
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += (data[i * columns + c]! / largest) ** 2;
    return largest * Math.sqrt(sum);
  });
}
