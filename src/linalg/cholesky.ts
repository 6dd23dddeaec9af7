// Cholesky factorization A = L·Lᵀ of a symmetric positive definite matrix and the solve with it, float64, row-major.
// For the normal equations of weights and factors (refit, ALS) and for the collinear test problems.
import { InputError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';

export type CholeskyResult =
  | { readonly ok: true; readonly lower: Matrix }
  /** `pivot`: first column that is, within rounding, a combination of those before it; `value`: what was left of it. */
  | { readonly ok: false; readonly pivot: number; readonly value: number };

/**
 * L [n, n], lower triangular, zeros above. Only the lower triangle of A is read. Cost n³/3.
 * A pivot fails unless it keeps more than n·ε of its diagonal entry: below that it is rounding, and a solve would be noise.
 */
export function cholesky(a: Matrix): CholeskyResult {
  const n = requireSquare('cholesky', a);
  const lower = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const left = (a.data[i * n + j] as number) - dot(lower, i * n, lower, j * n, j);
      if (i > j) {
        lower[i * n + j] = left / (lower[j * n + j] as number);
      } else if (left > n * Number.EPSILON * Math.abs(a.data[j * n + j] as number)) {
        lower[j * n + j] = Math.sqrt(left);
      } else {
        return { ok: false, pivot: j, value: left };
      }
    }
  }
  return { ok: true, lower: { rows: n, columns: n, data: lower } };
}

/** X with L·Lᵀ·X = B for B [n, k]; B is not written. Cost 2·n²·k. */
export function choleskySolve(lower: Matrix, b: Matrix): Matrix {
  const n = requireSquare('choleskySolve', lower);
  if (b.rows !== n) {
    throw new InputError(`choleskySolve: expected ${n} rows on the right, got ${b.rows}. Give one row an unknown.`);
  }
  const x = b.data.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtractRow(x, b.columns, i, lower.data[i * n + j] as number, j);
    divideRow(x, b.columns, i, lower.data[i * n + i] as number);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtractRow(x, b.columns, i, lower.data[j * n + i] as number, j);
    divideRow(x, b.columns, i, lower.data[i * n + i] as number);
  }
  return { rows: n, columns: b.columns, data: x };
}

/** x[i, :] ← x[i, :] − scale·x[j, :] */
function subtractRow(x: Float64Array, columns: number, i: number, scale: number, j: number): void {
  for (let c = 0; c < columns; c++) {
    x[i * columns + c] = (x[i * columns + c] as number) - scale * (x[j * columns + c] as number);
  }
}

function divideRow(x: Float64Array, columns: number, i: number, divisor: number): void {
  for (let c = 0; c < columns; c++) x[i * columns + c] = (x[i * columns + c] as number) / divisor;
}

function dot(a: Float64Array, startA: number, b: Float64Array, startB: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (a[startA + i] as number) * (b[startB + i] as number);
  return sum;
}

/** The size of a square matrix. */
export function requireSquare(who: string, a: Matrix): number {
  if (a.rows !== a.columns) {
    throw new InputError(`${who}: expected a square matrix, got ${a.rows} × ${a.columns}. Give n × n.`);
  }
  return a.rows;
}
