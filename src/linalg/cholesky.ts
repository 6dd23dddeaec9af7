// Cholesky factorization A = L·Lᵀ of a symmetric positive definite matrix and the solve with it, float64, on one flat row-major
// array. Factoring small matrices and solving allocate nothing: solvers factor hundreds of matrices of one size. Large ones are factored
// in blocks of columns, most of whose work is products of matrices (Golub & Van Loan, section 4.2.9).
import { finished, isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';
import { addProductSteps, rowsOf, stridedAxis } from './matrix-product.js';

/** Columns of a block, and rows from which on blocks take less time. */
const blockColumns = 32;
const minBlockedRows = 192;
/** What a short inner product takes beside its flops. */
const callFlops = 16;

/**
 * Overwrites the lower triangle of A [n, n] with L; the entries above the diagonal are neither read nor written. Cost n³/3.
 * False where a pivot does not keep more than n·ε of its diagonal entry: the column is, within rounding, a combination of those before
 * it, and a solve would give noise. A is then overwritten in part.
 */
export function factorInPlace(a: Float64Array, n: number): boolean {
  if (n >= minBlockedRows) return finished(factorSteps(a, n));
  for (let i = 0; i < n; i++) if (!factorRow(a, n, i, 0, a[i * n + i]!)) return false;
  return true;
}

/** The same with pauses, for matrices of hundreds of rows. */
export function* factorSteps(a: Float64Array, n: number): Work<boolean> {
  const columns = n >= minBlockedRows ? blockColumns : n;
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  for (let first = 0; first < n; first += columns) {
    const end = Math.min(first + columns, n);
    yield* subtractLeft(a, n, first, end);
    for (let i = first; i < end; i++) {
      if (!factorRow(a, n, i, first, diagonal[i]!)) return false;
      if (isPauseDue((i - first) * (i - first + callFlops))) yield;
    }
    for (let i = end; i < n; i++) {
      solveRow(a, n, i, first, end);
      if (isPauseDue((end - first) * (end - first + callFlops))) yield;
    }
  }
  return true;
}

/** Columns first … end − 1 of the lower triangle, less what the columns of L before them give. */
function* subtractLeft(a: Float64Array, n: number, first: number, end: number): Work<void> {
  const rows = (from: number, to: number) => ({ ...rowsOf(a, to - from, n, from * n), depth: stridedAxis(first, 1) });
  const out = (from: number, to: number) => ({
    ...rowsOf(a, to - from, n, from * n + first),
    depth: stridedAxis(end - first, 1),
  });
  if (first === 0) return;
  const top = rows(first, end);
  yield* addProductSteps(out(first, end), top, top, { scale: -1, lower: true });
  yield* addProductSteps(out(end, n), rows(end, n), top, { scale: -1 });
}

/** Row i of L from column `from` on, from the rows before it; false where its pivot is rounding beside the diagonal entry of A. */
function factorRow(a: Float64Array, n: number, i: number, from: number, diagonal: number): boolean {
  solveRow(a, n, i, from, i);
  const left = a[i * n + i]! - dot(a, a, i - from, i * n + from, i * n + from);
  if (!(left > n * Number.EPSILON * Math.abs(diagonal))) return false;
  a[i * n + i] = Math.sqrt(left);
  return true;
}

/** Entries from … end − 1 of row i of L, from the rows of the same number. */
function solveRow(a: Float64Array, n: number, i: number, from: number, end: number): void {
  for (let j = from; j < end; j++) {
    a[i * n + j] = (a[i * n + j]! - dot(a, a, j - from, i * n + from, j * n + from)) / a[j * n + j]!;
  }
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
