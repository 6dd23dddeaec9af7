// Contraction of a symmetric tensor in factored form, and the vanilla gradient step. Twin of shaders/factored.wgsl.ts.
//   G = Q·Vᵀ,   P = G^(order − 1)·diag(weights) entry by entry,   contraction = P·V,   strength = Σ_j P ∘ G
// for a strip of queries after the other: two products of matrices. Small ones entry by entry.
import { addProductSteps, columnsOf, rowsOf } from '../../linalg/matrix-product.js';
import { isPauseDue, type MaybeWork, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

/** Entries of G at a time, 1 MiB. */
const stripEntries = 2 ** 17;

/** Flops of a batch item below which plain loops take less time than to make products of matrices of it. */
const smallItem = 4e4;

export function contractFactored(args: CpuArgs<'contractFactored'>): MaybeWork<void> {
  const { batch, rows, columns, dim, accumulate = false, contraction, strengths } = args;
  if (!accumulate) {
    contraction.fill(0, 0, batch * rows * dim);
    strengths.fill(0, 0, batch * rows);
  }
  if (4 * rows * columns * dim > smallItem) return contractTogether(args);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) contractRow(args, b, i);
  }
}

/** One query with one vector after the other. */
function contractRow(args: CpuArgs<'contractFactored'>, b: number, i: number): void {
  const { order, rows, columns, dim, queryStride, queries, vectors, weights, contraction, strengths } = args;
  const query = b * queryStride + i * dim;
  const out = (b * rows + i) * dim;
  let strength = 0;
  for (let j = 0; j < columns; j++) {
    const vector = (b * columns + j) * dim;
    let g = 0;
    for (let k = 0; k < dim; k++) g += queries[query + k]! * vectors[vector + k]!;
    let p = weights[b * columns + j]!;
    for (let k = 1; k < order; k++) p *= g;
    strength += p * g;
    for (let k = 0; k < dim; k++) contraction[out + k]! += p * vectors[vector + k]!;
  }
  strengths[b * rows + i]! += strength;
}

function* contractTogether(args: CpuArgs<'contractFactored'>): Work<void> {
  const { order, batch, rows, columns, dim, queryStride } = args;
  const { queries, vectors, weights, contraction, strengths } = args;
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
