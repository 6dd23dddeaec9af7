// The Gaussian part of a fourth moment. Twin of shaders/moments.wgsl.ts.
import type { SubtractGaussian } from '../operations/moments.js';
import { numbers } from './arrays.js';

export function subtractGaussian(args: SubtractGaussian): void {
  const { batch, rows, dim, queryStride, scale } = args;
  const queries = numbers(args.queries);
  const [contraction, strengths] = [numbers(args.contraction), numbers(args.strengths)];
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
