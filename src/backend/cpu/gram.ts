// Gram matrices. Twin of shaders/gram.wgsl.ts.
import { addProductSteps, stridedAxis } from '../../linalg/matrix-product.js';
import type { MaybeWork, Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

/** Flops of a batch item below which plain loops take less time than to make a product of matrices of it. */
const smallItem = 2e4;

export function gram(args: CpuArgs<'gram'>): MaybeWork<void> {
  const { batch, count, length } = args;
  if (2 * count * count * length > smallItem) return gramByProduct(args);
  for (let b = 0; b < batch; b++) gramOfItem(args, b);
}

function gramOfItem(
  { count, length, vectorStride, entryStride, outOffset, values, gram: products }: CpuArgs<'gram'>,
  b: number,
): void {
  const base = b * count * length;
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < count; q++) {
      let sum = 0;
      for (let k = 0; k < length; k++) {
        sum += values[base + p * vectorStride + k * entryStride]! * values[base + q * vectorStride + k * entryStride]!;
      }
      products[outOffset + (b * count + p) * count + q] = sum;
    }
  }
}

function* gramByProduct(args: CpuArgs<'gram'>): Work<void> {
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
