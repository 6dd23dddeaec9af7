// Sums in a fixed order, so that the same input gives the same bits on the same adapter.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * Sums of squares of runs of consecutive entries: partial[chunk, item] = Σ x² over the chunk's entries of batch item `item`.
 * One invocation per chunk, sequential: the rounding error is at most run · ε, relative to the sum.
 */
export const squareRuns = defineKernel({
  name: 'squareRuns',
  bindings: {
    values: read('[batch, length]'),
    partial: readWrite('[chunks, batch]'),
  },
  params: { batch: 'u32', length: 'u32', chunks: 'u32', run: 'u32' },
  invocations: ['chunks', 'batch'],
  work: ({ batch, length }) => 2 * batch * length,
  body: () => wgsl`
  let chunk = index % params.chunks;
  let item = index / params.chunks;
  let base = item * params.length;
  let first = chunk * params.run;
  let end = min(first + params.run, params.length);
  var sum = 0f;
  for (var k = first; k < end; k++) { let value = values[base + k]; sum += value * value; }
  partial[chunk * params.batch + item] = sum;`,
});

/** Sum over the leading axis: total[i] = Σ_s parts[s, i], added to what `total` holds if `accumulate` is 1. */
export const sumParts = defineKernel({
  name: 'sumParts',
  bindings: {
    parts: read('[count, length]'),
    total: readWrite('[length]'),
  },
  params: { count: 'u32', length: 'u32', accumulate: 'u32' },
  invocations: ['length'],
  work: ({ count, length }) => 2 * count * length,
  body: () => wgsl`
  var sum = 0f;
  if (params.accumulate == 1u) { sum = total[index]; }
  for (var s = 0u; s < params.count; s++) { sum += parts[s * params.length + index]; }
  total[index] = sum;`,
});
