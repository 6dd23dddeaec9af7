// The Gaussian part of a fourth moment, E[⟨x, u⟩³ x] = 3 ‖u‖² u for standard normal x, taken out of a contraction: what is left of
// the moment of whitened samples is their fourth cumulant.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';

/** contraction[i] −= 3 · scale · ‖q_i‖² q_i, strengths[i] −= 3 · scale · ‖q_i‖⁴; one invocation a row. */
export const subtractGaussian = defineKernel({
  name: 'subtractGaussian',
  bindings: {
    queries: { access: 'read', of: 'f32', shape: '[batch, rows, dim], queryStride apart' },
    contraction: { access: 'read_write', of: 'f32', shape: '[batch, rows, dim]' },
    strengths: { access: 'read_write', of: 'f32', shape: '[batch, rows]' },
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32', queryStride: 'u32', scale: 'f32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.batch * params.rows')}
  let query = (index / params.rows) * params.queryStride + (index % params.rows) * params.dim;
  let out = index * params.dim;
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { square += queries[query + k] * queries[query + k]; }
  let step = 3f * params.scale * square;
  for (var k = 0u; k < params.dim; k++) { contraction[out + k] -= step * queries[query + k]; }
  strengths[index] -= step * square;
}`,
});
