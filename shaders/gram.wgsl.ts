// Gram matrices: inner products of all pairs of vectors, of rows or of columns alike (strides tell them apart).
//   gram[p, q] = Σ_k x[p, k] · x[q, k]
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';

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
${invocationFor('params.batch * params.count * params.count')}
  let pairs = params.count * params.count;
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
