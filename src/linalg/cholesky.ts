// Cholesky factorization A = L·Lᵀ of a symmetric positive definite matrix and the solve with it, float64, on one flat row-major
// array. Factoring small matrices and solving allocate nothing: solvers factor hundreds of matrices of one size. Large ones are factored
// half by half, down to few columns, so that most of the work is products of matrices (Gustavson, "Recursion leads to automatic variable
// blocking for dense linear-algebra algorithms", IBM J. Res. Dev. 41, 1997).
import { finished, isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';
import { addProductSteps, rowsOf, stridedAxis } from './matrix-product.js';

/** Columns that are not halved any more, and rows from which on halves take less time. */
const maxColumns = 32;
const minHalvedRows = 96;
/** What a short inner product takes beside its flops. */
const callFlops = 16;

/**
 * Overwrites the lower triangle of A [n, n] with L; the entries above the diagonal are neither read nor written. Cost n³/3.
 * False where a pivot does not keep more than n·ε of its diagonal entry: the column is, within rounding, a combination of those before
 * it, and a solve would give noise. A is then overwritten in part.
 */
export function factorInPlace(a: Float64Array, n: number): boolean {
  if (n >= minHalvedRows) return finished(factorSteps(a, n));
  for (let i = 0; i < n; i++) if (!factorRow(a, n, i, 0, a[i * n + i]!)) return false;
  return true;
}

/** The same with pauses, for matrices of hundreds of rows. */
export function* factorSteps(a: Float64Array, n: number): Work<boolean> {
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  return yield* factorColumns(a, n, 0, n, diagonal);
}

/** Columns first … end − 1 of L, in the place of those of A less what the columns before them give. */
function* factorColumns(a: Float64Array, n: number, first: number, end: number, diagonal: Float64Array): Work<boolean> {
  const count = end - first;
  if (n >= minHalvedRows && count > maxColumns) {
    const middle = first + 4 * Math.ceil(count / 8);
    if (!(yield* factorColumns(a, n, first, middle, diagonal))) return false;
    yield* subtractProduct(a, n, first, middle, end);
    return yield* factorColumns(a, n, middle, end, diagonal);
  }
  for (let i = first; i < end; i++) {
    if (!factorRow(a, n, i, first, diagonal[i]!)) return false;
    if (isPauseDue((i - first) * (i - first + callFlops))) yield;
  }
  for (let i = end; i < n; i += 4) {
    if (i + 4 <= n) solveFourRows(a, n, i, first, end);
    else for (let row = i; row < n; row++) solveRow(a, n, row, first, end);
    if (isPauseDue(4 * count * count)) yield;
  }
  return true;
}

/** Columns middle … end − 1 of the lower triangle, less what the columns first … middle − 1 of L give. */
function* subtractProduct(a: Float64Array, n: number, first: number, middle: number, end: number): Work<void> {
  const rows = (from: number, to: number) => ({
    ...rowsOf(a, to - from, n, from * n + first),
    depth: stridedAxis(middle - first, 1),
  });
  const out = (from: number, to: number) => ({
    ...rowsOf(a, to - from, n, from * n + middle),
    depth: stridedAxis(end - middle, 1),
  });
  const top = rows(middle, end);
  yield* addProductSteps(out(middle, end), top, top, { scale: -1, lower: true });
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

/** The same for rows i … i + 3, whose sums the processor can overlap. */
function solveFourRows(a: Float64Array, n: number, i: number, from: number, end: number): void {
  const row0 = i * n;
  const row1 = row0 + n;
  const row2 = row1 + n;
  const row3 = row2 + n;
  for (let j = from; j < end; j++) {
    const row = j * n;
    let s0 = a[row0 + j]!;
    let s1 = a[row1 + j]!;
    let s2 = a[row2 + j]!;
    let s3 = a[row3 + j]!;
    for (let k = from; k < j; k++) {
      const factor = a[row + k]!;
      s0 -= factor * a[row0 + k]!;
      s1 -= factor * a[row1 + k]!;
      s2 -= factor * a[row2 + k]!;
      s3 -= factor * a[row3 + k]!;
    }
    const pivot = a[row + j]!;
    a[row0 + j] = s0 / pivot;
    a[row1 + j] = s1 / pivot;
    a[row2 + j] = s2 / pivot;
    a[row3 + j] = s3 / pivot;
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
