// The assignment of rows to columns with the largest total score, exact, rectangular matrices allowed.
// Shortest augmenting paths with potentials (Jonker & Volgenant, Computing 38, 1987). Used by the factor match score.
import { InputError } from '../errors.js';
import { transpose } from '../tensor/matrix.js';
import type { Matrix } from '../tensor/matrix.js';

/**
 * Column of each row, −1 for rows left over when there are more rows than columns: every row or every column is used,
 * even at a negative score. Maximizes Σ scores[row, column]. Cost O(min(rows, columns)² · max(rows, columns)).
 */
export function maxAssignment(scores: Matrix): Int32Array {
  if (scores.data.some((value) => !Number.isFinite(value))) {
    throw new InputError('maxAssignment: expected finite scores, got NaN or Infinity. Replace them by a low score.');
  }
  if (scores.rows <= scores.columns) return assignRows(scores);
  const rowOfColumn = assignRows(transpose(scores));
  const columnOfRow = new Int32Array(scores.rows).fill(-1);
  rowOfColumn.forEach((row, column) => (columnOfRow[row] = column));
  return columnOfRow;
}

/** Rows ≤ columns. Rows enter one by one; each entry is a Dijkstra search over reduced costs −score − u[row] − v[column]. */
function assignRows(scores: Matrix): Int32Array {
  const { rows, columns } = scores;
  const rowPotential = new Float64Array(rows);
  const columnPotential = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);
  const columnOf = new Int32Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) {
    const search = shortestPath(scores, row, rowPotential, columnPotential, rowOf);
    updatePotentials(search, row, rowPotential, columnPotential, rowOf);
    augment(search, row, rowOf, columnOf);
  }
  return columnOf;
}

interface Search {
  readonly distance: Float64Array;
  /** Row before each column on its shortest path. */
  readonly previousRow: Int32Array;
  readonly done: Uint8Array;
  /** The free column reached. */
  readonly end: number;
  readonly length: number;
}

function shortestPath(
  scores: Matrix,
  start: number,
  rowPotential: Float64Array,
  columnPotential: Float64Array,
  rowOf: Int32Array,
): Search {
  const { columns, data } = scores;
  const distance = new Float64Array(columns).fill(Infinity);
  const previousRow = new Int32Array(columns).fill(-1);
  const done = new Uint8Array(columns);
  let row = start;
  let length = 0;
  for (;;) {
    const base = length - rowPotential[row]!;
    let nearest = -1;
    for (let column = 0; column < columns; column++) {
      if (done[column] === 1) continue;
      const reduced = base - data[row * columns + column]! - columnPotential[column]!;
      if (reduced < distance[column]!) {
        distance[column] = reduced;
        previousRow[column] = row;
      }
      if (nearest < 0 || distance[column]! < distance[nearest]!) nearest = column;
    }
    done[nearest] = 1;
    length = distance[nearest]!;
    row = rowOf[nearest]!;
    if (row < 0) return { distance, previousRow, done, end: nearest, length };
  }
}

/** Keeps every reduced cost ≥ 0 and those of assigned pairs 0. */
function updatePotentials(
  { distance, done, end, length }: Search,
  start: number,
  rowPotential: Float64Array,
  columnPotential: Float64Array,
  rowOf: Int32Array,
): void {
  rowPotential[start] = rowPotential[start]! + length;
  for (let column = 0; column < done.length; column++) {
    if (done[column] === 0 || column === end) continue;
    const slack = length - distance[column]!;
    const row = rowOf[column]!;
    rowPotential[row] = rowPotential[row]! + slack;
    columnPotential[column] = columnPotential[column]! - slack;
  }
}

function augment({ previousRow, end }: Search, start: number, rowOf: Int32Array, columnOf: Int32Array): void {
  let column = end;
  for (;;) {
    const row = previousRow[column]!;
    const next = columnOf[row]!;
    rowOf[column] = row;
    columnOf[row] = column;
    if (row === start) return;
    column = next;
  }
}
