// Gram matrices. Twin of shaders/gram.wgsl.ts.
import type { Gram } from '../operations/gram.js';
import { numbers } from './arrays.js';

export function gram({ batch, count, length, vectorStride, entryStride, values, gram: out, outOffset }: Gram): void {
  const [from, to] = [numbers(values), numbers(out)];
  for (let b = 0; b < batch; b++) {
    for (let p = 0; p < count; p++) {
      for (let q = 0; q < count; q++) {
        const base = b * count * length;
        let sum = 0;
        for (let k = 0; k < length; k++) {
          sum += from[base + p * vectorStride + k * entryStride]! * from[base + q * vectorStride + k * entryStride]!;
        }
        to[outOffset + (b * count + p) * count + q] = sum;
      }
    }
  }
}
