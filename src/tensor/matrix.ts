// A dense matrix of numbers, row-major: entry (i, j) is data[i · columns + j].
// The one matrix type of the public API: factor matrices [shape[mode], rank], vectors [rank, dim].
// Below it the few products that Kruskal tensors need; used by src/tensor, src/linalg, src/analysis.
import { InputError } from '../errors.js';
import { float64Copy } from './numbers.js';
import { requireList, zeros } from './require.js';
import { shown } from '../names.js';

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * Matrix `[rows, columns]` of zeros, or of the numbers given in row-major order. A Float64Array is kept, not copied.
 *
 * @example
 * ```ts
 * import { matrix, toNested } from 'polyadic';
 *
 * console.log(toNested(matrix(2, 3, [1, 2, 3, 4, 5, 6]))); // [ [ 1, 2, 3 ], [ 4, 5, 6 ] ]
 * ```
 * @throws InputError when sizes do not fit.
 */
export function matrix(rows: number, columns: number, data?: ArrayLike<number>): Matrix {
  for (const size of [rows, columns]) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new InputError(
        `matrix: expected sizes that are integers ≥ 0, got ${shown(rows)} × ${shown(columns)}. Check the sizes.`,
      );
    }
  }
  if (data === undefined) return { rows, columns, data: zeros('matrix', rows * columns) };
  requireList('matrix', 'data', data);
  if (data.length !== rows * columns) {
    throw new InputError(
      `matrix: expected ${rows * columns} numbers for ${rows} × ${columns}, got ${data.length}. Give rows · columns numbers, row by row.`,
    );
  }
  return { rows, columns, data: data instanceof Float64Array ? data : float64Copy(data, 'matrix', 'data') };
}

/** The size of a square matrix. */
export function requireSquare(who: string, a: Matrix): number {
  if (a.rows !== a.columns) {
    throw new InputError(`${who}: expected a square matrix, got ${a.rows} × ${a.columns}. Give n × n.`);
  }
  return a.rows;
}

/** Aᵀ: [rows, columns] → [columns, rows]. */
export function transpose(a: Matrix): Matrix {
  const data = new Float64Array(a.data.length);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) data[j * a.rows + i] = a.data[i * a.columns + j]!;
  }
  return { rows: a.columns, columns: a.rows, data };
}

/** Inner products of the columns, AᵀB: [n, p], [n, q] → [p, q]. Cost O(n·p·q). */
export function columnProducts(a: Matrix, b: Matrix): Matrix {
  const out = new Float64Array(a.columns * b.columns);
  for (let n = 0; n < a.rows; n++) {
    for (let p = 0; p < a.columns; p++) {
      const value = a.data[n * a.columns + p]!;
      for (let q = 0; q < b.columns; q++) {
        const at = p * b.columns + q;
        out[at] = out[at]! + value * b.data[n * b.columns + q]!;
      }
    }
  }
  return { rows: a.columns, columns: b.columns, data: out };
}

/** Inner products of the rows, ABᵀ: [p, n], [q, n] → [p, q]. Cost O(n·p·q). */
export function rowProducts(a: Matrix, b: Matrix): Matrix {
  const out = new Float64Array(a.rows * b.rows);
  for (let p = 0; p < a.rows; p++) {
    for (let q = 0; q < b.rows; q++) {
      let sum = 0;
      for (let n = 0; n < a.columns; n++) {
        sum += a.data[p * a.columns + n]! * b.data[q * b.columns + n]!;
      }
      out[p * b.rows + q] = sum;
    }
  }
  return { rows: a.rows, columns: b.rows, data: out };
}

/** Khatri-Rao product, column by column the Kronecker product: [p, R], [q, R] → [p·q, R], the rows of b fastest. */
export function khatriRao(a: Matrix, b: Matrix): Matrix {
  const { columns } = a;
  const data = new Float64Array(a.rows * b.rows * columns);
  for (let i = 0, to = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      for (let c = 0; c < columns; c++) data[to++] = a.data[i * columns + c]! * b.data[j * columns + c]!;
    }
  }
  return { rows: a.rows * b.rows, columns, data };
}
