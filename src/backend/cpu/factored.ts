// Contraction of a symmetric tensor in factored form, and the vanilla gradient step. Twin of shaders/factored.wgsl.ts.
//   G = Q·Vᵀ,   P = G^(order − 1)·diag(weights) entry by entry,   contraction = P·V,   strength = Σ_j P ∘ G
// for a strip of queries after the other: two products of matrices.
import { addProductSteps, columnsOf, rowsOf } from '../../linalg/matrix-product.js';
import { isPauseDue, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

/** Entries of G at a time, 1 MiB. */
const stripEntries = 2 ** 17;

export function* contractFactored(args: CpuArgs<'contractFactored'>): Work<void> {
  const { order, batch, rows, columns, dim, queryStride, accumulate = false } = args;
  const { queries, vectors, weights, contraction, strengths } = args;
  if (!accumulate) {
    contraction.fill(0, 0, batch * rows * dim);
    strengths.fill(0, 0, batch * rows);
  }
  const strip = Math.max(1, Math.min(rows, Math.floor(stripEntries / Math.max(1, columns))));
  const products = new Float64Array(strip * columns);
  for (let b = 0; b < batch; b++) {
    const ofItem = weights.subarray(b * columns, (b + 1) * columns);
    for (let first = 0; first < rows; first += strip) {
      const count = Math.min(strip, rows - first);
      const at = b * columns * dim;
      const inner = rowsOf(products, count, columns);
      products.fill(0);
      yield* addProductSteps(
        inner,
        rowsOf(queries, count, dim, b * queryStride + first * dim),
        rowsOf(vectors, columns, dim, at),
      );
      for (let i = 0; i < count; i++) {
        strengths[b * rows + first + i]! += weighByPower(products, i * columns, ofItem, order);
      }
      if (isPauseDue(2 * order * count * columns)) yield;
      const out = rowsOf(contraction, count, dim, (b * rows + first) * dim);
      yield* addProductSteps(out, inner, columnsOf(vectors, columns, dim, at));
    }
  }
}

/** g ← weight · g^(order − 1) for the inner products of one query, and their sum times g. */
function weighByPower(products: Float64Array, at: number, weights: Float64Array, order: number): number {
  let strength = 0;
  for (let j = 0; j < weights.length; j++) {
    const g = products[at + j]!;
    let power = 1;
    for (let k = 1; k < order; k++) power *= g;
    const p = weights[j]! * power;
    strength += p * g;
    products[at + j] = p;
  }
  return strength;
}

export function updateVanilla(args: CpuArgs<'updateVanilla'>): void {
  const { order, batch, rows, columns, dim, contracted } = args;
  const { contraction, strengths, rates, vectors, weights } = args;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      const component = b * columns + i;
      const index = b * contracted + i;
      const step = rates[b]! * order * weights[component]!;
      for (let k = 0; k < dim; k++) vectors[component * dim + k]! -= step * contraction[index * dim + k]!;
      weights[component]! -= rates[b]! * strengths[index]!;
    }
  }
}
