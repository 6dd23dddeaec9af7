// Sums of squares that neither overflow nor underflow: a norm is right wherever it is a float64 itself. Numbers that are too large
// or too small to be squared are scaled first and summed apart from the others (J. L. Blue, "A portable Fortran program to find the
// Euclidean norm of a vector", ACM TOMS 4, 1978, with the constants of LAPACK's dnrm2). Between 1.5e-154 and 2e146 the sum is
// the plain one, bit for bit where it is short. Used by every norm and every relative error in src.

import { dot } from '../linalg/dot.js';

const largeFrom = 2 ** 486;
const largeScale = 2 ** -538;
const smallBelow = 2 ** -511;
const smallScale = 2 ** 537;

export class SquareSum {
  #large = 0;
  #plain = 0;
  #small = 0;

  /** Adds times · value². `times` is a small count, as of equal entries in a symmetric tensor. */
  add(value: number, times = 1): void {
    const size = Math.abs(value);
    if (size >= largeFrom) this.#large += times * (value * largeScale) ** 2;
    else if (size < smallBelow) this.#small += times * (value * smallScale) ** 2;
    else this.#plain += times * value * value;
  }

  /** Adds values[from …]², `count` of them. */
  addAll(values: Float64Array | Float32Array, from: number, count: number): void {
    const sum = plainSum(values, from, from + count);
    if (sum === undefined) for (let i = from; i < from + count; i++) this.add(values[i]!);
    else this.#plain += sum;
  }

  /** The square root of the sum: NaN where a number was, Infinity where the root is beyond float64. */
  get root(): number {
    if (this.#large > 0) return Math.sqrt(this.#large + this.#plain * largeScale * largeScale) / largeScale;
    if (!(this.#small > 0)) return Math.sqrt(this.#plain);
    return Math.hypot(Math.sqrt(this.#plain), Math.sqrt(this.#small) / smallScale);
  }
}

/** Where a sum of squares is between these, none of them has overflown, and those that vanished do not count. */
const plainBelow = 2 ** 970;
const plainAbove = 2 ** -900;

/** From so many numbers on a sum is four sums side by side, which takes a third of the time. */
const manyNumbers = 4096;

/** Σ values², undefined where that is not right. */
function plainSum(values: ArrayLike<number>, from: number, end: number): number | undefined {
  const isLong = values instanceof Float64Array && end - from >= manyNumbers;
  let sum = isLong ? dot(values, values, end - from, from, from) : 0;
  for (let i = isLong ? end : from; i < end; i++) sum += values[i]! * values[i]!;
  return sum > plainAbove && sum < plainBelow ? sum : undefined;
}

/** √(Σ values²). */
export function euclideanNorm(values: ArrayLike<number>): number {
  const plain = plainSum(values, 0, values.length);
  if (plain !== undefined) return Math.sqrt(plain);
  const sum = new SquareSum();
  for (let i = 0; i < values.length; i++) sum.add(values[i]!);
  return sum.root;
}

/** Entries that are summed before they join the others: the rounding of a long sum is then that of a short one. */
const block = 4096;

/** Σ values², for values of about unit size; off by a few units of roundoff, where differences of such sums matter. */
export function sumOfSquares(values: Float64Array | Float32Array): number {
  let total = 0;
  for (let from = 0; from < values.length; from += block) {
    const end = Math.min(values.length, from + block);
    let sum = 0;
    for (let i = from; i < end; i++) sum += values[i]! * values[i]!;
    total += sum;
  }
  return total;
}

/**
 * The power of two next to the root mean square of the values, 1 for zeros. Divided by it they are near 1, so that sums of their
 * squares stay in float64, and no digit is lost.
 */
export function unitOf(values: ArrayLike<number>): number {
  const exponent = exponentOf(euclideanNorm(values) / Math.sqrt(values.length));
  return Number.isFinite(exponent) ? 2 ** Math.max(-1022, exponent) : 1;
}

/** value · 2^exponent, exact where the result is a normal float64, also where 2^exponent alone is not. */
export function timesPowerOfTwo(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

/** The exponent e with 2^e ≤ |value| < 2^(e + 1), or one beside it where log2 is rounded; −Infinity for 0. */
export const exponentOf = (value: number): number => Math.floor(Math.log2(Math.abs(value)));
