// Contraction of a symmetric tensor in factored form, and the vanilla gradient step. Twin of shaders/factored.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function contractFactored(args: CpuArgs<'contractFactored'>): void {
  const { order, batch, rows, columns, dim, queryStride, accumulate = false } = args;
  const { queries, vectors, weights, contraction, strengths } = args;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      const query = b * queryStride + i * dim;
      const out = (b * rows + i) * dim;
      if (!accumulate) contraction.fill(0, out, out + dim);
      let strength = accumulate ? strengths[b * rows + i]! : 0;
      for (let j = 0; j < columns; j++) {
        const vector = (b * columns + j) * dim;
        let g = 0;
        for (let k = 0; k < dim; k++) g += queries[query + k]! * vectors[vector + k]!;
        const p = weights[b * columns + j]! * power(g, order - 1);
        strength += p * g;
        for (let k = 0; k < dim; k++) contraction[out + k]! += p * vectors[vector + k]!;
      }
      strengths[b * rows + i] = strength;
    }
  }
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

function power(base: number, exponent: number): number {
  let result = 1;
  for (let k = 0; k < exponent; k++) result *= base;
  return result;
}
