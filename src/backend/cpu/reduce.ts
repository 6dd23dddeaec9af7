// Sums of squares. Twin of shaders/reduce.wgsl.ts.
import type { SumOfSquares } from '../operations/reduce.js';
import { numbers } from './arrays.js';

export function sumOfSquares({ batch, length, values, out, accumulate = false }: SumOfSquares): void {
  const [from, to] = [numbers(values), numbers(out)];
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let k = b * length; k < (b + 1) * length; k++) sum += from[k]! * from[k]!;
    to[b] = accumulate ? to[b]! + sum : sum;
  }
}
