// The least-squares solution of a small system with a symmetric positive semidefinite matrix, which may be singular: a pseudo-inverse
// of limited size, by eigenvectors. Regular systems go through cholesky.ts, at a twentieth of the cost.
import type { Matrix } from '../tensor/matrix.js';
import { finished, isPauseDue, type Work } from '../yield.js';
import { symmetricEigenSteps } from './eigen.js';

/**
 * H⁺·B for H [n, n] and B [n, columns]: of all X that minimize ‖H·X − B‖ the shortest, where eigenvalues of H up to cutoff times the
 * largest count as zero. They are accurate to n·ε of the largest, so a cutoff below that divides by rounding. 9·n³ + 4·n²·columns flops.
 */
export const solveSymmetric = (h: Matrix, b: Matrix, cutoff: number): Matrix =>
  finished(solveSymmetricSteps(h, b, cutoff));

/** The same with pauses, for large systems. */
export function* solveSymmetricSteps(h: Matrix, b: Matrix, cutoff: number): Work<Matrix> {
  const { values, vectors } = yield* symmetricEigenSteps(h);
  const n = h.rows;
  const { columns } = b;
  const smallest = cutoff * Math.max(0, values[0] ?? 0);
  const data = new Float64Array(n * columns);
  const coordinates = new Float64Array(columns);
  for (let k = 0; k < n && values[k]! > smallest; k++) {
    coordinates.fill(0);
    for (let i = 0; i < n; i++) addRow(coordinates, 0, vectors.data[i * n + k]!, b.data, i * columns, columns);
    for (let i = 0; i < n; i++) {
      addRow(data, i * columns, vectors.data[i * n + k]! / values[k]!, coordinates, 0, columns);
    }
    if (isPauseDue(4 * n * columns)) yield;
  }
  return { rows: n, columns, data };
}

/** to[toAt …] += factor · from[fromAt …] */
function addRow(
  to: Float64Array,
  toAt: number,
  factor: number,
  from: Float64Array,
  fromAt: number,
  count: number,
): void {
  for (let c = 0; c < count; c++) to[toAt + c]! += factor * from[fromAt + c]!;
}
