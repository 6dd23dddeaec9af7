// Cholesky factorization and solve on one flat array, nothing allocated: for solvers that factor hundreds of matrices of
// one size. Same pivot rule as cholesky.ts.

/** Overwrites the lower triangle of A [n, n] with L, A = L·Lᵀ. False at a pivot that is rounding: A is then spoiled. Cost n³/3. */
export function factorInPlace(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = (a[i * n + j]! - dot(a, i * n, j * n, j)) / a[j * n + j]!;
    const diagonal = a[i * n + i]!;
    const left = diagonal - dot(a, i * n, i * n, i);
    if (!(left > n * Number.EPSILON * Math.abs(diagonal))) return false;
    a[i * n + i] = Math.sqrt(left);
  }
  return true;
}

/** Overwrites x [n] with the solution of L·Lᵀ·y = x. Cost 2n². */
export function solveInPlace(lower: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let j = 0; j < i; j++) sum -= lower[i * n + j]! * x[j]!;
    x[i] = sum / lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / lower[i * n + i]!;
    x[i] = value;
    for (let j = 0; j < i; j++) x[j]! -= lower[i * n + j]! * value;
  }
}

/** Σ_k a[startA + k] · a[startB + k] in four partial sums, which the processor can overlap. */
function dot(a: Float64Array, startA: number, startB: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += a[startA + k]! * a[startB + k]!;
    s1 += a[startA + k + 1]! * a[startB + k + 1]!;
    s2 += a[startA + k + 2]! * a[startB + k + 2]!;
    s3 += a[startA + k + 3]! * a[startB + k + 3]!;
  }
  for (; k < count; k++) s0 += a[startA + k]! * a[startB + k]!;
  return s0 + s1 + (s2 + s3);
}
