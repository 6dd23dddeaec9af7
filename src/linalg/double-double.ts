// Sums of products in twice the precision of float64, for quantities that cancel: a value is hi + lo, |lo| ≤ ½ulp(hi).
// Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18 (1971);
// Ogita, Rump, Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26 (2005), algorithm 5.3.

/** [hi, lo], updated in place: no allocation in a loop. */
export type DoubleDouble = Float64Array;

const splitter = 2 ** 27 + 1;

/** total ← total + (hi + lo) */
export function addPair(total: DoubleDouble, hi: number, lo: number): void {
  const sum = total[0]! + hi;
  const part = sum - total[0]!;
  const rest = total[0]! - (sum - part) + (hi - part) + total[1]! + lo;
  total[0] = sum + rest;
  total[1] = sum - total[0] + rest;
}

/** total ← total · (hi + lo) */
export function multiplyPair(total: DoubleDouble, hi: number, lo: number): void {
  const a = total[0]!;
  const b = total[1]!;
  const product = a * hi;
  const rest = productError(a, hi, product) + (a * lo + b * hi);
  total[0] = product + rest;
  total[1] = product - total[0] + rest;
}

/** a·b − product, exactly, for the rounded product. Entries must stay below 1e300. */
export function productError(a: number, b: number, product: number): number {
  const bigA = splitter * a;
  const a1 = bigA - (bigA - a);
  const a2 = a - a1;
  const bigB = splitter * b;
  const b1 = bigB - (bigB - b);
  const b2 = b - b1;
  return a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2);
}

/** total ← Σ_i a[startA + i] · b[startB + i] */
export function dotPair(
  total: DoubleDouble,
  a: Float64Array,
  startA: number,
  b: Float64Array,
  startB: number,
  count: number,
): void {
  let hi = 0;
  let lo = 0;
  for (let i = 0; i < count; i++) {
    const x = a[startA + i]!;
    const y = b[startB + i]!;
    const product = x * y;
    const sum = hi + product;
    const part = sum - hi;
    lo += hi - (sum - part) + (product - part) + productError(x, y, product);
    hi = sum;
  }
  total[0] = hi + lo;
  total[1] = hi - total[0] + lo;
}
