// Householder QR, A = Q·R with orthonormal columns of Q, float64, row-major. Golub & Van Loan, algorithm 5.2.1.
// Gives orthonormal directions to the problem generators, and the small joint basis of two Kruskal tensors to their error.
import type { Matrix } from '../tensor/matrix.js';

export interface QrResult {
  /** [rows, k], k = min(rows, columns) */
  readonly q: Matrix;
  /** [k, columns], upper triangular, diagonal ≥ 0 */
  readonly r: Matrix;
}

/** Thin QR. The diagonal of R is made non-negative, so that Q of a Gaussian matrix is uniform (Haar). Cost O(rows·columns²). */
export function qr(a: Matrix): QrResult {
  const { rows, columns } = a;
  const k = Math.min(rows, columns);
  const work = a.data.slice();
  const q = new Float64Array(rows * k);
  const reflectors: Float64Array[] = [];
  for (let j = 0; j < k; j++) {
    const reflector = householder(work, rows, columns, j);
    reflectors.push(reflector);
    reflect(work, columns, j, reflector);
  }
  for (let j = 0; j < k; j++) q[j * k + j] = 1;
  for (let j = k - 1; j >= 0; j--) reflect(q, k, j, reflectors[j]!);
  const r = upperPart(work, k, columns);
  for (let j = 0; j < k; j++) {
    if (r[j * columns + j]! < 0) flipSigns(q, r, j, k, rows, columns);
  }
  return { q: { rows, columns: k, data: q }, r: { rows: k, columns, data: r } };
}

/** Unit v (rows j…) whose reflection I − 2vvᵀ maps column j below row j to a multiple of e_j; zeros for a zero column. */
function householder(work: Float64Array, rows: number, columns: number, j: number): Float64Array {
  const v = Float64Array.from({ length: rows - j }, (_, i) => work[(j + i) * columns + j]!);
  const scale = v.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  if (scale === 0) return v;
  v.forEach((value, i) => (v[i] = value / scale));
  const first = v[0]!;
  v[0] = first + (first < 0 ? -1 : 1) * Math.sqrt(squares(v));
  const length = Math.sqrt(squares(v));
  return v.map((value) => value / length);
}

/** Applies I − 2vvᵀ to rows j… of a row-major array. */
function reflect(data: Float64Array, columns: number, j: number, v: Float64Array): void {
  for (let c = 0; c < columns; c++) {
    let product = 0;
    for (let i = 0; i < v.length; i++) product += v[i]! * data[(j + i) * columns + c]!;
    for (let i = 0; i < v.length; i++) {
      const at = (j + i) * columns + c;
      data[at] = data[at]! - 2 * product * v[i]!;
    }
  }
}

function upperPart(work: Float64Array, k: number, columns: number): Float64Array {
  const r = work.slice(0, k * columns);
  for (let i = 0; i < k; i++) r.fill(0, i * columns, i * columns + i);
  return r;
}

function flipSigns(q: Float64Array, r: Float64Array, j: number, k: number, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) q[i * k + j] = -q[i * k + j]!;
  for (let c = j; c < columns; c++) r[j * columns + c] = -r[j * columns + c]!;
}

function squares(v: Float64Array): number {
  let sum = 0;
  for (const value of v) sum += value * value;
  return sum;
}
