// A lower bound for the rank of a factored symmetric target: the number of singular values of its unfolding into
// dim^p × dim^q, p + q = order, above a tolerance. The unfolding of a model of k components has rank at most k, so one with
// fewer components than the bound misses the target by more than the tolerance (Eckart & Young 1936): where a model has as
// many components as the bound, rank reduction has nothing to try. Comon, Golub, Lim, Mourrain, "Symmetric tensors and
// symmetric tensor rank", SIAM J. Matrix Anal. 30 (2008), sec. 4.
import { multiply } from '../../linalg/algebra.js';
import { symmetricEigen } from '../../linalg/eigen.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import type { Matrix } from '../../tensor/matrix.js';
import { componentGram } from '../../compaction/refit.js';

/** Components up to which the bound is computed; beyond, the eigenvalues cost more than they save. */
const largestTarget = 300;

/**
 * Components a model needs for a relative error below `tolerance`, at least; 0 where the target is too large to say.
 * The unfolding is A_p C A_qᵀ with the components' p-fold and q-fold products as columns; with A_pᵀA_p = VΛVᵀ its squared
 * singular values are the eigenvalues of Λ^½ Vᵀ (C G_q C) V Λ^½, G_q = A_qᵀA_q. They resolve 1e-7: tolerance ≥ 1e-6.
 */
export function rankBound(target: SymmetricKruskal, tolerance: number): number {
  const { order, weights, vectors } = target;
  const r = weights.length;
  if (r > largestTarget) return 0;
  const p = Math.floor(order / 2);
  const { values, vectors: basis } = symmetricEigen(componentGram(vectors, vectors, p));
  const outer = componentGram(vectors, vectors, order - p);
  // [r, r], row i: component i in the basis, times its weight.
  const rows = matrixFrom(r, (i, k) => weights[i]! * basis.data[i * r + k]! * Math.sqrt(Math.max(0, values[k]!)));
  const columns = matrixFrom(r, (k, i) => rows.data[i * r + k]!);
  const squares = symmetricEigen(multiply(columns, multiply(outer, rows))).values;
  const total = squares.reduce((sum, square) => sum + Math.max(0, square), 0);
  return squares.filter((square) => square > tolerance * tolerance * total).length;
}

function matrixFrom(size: number, entry: (i: number, j: number) => number): Matrix {
  const data = Float64Array.from({ length: size * size }, (_, at) => entry(Math.floor(at / size), at % size));
  return { rows: size, columns: size, data };
}
