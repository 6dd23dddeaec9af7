// Inner product and norm of Kruskal tensors by their Gram matrices, in float64, without forming the tensors:
//   ⟨A, B⟩ = Σ_{r,s} a_r · b_s · Π_k ⟨A_k[:, r], B_k[:, s]⟩        (symmetric: ⟨u_r, v_s⟩^order)
// Kolda & Bader 2009, section 3.2. Used by norms, the Gram formula of the relative error, and generators.
import { isSymmetric, requireSameShape, shapeOf, toKruskal } from './kruskal.js';
import type { AnyKruskal } from './kruskal.js';
import { columnProducts, rowProducts } from './matrix.js';

/** ⟨A, B⟩, either kind with either kind. Cost O(rank_A · rank_B · Σ shape); symmetric: O(rank_A · rank_B · dim). */
export function innerProduct(a: AnyKruskal, b: AnyKruskal): number {
  requireSameShape('innerProduct', shapeOf(a), shapeOf(b));
  const products = componentProducts(a, b);
  const columns = b.weights.length;
  let sum = 0;
  a.weights.forEach((weight, r) => {
    let row = 0;
    for (let s = 0; s < columns; s++) row += (b.weights[s] as number) * (products[r * columns + s] as number);
    sum += weight * row;
  });
  return sum;
}

/** Frobenius norm, √⟨A, A⟩. Below √ε·(largest component) it is rounding: components that cancel leave that much. */
export function norm(model: AnyKruskal): number {
  return Math.sqrt(Math.max(0, innerProduct(model, model)));
}

/** Inner products of the components without their weights, [rank_A, rank_B] row-major. */
function componentProducts(a: AnyKruskal, b: AnyKruskal): Float64Array {
  if (isSymmetric(a) && isSymmetric(b)) {
    return rowProducts(a.vectors, b.vectors).data.map((product) => product ** a.order);
  }
  const left = toKruskal(a);
  const right = toKruskal(b);
  const out = new Float64Array(left.weights.length * right.weights.length).fill(1);
  left.factors.forEach((factor, mode) => {
    const other = right.factors[mode];
    if (other === undefined) return;
    const products = columnProducts(factor, other).data;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) * (products[i] as number);
  });
  return out;
}
