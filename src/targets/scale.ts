// The size of a target, and the target made to unit size: descent and float32 both want numbers near 1, whatever the units of
// the data. Scales are powers of two, so that scaling and unscaling are exact.
import { largestComponent } from './factored.js';
import type { MomentsTarget } from './moments.js';
import type { Target } from './target.js';

/**
 * The power of two that brings the target's largest entry (factored: component; moments: a sample's root mean square) to between
 * 1 and 2; 1 for a zero target, and for cumulants, whose samples are white.
 */
export function scaleOf(target: Target): number {
  switch (target.kind) {
    case 'factored':
      return powerOfTwo(largestComponent(target));
    case 'moments':
      return target.cumulant ? 1 : powerOfTwo(sampleSize(target)) ** target.order;
    default:
      return powerOfTwo(largestEntry(target.data));
  }
}

/** factor · target, for a factor that is 1 / scaleOf(target). */
export function scaleTarget<T extends Target>(target: T, factor: number): T {
  if (factor === 1) return target;
  switch (target.kind) {
    case 'dense':
    case 'denseSymmetric':
      return { ...target, data: Float64Array.from(target.data, (value) => value * factor) };
    case 'factored':
      return { ...target, weights: target.weights.map((weight) => weight * factor) };
    case 'moments': {
      // By the samples, not the weights: their powers are what leaves float32.
      const root = 2 ** Math.round(Math.log2(factor) / target.order);
      const data = target.samples.data.map((value) => value * root);
      return { ...target, samples: { ...target.samples, data } };
    }
    default:
      return target satisfies never;
  }
}

const powerOfTwo = (size: number): number => (size > 0 ? 2 ** Math.floor(Math.log2(size)) : 1);

function largestEntry(data: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]!));
  return largest;
}

function sampleSize({ samples, dim }: MomentsTarget): number {
  let sum = 0;
  for (const value of samples.data) sum += value * value;
  return Math.sqrt(sum / (samples.rows * dim));
}
