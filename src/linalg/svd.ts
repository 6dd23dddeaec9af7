// Singular value decomposition, A = U·diag(values)·Vᵀ, by one-sided Jacobi rotations, float64, row-major: columns are turned in pairs
// until all are orthogonal. Small singular values come out accurate, which eigenvalues of AᵀA would lose below 1e-8 of the largest.
// Golub & Van Loan, section 8.6.3.
import { transpose, type Matrix } from '../tensor/matrix.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { dot } from './dot.js';

export interface SvdResult {
  /** [rows, k], k = min(rows, columns); the column of a zero singular value is zero. */
  readonly u: Matrix;
  /** Largest first, [k]. */
  readonly values: Float64Array;
  /** [columns, k] */
  readonly v: Matrix;
}

/** Sweeps converge quadratically: 6–10 do. The bound only guards against an endless loop. */
const maxSweeps = 60;

/** Thin SVD. Cost about 6 · rows · columns · min(rows, columns) flops per sweep. */
export const svd = (a: Matrix): SvdResult => finished(svdSteps(a));

/** The same with pauses. */
export function* svdSteps(a: Matrix): Work<SvdResult> {
  if (a.rows < a.columns) {
    const { u, values, v } = yield* svdSteps(transpose(a));
    return { u: v, values, v: u };
  }
  // Columns as rows: a rotation then works on two contiguous stretches.
  const columns = transpose(a);
  const turned: Matrix = { rows: a.columns, columns: a.columns, data: new Float64Array(a.columns ** 2) };
  for (let j = 0; j < a.columns; j++) turned.data[j * a.columns + j] = 1;
  for (let sweep = 0; sweep < maxSweeps; sweep++) if (!(yield* rotateAll(columns, turned))) break;
  return sorted(columns, turned);
}

/** One rotation for each pair of columns that are not orthogonal; whether there was any. */
function* rotateAll(columns: Matrix, turned: Matrix): Work<boolean> {
  let rotated = false;
  for (let p = 0; p < columns.rows; p++) {
    for (let q = p + 1; q < columns.rows; q++) {
      const alpha = rowProduct(columns, p, p);
      const beta = rowProduct(columns, q, q);
      const gamma = rowProduct(columns, p, q);
      if (Math.abs(gamma) <= Number.EPSILON * Math.sqrt(alpha * beta)) continue;
      rotated = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cosine = 1 / Math.hypot(1, tangent);
      rotate(columns, p, q, cosine, cosine * tangent);
      rotate(turned, p, q, cosine, cosine * tangent);
      if (isPauseDue(12 * columns.columns + 6 * turned.columns)) yield;
    }
  }
  return rotated;
}

const rowProduct = ({ columns, data }: Matrix, p: number, q: number): number =>
  dot(data, data, columns, p * columns, q * columns);

function rotate({ columns, data }: Matrix, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0; i < columns; i++) {
    const x = data[p * columns + i]!;
    const y = data[q * columns + i]!;
    data[p * columns + i] = cosine * x - sine * y;
    data[q * columns + i] = sine * x + cosine * y;
  }
}

function sorted(columns: Matrix, turned: Matrix): SvdResult {
  const norms = Float64Array.from({ length: columns.rows }, (_, j) => Math.sqrt(rowProduct(columns, j, j)));
  const order = Array.from(norms.keys()).sort((i, j) => norms[j]! - norms[i]!);
  const rows = (from: Matrix, scale: (j: number) => number): Matrix => {
    const data = new Float64Array(from.data.length);
    order.forEach((j, to) => {
      for (let i = 0; i < from.columns; i++) data[to * from.columns + i] = from.data[j * from.columns + i]! * scale(j);
    });
    return transpose({ ...from, data });
  };
  return {
    u: rows(columns, (j) => (norms[j]! > 0 ? 1 / norms[j]! : 0)),
    values: Float64Array.from(order, (j) => norms[j]!),
    v: rows(turned, () => 1),
  };
}
