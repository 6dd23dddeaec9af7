// Components that cancel each other: the sign that a tensor has no best model of this rank (its error is an infimum that no model
// reaches; de Silva & Lim, "Tensor rank and the ill-posedness of the best low-rank approximation problem", SIAM J. Matrix Anal.
// Appl. 30, 2008). As a fit comes closer, two components grow without bound, in nearly opposite directions of tensor space.
import { norm } from '../tensor/inner-product.js';
import { rankOf, toKruskal, type AnyKruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';

/** ⟨component i, component j⟩ / (‖component i‖ ‖component j‖) below which two components are nearly opposite. */
const oppositeCosine = -0.85;

/** Whether two components are each larger than the whole model and nearly opposite. Cost O(rank² · Σ shape). */
export function hasCancelingPair(model: AnyKruskal): boolean {
  const whole = norm(model);
  const { weights, factors } = normalize(toKruskal(model));
  const rank = rankOf(model);
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.min(Math.abs(weights[i]!), Math.abs(weights[j]!)) < whole) continue;
      let cosine = Math.sign(weights[i]! * weights[j]!);
      for (const { rows, columns, data } of factors) {
        let product = 0;
        for (let row = 0; row < rows; row++) product += data[row * columns + i]! * data[row * columns + j]!;
        cosine *= product;
      }
      if (cosine < oppositeCosine) return true;
    }
  }
  return false;
}
