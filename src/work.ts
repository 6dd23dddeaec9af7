// What a step of a search costs, in flops, by the formula: what backends and finishes are chosen by.
import { packedLength } from './tensor/symmetric.js';
import type { Target } from './targets/target.js';

/** Of one step (ALS: sweep) of all starts with `width` components. */
export function flopsOfStep(target: Target, width: number, starts: number): number {
  switch (target.kind) {
    case 'dense':
      return 4 * target.shape.length * target.data.length * width * starts;
    case 'factored':
      return 4 * width * (width + target.weights.length) * target.dim * starts;
    case 'denseSymmetric':
      return packedFlops(target.order, target.dim, width) * starts;
    case 'moments': {
      const streamed = 4 * width * target.samples.rows * target.dim;
      return Math.min(streamed, packedFlops(target.order, target.dim, width)) * starts;
    }
    default:
      return target satisfies never;
  }
}

const packedFlops = (order: number, dim: number, width: number): number =>
  2 * width * dim * packedLength(order - 1, dim);

/**
 * Flops of a step below which the CPU is quicker than a GPU: the 300 steps of a usual search take it 0.3 s at 1 GFLOP/s, about
 * what opening a device, compiling its kernels and sending the steps take.
 */
const smallStep = 1e6;

export const isSmall = (flops: number): boolean => flops <= smallStep;
