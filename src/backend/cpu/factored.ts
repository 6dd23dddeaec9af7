// Contraction of a symmetric tensor in factored form, and the vanilla gradient step. Twin of shaders/factored.wgsl.ts.
import type { ContractFactored, UpdateVanilla } from '../operations/factored.js';
import { numbers } from './arrays.js';

export function contractFactored(args: ContractFactored): void {
  const { order, batch, rows, columns, dim, queryStride, accumulate = false } = args;
  const [queries, vectors, weights] = [numbers(args.queries), numbers(args.vectors), numbers(args.weights)];
  const [contraction, strengths] = [numbers(args.contraction), numbers(args.strengths)];
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

export function updateVanilla(args: UpdateVanilla): void {
  const { order, batch, rows, columns, dim, contracted } = args;
  const [contraction, strengths, rates] = [numbers(args.contraction), numbers(args.strengths), numbers(args.rates)];
  const [vectors, weights] = [numbers(args.vectors), numbers(args.weights)];
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
