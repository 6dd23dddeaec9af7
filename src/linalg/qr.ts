// Householder QR, A = Q·R with orthonormal columns of Q, float64, row-major. Golub & Van Loan, algorithm 5.2.1.
// Gives orthonormal directions to the problem generators, and the small joint basis of two Kruskal tensors to their error.
import { transpose, type Matrix } from '../tensor/matrix.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';

export interface QrResult {
  /** [rows, k], k = min(rows, columns) */
  readonly q: Matrix;
  /** [k, columns], upper triangular, diagonal ≥ 0 */
  readonly r: Matrix;
}

/** Thin QR. The diagonal of R is made non-negative, so that Q of a Gaussian matrix is uniform (Haar). 4·rows·columns² flops. */
export const qr = (a: Matrix): QrResult => finished(qrSteps(a));

/** The same with pause points. */
export function* qrSteps(a: Matrix): Work<QrResult> {
  const { rows, columns } = a;
  const k = Math.min(rows, columns);
  // Columns as rows: all loops run along them. Column j ends as R's down to the diagonal, then the vector of reflector j.
  const work = transpose(a).data;
  const diagonal = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    diagonal[j] = makeReflector(work.subarray(j * rows + j, (j + 1) * rows));
    reflect(work, j * rows + j, work, rows, j, j + 1, columns);
    if (isPauseDue(4 * (rows - j) * (columns - j))) yield;
  }
  const q = new Float64Array(k * rows);
  for (let j = k - 1; j >= 0; j--) {
    q[j * rows + j] = 1;
    reflect(work, j * rows + j, q, rows, j, j, k);
    if (isPauseDue(4 * (rows - j) * (k - j))) yield;
  }
  const r = upperPart(work, diagonal, rows, columns);
  for (let j = 0; j < k; j++) {
    if (diagonal[j]! >= 0) continue;
    for (let i = 0; i < rows; i++) q[j * rows + i] = -q[j * rows + i]!;
    for (let c = j; c < columns; c++) r[j * columns + c] = -r[j * columns + c]!;
  }
  return { q: transpose({ rows: k, columns: rows, data: q }), r: { rows: k, columns, data: r } };
}

/**
 * Overwrites x with the unit v whose reflection I − 2vvᵀ maps x to a multiple of the first axis, and returns that multiple; zeros stay
 * zeros.
 */
function makeReflector(x: Float64Array): number {
  let scale = 0;
  for (const value of x) scale = Math.max(scale, Math.abs(value));
  if (scale === 0) return 0;
  for (let i = 0; i < x.length; i++) x[i]! /= scale;
  const first = x[0]!;
  const norm = Math.sqrt(dot(x, x));
  x[0] = first + (first < 0 ? -norm : norm);
  const length = Math.sqrt(dot(x, x));
  for (let i = 0; i < x.length; i++) x[i]! /= length;
  return (first < 0 ? norm : -norm) * scale;
}

/**
 * Applies I − 2vvᵀ, v = vectors[at …], to rows j… of the columns first … end − 1, which are stored one after the other. Four columns
 * share the loads of v.
 */
function reflect(
  vectors: Float64Array,
  at: number,
  data: Float64Array,
  rows: number,
  j: number,
  first: number,
  end: number,
): void {
  const count = rows - j;
  let c = first;
  for (; c + 3 < end; c += 4) {
    const c0 = c * rows + j;
    const c1 = c0 + rows;
    const c2 = c1 + rows;
    const c3 = c2 + rows;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let i = 0; i < count; i++) {
      const v = vectors[at + i]!;
      s0 += v * data[c0 + i]!;
      s1 += v * data[c1 + i]!;
      s2 += v * data[c2 + i]!;
      s3 += v * data[c3 + i]!;
    }
    s0 *= 2;
    s1 *= 2;
    s2 *= 2;
    s3 *= 2;
    for (let i = 0; i < count; i++) {
      const v = vectors[at + i]!;
      data[c0 + i]! -= s0 * v;
      data[c1 + i]! -= s1 * v;
      data[c2 + i]! -= s2 * v;
      data[c3 + i]! -= s3 * v;
    }
  }
  for (; c < end; c++) {
    const from = c * rows + j;
    const product = 2 * dot(vectors, data, count, at, from);
    for (let i = 0; i < count; i++) data[from + i]! -= product * vectors[at + i]!;
  }
}

/** R from the columns [columns, rows], with this diagonal. */
function upperPart(work: Float64Array, diagonal: Float64Array, rows: number, columns: number): Float64Array {
  const r = new Float64Array(diagonal.length * columns);
  for (let i = 0; i < diagonal.length; i++) {
    r[i * columns + i] = diagonal[i]!;
    for (let c = i + 1; c < columns; c++) r[i * columns + c] = work[c * rows + i]!;
  }
  return r;
}
