// Column norms and column scaling of factor matrices: how a component's weight moves between the weights and one factor.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';

/** norms[c] = ‖factor[:, c]‖; one invocation a column. */
export const normsOfColumns = defineKernel({
  name: 'normsOfColumns',
  bindings: {
    factor: { access: 'read', of: 'f32', shape: '[batch, rows, rank]' },
    norms: { access: 'read_write', of: 'f32', shape: '[batch, rank]' },
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.batch * params.rank')}
  let at = (index / params.rank) * params.rows * params.rank + index % params.rank;
  var largest = 0f;
  for (var i = 0u; i < params.rows; i++) { largest = max(largest, abs(factor[at + i * params.rank])); }
  var sum = 0f;
  if (largest > 0f) {
    for (var i = 0u; i < params.rows; i++) { let value = factor[at + i * params.rank] / largest; sum += value * value; }
  }
  norms[index] = largest * sqrt(sum);
}`,
});

export interface ScaleColumnsVariant {
  readonly by: 'multiply' | 'divide';
}

/** factor[:, c] ·= or /= scales[c]; a column is left as it is where the divisor is 0. */
export const scaleFactorColumns = defineKernel({
  name: 'scaleFactorColumns',
  bindings: {
    scales: { access: 'read', of: 'f32', shape: '[batch, rank]' },
    factor: { access: 'read_write', of: 'f32', shape: '[batch, rows, rank]' },
  },
  params: { batch: 'u32', rows: 'u32', rank: 'u32' },
  workgroupSize: () => 64,
  body: ({ by }: ScaleColumnsVariant) => wgsl`
${invocationFor('params.batch * params.rows * params.rank')}
  let scale = scales[(index / (params.rows * params.rank)) * params.rank + index % params.rank];
#if ${by === 'multiply'}
  factor[index] *= scale;
#else
  if (scale > 0f) { factor[index] /= scale; }
#endif
}`,
});
