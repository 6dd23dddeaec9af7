// Eigen-decomposition of a symmetric matrix, A = V·diag(values)·Vᵀ, by cyclic Jacobi rotations, float64, row-major.
// Jacobi is the slow and accurate choice: right for the Gram matrices of a few dozen components that merging compares.
// Golub & Van Loan, section 8.5 (the rotation with the smaller angle, |t| ≤ 1).
import { InputError } from '../errors.js';
import { requireSquare, type Matrix } from '../tensor/matrix.js';

export interface EigenResult {
  /** Largest first, [n]. */
  readonly values: Float64Array;
  /** Unit eigenvectors in the columns, in the order of `values`, [n, n]. */
  readonly vectors: Matrix;
}

/** Sweeps converge quadratically: 6–10 do for n up to a few hundred. The bound only guards against an endless loop. */
const maxSweeps = 60;

/** Only symmetric input makes sense; the two triangles are averaged. Cost about 6·n³ per sweep. */
export function symmetricEigen(a: Matrix): EigenResult {
  const n = requireSquare('symmetricEigen', a);
  if (a.data.some((value) => !Number.isFinite(value))) {
    throw new InputError('symmetricEigen: expected finite entries, got NaN or Infinity. Check the matrix.');
  }
  const work = symmetricPart(a.data, n);
  const vectors = identity(n);
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    if (!rotateAll(work, vectors, n)) break;
  }
  return sorted(work, vectors, n);
}

/** One cyclic sweep; false when every off-diagonal entry was already negligible beside its two diagonal entries. */
function rotateAll(a: Float64Array, v: Float64Array, n: number): boolean {
  let rotated = false;
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      if (isNegligible(a, n, p, q)) continue;
      rotated = true;
      rotate(a, v, n, p, q);
    }
  }
  return rotated;
}

/** |a_pq| ≤ ε·√|a_pp·a_qq| keeps small eigenvalues of definite matrices accurate; the floor stops at subnormal dust. */
function isNegligible(a: Float64Array, n: number, p: number, q: number): boolean {
  const off = Math.abs(a[p * n + q]!);
  if (off === 0) return true;
  const scale = Math.sqrt(Math.abs(a[p * n + p]!)) * Math.sqrt(Math.abs(a[q * n + q]!));
  return off <= Number.EPSILON * scale || off < 1e-300;
}

function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let k = 0; k < n; k++) mix(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) mix(a, p * n + k, q * n + k, c, s);
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  for (let k = 0; k < n; k++) mix(v, k * n + p, k * n + q, c, s);
}

function mix(data: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = data[i]!;
  const y = data[j]!;
  data[i] = c * x - s * y;
  data[j] = s * x + c * y;
}

function symmetricPart(data: Float64Array, n: number): Float64Array {
  return data.map((value, at) => value / 2 + data[(at % n) * n + Math.floor(at / n)]! / 2);
}

function identity(n: number): Float64Array {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return data;
}

function sorted(work: Float64Array, vectors: Float64Array, n: number): EigenResult {
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => work[j * n + j]! - work[i * n + i]!);
  const data = new Float64Array(n * n);
  for (let k = 0; k < n; k++) order.forEach((from, to) => (data[k * n + to] = vectors[k * n + from]!));
  return {
    values: Float64Array.from(order, (i) => work[i * n + i]!),
    vectors: { rows: n, columns: n, data },
  };
}
