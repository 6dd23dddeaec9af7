// Contraction of a packed symmetric tensor with queries. Twin of shaders/dense-symmetric.wgsl.ts.
import { packedLength } from '../../tensor/symmetric.js';
import { contractPackedSteps } from '../../tensor/symmetric-contraction.js';
import type { Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* contractSymmetric(args: CpuArgs<'contractSymmetric'>): Work<void> {
  const { order, batch, rows, dim, queryStride, scale = 1, accumulate = false } = args;
  const { tensor, queries, contraction, strengths } = args;
  const packed = packedLength(order, dim);
  const tensorStride = tensor.length === packed ? 0 : packed;
  const own = new Float64Array(rows * dim);
  for (let b = 0; b < batch; b++) {
    const data = tensor.subarray(b * tensorStride, b * tensorStride + packed);
    const x = queries.subarray(b * queryStride, b * queryStride + rows * dim);
    yield* contractPackedSteps({ order, dim, data }, x, rows, own);
    for (let i = 0; i < rows; i++) {
      let strength = 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) {
        const at = b * rows * dim + k;
        contraction[at] = (accumulate ? contraction[at]! : 0) + scale * own[k]!;
        strength += contraction[at] * x[k]!;
      }
      strengths[b * rows + i] = strength;
    }
  }
}
