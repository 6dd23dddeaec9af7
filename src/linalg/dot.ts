// The inner product of two vectors, or of a run of entries in each. Four partial sums, which the processor can overlap.

/** Σ_k a[startA + k] · b[startB + k] over `count` entries; by default over all of `a`. */
export function dot(a: Float64Array, b: Float64Array, count = a.length, startA = 0, startB = 0): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[startA + k]! * b[startB + k]!;
    s1 += a[startA + k + 1]! * b[startB + k + 1]!;
    s2 += a[startA + k + 2]! * b[startB + k + 2]!;
    s3 += a[startA + k + 3]! * b[startB + k + 3]!;
  }
  for (; k < count; k++) s0 += a[startA + k]! * b[startB + k]!;
  return s0 + s1 + (s2 + s3);
}
