// Gram matrices. Twin of shaders/gram.wgsl.ts.
import { addProductSteps, stridedAxis } from '../../linalg/matrix-product.js';
import type { Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* gram(args: CpuArgs<'gram'>): Work<void> {
  const { batch, count, length, vectorStride, entryStride, outOffset, values, gram: products } = args;
  const lanes = stridedAxis(count, vectorStride);
  const depth = stridedAxis(length, entryStride);
  for (let b = 0; b < batch; b++) {
    const at = outOffset + b * count * count;
    const vectors = { data: values, at: b * count * length, lanes, depth };
    products.fill(0, at, at + count * count);
    const out = { data: products, at, lanes: stridedAxis(count, count), depth: stridedAxis(count, 1) };
    yield* addProductSteps(out, vectors, vectors, { lower: true });
    for (let p = 0; p < count; p++) {
      for (let q = 0; q < p; q++) products[at + q * count + p] = products[at + p * count + q]!;
    }
  }
}
