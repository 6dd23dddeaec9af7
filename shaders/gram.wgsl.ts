// Gram matrices: inner products of all pairs of vectors, of rows or of columns alike (strides tell them apart).
//   gram[p, q] = Σ_k x[p, k] · x[q, k]
import { defineKernel, wgsl } from './kernel.js';

export const gramOfVectors = defineKernel({
  name: 'gramOfVectors',
  bindings: {
    values: {
      access: 'read',
      of: 'f32',
      shape: '[batch, count · length], vector p, entry k at p · vectorStride + k · entryStride',
    },
    gram: { access: 'read_write', of: 'f32', shape: '[batch, count, count], from entry outOffset' },
  },
  params: { batch: 'u32', count: 'u32', length: 'u32', vectorStride: 'u32', entryStride: 'u32', outOffset: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
@compute @workgroup_size(workgroupSize)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = groupIndex(workgroup, workgroups) * workgroupSize + lane;
  let pairs = params.count * params.count;
  if (index >= params.batch * pairs) { return; }
  let base = (index / pairs) * params.count * params.length;
  let p = base + ((index % pairs) / params.count) * params.vectorStride;
  let q = base + (index % params.count) * params.vectorStride;
  var sum = 0f;
  for (var k = 0u; k < params.length; k++) {
    sum += values[p + k * params.entryStride] * values[q + k * params.entryStride];
  }
  gram[params.outOffset + index] = sum;
}`,
});
