// The size of a target, and the target made to unit size: descent and float32 both want numbers near 1, whatever the units of
// the data. Scales are powers of two, so that scaling and unscaling are exact.
import { largestComponent } from './factored.js';
import type { Target } from './target.js';

/** The power of two that brings the target's largest entry (factored: component) to between 1 and 2; 1 for a zero target. */
export function scaleOf(target: Target): number {
  const largest = largestOf(target);
  return largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1;
}

/** factor · target */
export function scaleTarget<T extends Target>(target: T, factor: number): T {
  if (factor === 1) return target;
  switch (target.kind) {
    case 'dense':
      return { ...target, data: Float64Array.from(target.data, (value) => value * factor) };
    case 'factored':
      return { ...target, weights: target.weights.map((weight) => weight * factor) };
    default:
      return target satisfies never;
  }
}

function largestOf(target: Target): number {
  if (target.kind === 'factored') return largestComponent(target);
  let largest = 0;
  for (const value of target.data) largest = Math.max(largest, Math.abs(value));
  return largest;
}
