// Sizes of data, as powers of two: scaling and unscaling by them is exact. Descent and float32 both need numbers near 1, whatever
// the units of the data.
import { euclideanNorm } from '../tensor/square-sum.js';

/** The power of two at or below `size`; 1 for size 0. */
export const powerOfTwoBelow = (size: number): number =>
  size > 0 ? 2 ** normalExponent(Math.floor(Math.log2(size))) : 1;

/** The power of two nearest to `size`, on a logarithmic scale; 1 for size 0. */
export const nearestPowerOfTwo = (size: number): number =>
  size > 0 ? 2 ** normalExponent(Math.round(Math.log2(size))) : 1;

/** An exponent e with which 2^e and 2^(−e) are both floats. */
const normalExponent = (exponent: number): number => Math.max(-1022, Math.min(1022, exponent));

export function largestEntry(data: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!);
    if (size > largest) largest = size;
  }
  return largest;
}

/** √(mean value²) */
export const rootMeanSquare = (values: ArrayLike<number>): number => euclideanNorm(values) / Math.sqrt(values.length);
