// The size of a target, and the target made to unit size: descent and float32 both want numbers near 1, whatever the units of
// the data. Scales are powers of two, so that scaling and unscaling are exact.
import { euclideanNorm } from '../tensor/square-sum.js';
import { sizeOf } from '../tensor/shape.js';
import { largestComponent } from './factored.js';
import type { MomentsTarget } from './moments.js';
import type { SensingTarget } from './sensing.js';
import type { Target } from './target.js';

/** Orders beyond which a tensor's norm says nothing of its entries: it leaves the range of floats. */
const mostScaled = 16;

/**
 * The power of two that brings the target's largest entry (factored: component; moments: a sample's root mean square) to between
 * 1 and 2; observed entries and measurements: the norm of the whole tensor, as they suggest it, to about 1. It is 1 for a zero
 * target, for cumulants, whose samples are white, and for observed tensors of more than 16 modes.
 */
export function scaleOf(target: Target): number {
  switch (target.kind) {
    case 'factored':
      return powerOfTwo(largestComponent(target));
    case 'observed':
      return target.shape.length > mostScaled ? 1 : nearestPower(rms(target.values) * Math.sqrt(sizeOf(target.shape)));
    case 'sensing':
      return nearestPower((rms(target.values) * Math.sqrt(sizeOf(target.shape))) / measurementSize(target));
    case 'moments':
      return target.cumulant ? 1 : powerOfTwo(sampleSize(target)) ** target.order;
    default:
      return powerOfTwo(largestEntry(target.data));
  }
}

/** Whether nothing is given but zeros: entries, observed values or measurements, components, samples. */
export function isZero(target: Target): boolean {
  switch (target.kind) {
    case 'factored':
      return largestComponent(target) === 0;
    case 'observed':
    case 'sensing':
      return largestEntry(target.values) === 0;
    case 'moments':
      return !target.cumulant && largestEntry(target.samples.data) === 0;
    default:
      return largestEntry(target.data) === 0;
  }
}

/** factor · target, for a factor that is 1 / scaleOf(target). */
export function scaleTarget<T extends Target>(target: T, factor: number): T {
  if (factor === 1) return target;
  switch (target.kind) {
    case 'observed':
    case 'sensing':
      return { ...target, values: target.values.map((value) => value * factor) };
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

const powerOfTwo = (size: number): number => (size > 0 ? 2 ** normalExponent(Math.floor(Math.log2(size))) : 1);

const nearestPower = (size: number): number => (size > 0 ? 2 ** normalExponent(Math.round(Math.log2(size))) : 1);

/** An exponent e with which 2^e and 2^(−e) are both floats. */
const normalExponent = (exponent: number): number => Math.max(-1022, Math.min(1022, exponent));

const rms = (values: ArrayLike<number>): number => euclideanNorm(values) / Math.sqrt(values.length);

/** √(mean ‖A_j‖²), Kruskal measurements as if their components were orthogonal. */
function measurementSize({ count, measurements }: SensingTarget): number {
  if (measurements.kind === 'dense') return rms(measurements.data) * Math.sqrt(measurements.data.length / count);
  const { weights, factors } = measurements;
  const norms = weights.map((weight, q) =>
    factors.reduce(
      (size, { columns, data }) => size * euclideanNorm(data.subarray(q * columns, (q + 1) * columns)),
      weight,
    ),
  );
  return euclideanNorm(norms) / Math.sqrt(count);
}

function largestEntry(data: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]!));
  return largest;
}

function sampleSize({ samples, dim }: MomentsTarget): number {
  return euclideanNorm(samples.data) / Math.sqrt(samples.rows * dim);
}
