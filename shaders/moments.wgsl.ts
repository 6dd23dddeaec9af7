// The Gaussian part of a fourth moment, E[⟨x, u⟩³ x] = 3 ‖u‖² u for standard normal x, taken out of a contraction: what is left of
// the moment of whitened samples is their fourth cumulant.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * Takes scale times the fourth moment of a standard normal vector out of a contraction with queries q_i:
 * contraction[b][i] −= 3 · scale · ‖q_i‖² q_i, strengths[b][i] −= 3 · scale · ‖q_i‖⁴. After contractFactored (order 4, the samples as
 * vectors, in as many chunks as they take) this leaves the fourth cumulant of whitened samples. `scale` is what the moment was
 * weighted with: 1 for the target's own contraction, −1 where it is subtracted from a model's. One invocation per row,
 * 4 · batch · rows · dim flops.
 */
export const subtractGaussian = defineKernel({
  name: 'subtractGaussian',
  bindings: {
    queries: read('[batch, rows, dim], queryStride apart'),
    contraction: readWrite('[batch, rows, dim]'),
    strengths: readWrite('[batch, rows]'),
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32', queryStride: 'u32', scale: 'f32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 4 * batch * rows * dim,
  body: () => wgsl`
  let query = (index / params.rows) * params.queryStride + (index % params.rows) * params.dim;
  let out = index * params.dim;
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { square += queries[query + k] * queries[query + k]; }
  let step = 3f * params.scale * square;
  for (var k = 0u; k < params.dim; k++) { contraction[out + k] -= step * queries[query + k]; }
  strengths[index] -= step * square;`,
});
