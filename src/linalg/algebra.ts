// The little matrix algebra that solvers need, float64, row-major. All return new matrices but addTo.
import type { Matrix } from '../tensor/matrix.js';

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

/** a + scale · b */
export function plus(a: Matrix, b: Matrix, scale: number): Matrix {
  return { ...a, data: a.data.map((value, i) => value + scale * b.data[i]!) };
}

/** total += part */
export function addTo(total: Matrix, part: Matrix): void {
  for (let i = 0; i < total.data.length; i++) total.data[i]! += part.data[i]!;
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

/** Σ_i a_ii */
export function trace(a: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i++) sum += a.data[i * a.columns + i]!;
  return sum;
}

/** Σ of the inner products of matrices in the same place. */
export function inner(a: readonly Matrix[], b: readonly Matrix[]): number {
  return a.reduce((sum, { data }, n) => {
    const other = b[n]!.data;
    let part = 0;
    for (let i = 0; i < data.length; i++) part += data[i]! * other[i]!;
    return sum + part;
  }, 0);
}
