// Cholesky factorization A = L·Lᵀ of a symmetric positive definite matrix and the solve with it, float64, on one flat row-major
// array. Factoring and solving allocate nothing: solvers factor hundreds of matrices of one size.
import { isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';

/**
 * Overwrites the lower triangle of A [n, n] with L; the entries above the diagonal are neither read nor written. Cost n³/3.
 * False where a pivot does not keep more than n·ε of its diagonal entry: the column is, within rounding, a combination of those before
 * it, and a solve would give noise. A is then overwritten in part.
 */
export function factorInPlace(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (!factorRow(a, n, i)) return false;
  return true;
}

/** The same with pauses, for matrices of hundreds of rows. */
export function* factorSteps(a: Float64Array, n: number): Work<boolean> {
  for (let i = 0; i < n; i++) {
    if (!factorRow(a, n, i)) return false;
    if (isPauseDue(i * i)) yield;
  }
  return true;
}

/** Row i of L, from the rows before it; false where its pivot is rounding. i² flops. */
function factorRow(a: Float64Array, n: number, i: number): boolean {
  for (let j = 0; j < i; j++) a[i * n + j] = (a[i * n + j]! - dot(a, a, j, i * n, j * n)) / a[j * n + j]!;
  const diagonal = a[i * n + i]!;
  const left = diagonal - dot(a, a, i, i * n, i * n);
  if (!(left > n * Number.EPSILON * Math.abs(diagonal))) return false;
  a[i * n + i] = Math.sqrt(left);
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

/** A⁻¹ [n, n] from L. Cost 2n³. */
export function inverseOfFactored(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) solveUnitVector(lower, n, i, inverse);
  return inverse;
}

/** The same with pauses, for matrices of hundreds of rows. */
export function* inverseSteps(lower: Float64Array, n: number): Work<Float64Array> {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    solveUnitVector(lower, n, i, inverse);
    if (isPauseDue(2 * n * n)) yield;
  }
  return inverse;
}

/** Row i of A⁻¹. */
function solveUnitVector(lower: Float64Array, n: number, i: number, inverse: Float64Array): void {
  const row = inverse.subarray(i * n, (i + 1) * n);
  row[i] = 1;
  solveInPlace(lower, n, row);
}
