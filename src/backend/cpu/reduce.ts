// Sums of squares. Twin of shaders/reduce.wgsl.ts.
import type { CpuArgs } from './arrays.js';

export function sumOfSquares(args: CpuArgs<'sumOfSquares'>): void {
  const { batch, length, values, out, accumulate = false } = args;
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let k = b * length; k < (b + 1) * length; k++) sum += values[k]! * values[k]!;
    out[b] = accumulate ? out[b]! + sum : sum;
  }
}
