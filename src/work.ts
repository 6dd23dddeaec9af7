// What a step of a search costs, in flops, by the formula: what backends and finishes are chosen by.
import { packedLength } from './tensor/symmetric.js';
import type { SensingTarget } from './targets/sensing.js';
import type { Target } from './targets/target.js';

/** Of one step (ALS: sweep) of all starts with `width` components. */
export function flopsOfStep(target: Target, width: number, starts: number): number {
  switch (target.kind) {
    case 'dense':
      return 4 * target.shape.length * target.data.length * width * starts;
    case 'observed':
      return (5 * target.shape.length - 2) * target.count * width * starts;
    case 'sensing':
      return measuringFlops(target, width) * starts;
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

function measuringFlops({ shape, count, measurements }: SensingTarget, width: number): number {
  if (measurements.kind === 'dense')
    return (6 * width + 4 * count) * shape.reduce((product, rows) => product * rows, 1);
  return 4 * count * measurements.terms * width * shape.reduce((sum, rows) => sum + rows, 0);
}

const packedFlops = (order: number, dim: number, width: number): number =>
  2 * width * dim * packedLength(order - 1, dim);

/**
 * Flops of a step below which the CPU is quicker than a GPU: the 300 steps of a usual search take it 0.3 s at 1 GFLOP/s, about
 * what opening a device, compiling its kernels and sending the steps take.
 */
const smallStep = 1e6;

export const isSmall = (flops: number): boolean => flops <= smallStep;
