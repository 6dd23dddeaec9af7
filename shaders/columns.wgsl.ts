// Column norms and column scaling of factor matrices: how a component's weight moves between the weights and one factor.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/** norms[b, c] = ‖factor[b, :, c]‖; one invocation per column. */
export const columnNorms = defineKernel({
  name: 'columnNorms',
  bindings: {
    factor: read('[batch, rows, rank]'),
    norms: readWrite('[batch, rank]'),
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32' },
  invocations: ['batch', 'rank'],
  work: ({ batch, rows, rank }) => 4 * batch * rows * rank,
  body: () => wgsl`
  let at = (index / params.rank) * params.rows * params.rank + index % params.rank;
  var largest = 0f;
  for (var i = 0u; i < params.rows; i++) { largest = max(largest, abs(factor[at + i * params.rank])); }
  var sum = 0f;
  if (largest > 0f) {
    for (var i = 0u; i < params.rows; i++) { let value = factor[at + i * params.rank] / largest; sum += value * value; }
  }
  norms[index] = largest * sqrt(sum);`,
});

export interface ScaleColumnsVariant {
  readonly by: 'multiply' | 'divide';
}

/** factor[b, :, c] ·= or /= scales[b, c]; a column is left as it is where the divisor is 0. */
export const scaleColumns = defineKernel({
  name: 'scaleColumns',
  bindings: {
    scales: read('[batch, rank]'),
    factor: readWrite('[batch, rows, rank]'),
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32' },
  variants: () => (['multiply', 'divide'] as const).map((by) => ({ by })),
  invocations: ['batch', 'rows', 'rank'],
  body: ({ by }: ScaleColumnsVariant) => wgsl`
  let scale = scales[(index / (params.rows * params.rank)) * params.rank + index % params.rank];
#if ${by === 'multiply'}
  factor[index] *= scale;
#else
  if (scale != 0f) { factor[index] /= scale; }
#endif`,
});
