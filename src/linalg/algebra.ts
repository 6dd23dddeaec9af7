// The little matrix algebra that solvers need, float64, row-major. All functions return new matrices.
import type { Matrix } from '../tensor/matrix.js';

export function identity(n: number): Matrix {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return { rows: n, columns: n, data };
}

/** a · b, of few columns: of more, addProductSteps (matrix-product.ts) is faster. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const { columns } = b;
  const left = a.data;
  const right = b.data;
  const data = new Float64Array(a.rows * columns);
  for (let i = 0, row = 0, out = 0; i < a.rows; i++, row += a.columns, out += columns) {
    const end = row + a.columns;
    let j = 0;
    // Sums of four columns, then two, in registers.
    for (; j + 4 <= columns; j += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = row, from = j; k < end; k++, from += columns) {
        const value = left[k]!;
        s0 += value * right[from]!;
        s1 += value * right[from + 1]!;
        s2 += value * right[from + 2]!;
        s3 += value * right[from + 3]!;
      }
      data[out + j] = s0;
      data[out + j + 1] = s1;
      data[out + j + 2] = s2;
      data[out + j + 3] = s3;
    }
    for (; j + 2 <= columns; j += 2) {
      let s0 = 0;
      let s1 = 0;
      for (let k = row, from = j; k < end; k++, from += columns) {
        const value = left[k]!;
        s0 += value * right[from]!;
        s1 += value * right[from + 1]!;
      }
      data[out + j] = s0;
      data[out + j + 1] = s1;
    }
    if (j < columns) {
      let sum = 0;
      for (let k = row, from = j; k < end; k++, from += columns) sum += left[k]! * right[from]!;
      data[out + j] = sum;
    }
  }
  return { rows: a.rows, columns, data };
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
