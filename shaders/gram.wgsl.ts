// Gram matrices: inner products of all pairs of vectors, of rows or of columns alike (strides tell them apart).
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/** gram[b][p, q] = ⟨vector p, vector q⟩ of batch item b, written from entry `outOffset` on; one invocation per pair. */
export const gram = defineKernel({
  name: 'gram',
  bindings: {
    values: read('[batch, count · length], vector p, entry k at p · vectorStride + k · entryStride'),
    gram: readWrite('[batch, count, count], from entry outOffset'),
  },
  params: { batch: 'u32', count: 'u32', length: 'u32', vectorStride: 'u32', entryStride: 'u32', outOffset: 'u32' },
  invocations: ['batch', 'count', 'count'],
  body: () => wgsl`
  let pairs = params.count * params.count;
  let base = (index / pairs) * params.count * params.length;
  let p = base + ((index % pairs) / params.count) * params.vectorStride;
  let q = base + (index % params.count) * params.vectorStride;
  var sum = 0f;
  for (var k = 0u; k < params.length; k++) {
    sum += values[p + k * params.entryStride] * values[q + k * params.entryStride];
  }
  gram[params.outOffset + index] = sum;`,
});
