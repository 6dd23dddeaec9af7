// The Gaussian part of a fourth moment. Twin of shaders/moments.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function subtractGaussian(args: CpuArgs<'subtractGaussian'>): void {
  const { batch, rows, dim, queryStride, scale, queries, contraction, strengths } = args;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      const query = b * queryStride + i * dim;
      const out = (b * rows + i) * dim;
      let square = 0;
      for (let k = 0; k < dim; k++) square += queries[query + k]! ** 2;
      for (let k = 0; k < dim; k++) contraction[out + k]! -= 3 * scale * square * queries[query + k]!;
      strengths[b * rows + i]! -= 3 * scale * square ** 2;
    }
  }
}
