// Parts of a matrix as plain arrays, for plots, tables and other libraries.
import { InputError } from '../errors.js';
import { shown } from '../names.js';
import type { Matrix } from './matrix.js';
import { requireMatrix } from './require.js';

/**
 * Column `c`, `[rows]`: what component c has in a mode, of a factor.
 *
 * @example
 * ```ts
 * import { column, matrix } from 'polyadic';
 *
 * console.log(column(matrix(2, 3, [1, 2, 3, 4, 5, 6]), 0)); // Float64Array(2) [ 1, 4 ]
 * ```
 * @throws InputError for a column that is not there.
 */
export function column(matrix: Matrix, c: number): Float64Array {
  requireMatrix('column', 'the matrix', matrix);
  const { rows, columns, data } = matrix;
  requireIndex('column', c, columns);
  return Float64Array.from({ length: rows }, (_, i) => data[i * columns + c]!);
}

/**
 * Row `i`, `[columns]`, a copy.
 *
 * @example
 * ```ts
 * import { matrix, row } from 'polyadic';
 *
 * console.log(row(matrix(2, 3, [1, 2, 3, 4, 5, 6]), 1)); // Float64Array(3) [ 4, 5, 6 ]
 * ```
 * @throws InputError for a row that is not there.
 */
export function row(matrix: Matrix, i: number): Float64Array {
  requireMatrix('row', 'the matrix', matrix);
  const { rows, columns, data } = matrix;
  requireIndex('row', i, rows);
  return data.slice(i * columns, (i + 1) * columns);
}

/**
 * All rows as nested arrays, `[rows][columns]`: for JSON, and for libraries that take arrays of arrays.
 *
 * @example
 * ```ts
 * import { matrix, toNested } from 'polyadic';
 *
 * console.log(JSON.stringify(toNested(matrix(2, 2, [1, 2, 3, 4])))); // [[1,2],[3,4]]
 * ```
 */
export function toNested(matrix: Matrix): number[][] {
  requireMatrix('toNested', 'the matrix', matrix);
  return Array.from({ length: matrix.rows }, (_, i) => Array.from(row(matrix, i)));
}

function requireIndex(who: string, index: number, count: number): void {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new InputError(`${who}: expected an index from 0 to ${count - 1}, got ${shown(index)}. Indices count from 0.`);
}
