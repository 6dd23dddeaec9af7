// Systems with a small symmetric positive semidefinite matrix, as the normal equations of a few components are.
import type { Matrix } from '../tensor/matrix.js';
import { shifted } from './algebra.js';
import { factorInPlace, solveInPlace } from './cholesky.js';

/**
 * B (H + μI)⁻¹, [m, n], for a symmetric positive semidefinite H [n, n]: μ is `ridge` times its mean diagonal, and is raised until the
 * factorization succeeds. Cost n³/3 + 2mn².
 */
export function solveRows(h: Matrix, b: Matrix, ridge: number): Matrix {
  const n = h.rows;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += h.data[i * n + i]!;
  let mu = (ridge * trace) / n + Number.MIN_VALUE;
  let lower = shifted(h, mu).data;
  while (!factorInPlace(lower, n) && mu < Number.MAX_VALUE) {
    mu *= 100;
    lower = shifted(h, mu).data;
  }
  const data = b.data.slice();
  for (let row = 0; row < b.rows; row++) solveInPlace(lower, n, data.subarray(row * n, (row + 1) * n));
  return { ...b, data };
}
