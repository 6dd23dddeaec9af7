// The little matrix algebra that solvers need, float64, row-major. All functions return new matrices.
import type { Matrix } from '../tensor/matrix.js';

export function identity(n: number): Matrix {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return { rows: n, columns: n, data };
}

/** a · b */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const value = a.data[i * a.columns + k]!;
      for (let j = 0; j < b.columns; j++) data[i * b.columns + j]! += value * b.data[k * b.columns + j]!;
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

/** Entrywise product. */
export function hadamard(a: Matrix, b: Matrix): Matrix {
  return { ...a, data: a.data.map((value, i) => value * b.data[i]!) };
}

/** a + mu · I */
export function shifted(a: Matrix, mu: number): Matrix {
  const data = a.data.slice();
  for (let i = 0; i < a.rows; i++) data[i * a.columns + i]! += mu;
  return { ...a, data };
}
