// Degeneracy of a CP model: two components that point opposite ways and cancel each other. Their norms can grow without bound while the
// error falls, and neither means anything by itself. It is told by the product of their cosines over all modes ("triple cosine"),
//   sign(w_r w_s) Π_n ⟨A_n[:, r], A_n[:, s]⟩ / (‖A_n[:, r]‖ ‖A_n[:, s]‖),   −1 where they are opposite.
// Kruskal, Harshman & Lundy, "How 3-MFA data can cause degenerate PARAFAC solutions, among other relationships", in Coppi & Bolasco (eds.),
// Multiway Data Analysis (1989); why there is no best fit then: de Silva & Lim, SIAM J. Matrix Anal. Appl. 30 (2008).
import { hadamard } from '../linalg/algebra.js';
import { toKruskal, type AnyKruskal } from '../tensor/kruskal.js';
import { columnProducts } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { requireModel } from '../tensor/require.js';

export interface Degeneracy {
  /** The most negative product of cosines of two components with their signs; 1 for fewer than two. */
  readonly cosine: number;
  /** The two components, by their numbers from 0; undefined for fewer than two. */
  readonly components: readonly [number, number] | undefined;
  /** Norm of the weaker of the two, in the units of the tensor. */
  readonly norm: number;
}

/**
 * The pair of components r, s of a model with the most negative cosine, sign(w_r w_s) Π_n cos(A_n[:, r], A_n[:, s]). From −0.85 down they
 * cancel each other, and `decompose` refuses such a rank; a norm many times that of the tensor says the same. Cost O(rank² · Σ shape).
 *
 * @example
 * ```ts
 * import { degeneracy, kruskal, matrix } from 'polyadic';
 *
 * const factor = matrix(2, 2, [1, 1, 0, 0.1]);
 * const { cosine, components } = degeneracy(kruskal([1, -1], [factor, factor, factor]));
 * if (cosine < -0.85) console.log(`components ${components} cancel each other`); // components 0,1 cancel each other
 * ```
 */
export function degeneracy(model: AnyKruskal): Degeneracy {
  requireModel('degeneracy', model);
  const { weights, factors } = normalize(toKruskal(model));
  const cosines = factors.map((factor) => columnProducts(factor, factor)).reduce(hadamard).data;
  let worst: Degeneracy = { cosine: 1, components: undefined, norm: 0 };
  weights.forEach((weight, r) => {
    for (let s = 0; s < r; s++) {
      const other = weights[s]!;
      const cosine = Math.sign(weight * other) * cosines[r * weights.length + s]!;
      if (worst.components && cosine >= worst.cosine) continue;
      worst = { cosine, components: [s, r], norm: Math.min(Math.abs(weight), Math.abs(other)) };
    }
  });
  return worst;
}
