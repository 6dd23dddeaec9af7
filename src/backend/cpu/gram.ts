// Gram matrices. Twin of shaders/gram.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function gram(args: CpuArgs<'gram'>): void {
  const { batch, count, length, vectorStride, entryStride, outOffset, values, gram: products } = args;
  for (let b = 0; b < batch; b++) {
    for (let p = 0; p < count; p++) {
      for (let q = 0; q < count; q++) {
        const base = b * count * length;
        let sum = 0;
        for (let k = 0; k < length; k++) {
          sum +=
            values[base + p * vectorStride + k * entryStride]! * values[base + q * vectorStride + k * entryStride]!;
        }
        products[outOffset + (b * count + p) * count + q] = sum;
      }
    }
  }
}
