// Contraction of a packed symmetric tensor with queries. Twin of shaders/dense-symmetric.wgsl.ts.
// Entry by entry, I = (i_1 ≤ … ≤ i_l): of the multiplicity(I) places of the full tensor that hold it, the share
// (occurrences of k in I) / l has k as its first index, and there the other indices contribute Π_{p} q[i_p] without one k.
import { forEachPacked, multiplicity, packedLength } from '../../tensor/symmetric.js';
import type { ContractSymmetric } from '../operations/dense-symmetric.js';
import { numbers } from './arrays.js';

export function contractSymmetric(args: ContractSymmetric): void {
  const { order, batch, rows, dim, queryStride, scale = 1, accumulate = false } = args;
  const [tensor, queries] = [numbers(args.tensor), numbers(args.queries)];
  const [contraction, strengths] = [numbers(args.contraction), numbers(args.strengths)];
  const packed = packedLength(order, dim);
  const tensorStride = tensor.length === packed ? 0 : packed;
  if (!accumulate) contraction.fill(0, 0, batch * rows * dim);
  forEachPacked(order, dim, (index, offset) => {
    const share = (scale * multiplicity(index)) / order;
    for (let b = 0; b < batch; b++) {
      const value = share * tensor[b * tensorStride + offset]!;
      for (let i = 0; i < rows; i++) {
        const query = b * queryStride + i * dim;
        const out = (b * rows + i) * dim;
        // An index that occurs twice adds its share twice.
        for (let p = 0; p < order; p++) {
          let product = value;
          for (let other = 0; other < order; other++) if (other !== p) product *= queries[query + index[other]!]!;
          contraction[out + index[p]!]! += product;
        }
      }
    }
  });
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      let strength = 0;
      for (let k = 0; k < dim; k++) {
        strength += contraction[(b * rows + i) * dim + k]! * queries[b * queryStride + i * dim + k]!;
      }
      strengths[b * rows + i] = strength;
    }
  }
}
