// Symmetric matrices as their lower triangles, row by row: entry (r, s ≤ r) at r (r + 1) / 2 + s. Small ones, of which a sweep inverts one
// per row of a factor: nothing is allocated.

/** Numbers of a lower triangle. */
export const pairsOf = (rank: number): number => (rank * (rank + 1)) / 2;

/**
 * Overwrites the positive definite matrix with its inverse. n³ flops. Returns log det of the matrix, or NaN where a pivot is within
 * rounding of 0; the matrix is then overwritten in part.
 */
export function invertPacked(a: Float64Array, n: number): number {
  let logDeterminant = 0;
  // A = L Lᵀ
  for (let i = 0, row = 0; i < n; row += ++i) {
    for (let j = 0, column = 0; j <= i; column += ++j) {
      let sum = a[row + j]!;
      const given = sum;
      for (let t = 0; t < j; t++) sum -= a[row + t]! * a[column + t]!;
      if (j < i) {
        a[row + j] = sum / a[column + j]!;
      } else {
        if (!(sum > n * Number.EPSILON * given)) return NaN;
        logDeterminant += Math.log(sum);
        a[row + i] = Math.sqrt(sum);
      }
    }
  }
  // L⁻¹
  for (let i = 0, row = 0; i < n; row += ++i) {
    const diagonal = 1 / a[row + i]!;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let t = j; t < i; t++) sum += a[row + t]! * a[(t * (t + 1)) / 2 + j]!;
      a[row + j] = -diagonal * sum;
    }
    a[row + i] = diagonal;
  }
  // A⁻¹ = L⁻ᵀ L⁻¹
  for (let i = 0, row = 0; i < n; row += ++i) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = i, at = row; t < n; at += ++t) sum += a[at + i]! * a[at + j]!;
      a[row + j] = sum;
    }
  }
  return logDeterminant;
}

/** y = A x */
export function multiplyPacked(a: Float64Array, n: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0, row = 0; i < n; row += ++i) {
    let sum = 0;
    const own = x[i]!;
    for (let j = 0; j < i; j++) {
      sum += a[row + j]! * x[j]!;
      y[j]! += a[row + j]! * own;
    }
    y[i] = sum + a[row + i]! * own;
  }
}
