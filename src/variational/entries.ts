// Observed entries as sweeps over rows need them: of every mode, the entries of each row.
import type { ObservedTarget } from '../targets/observed.js';

export interface Entries {
  readonly shape: readonly number[];
  readonly count: number;
  /** [count, order], the multi-index of every entry. */
  readonly indices: Uint32Array;
  /** [count] */
  readonly values: Float64Array;
  readonly modes: readonly EntriesOfMode[];
  /** Mean, variance about it, and sum of squares of the values. */
  readonly mean: number;
  readonly variance: number;
  readonly squareSum: number;
}

export interface EntriesOfMode {
  /** [count], numbers of entries: those of row 0, those of row 1, …, in rising order within a row. */
  readonly entries: Uint32Array;
  /** [rows + 1]: those of row i are entries[starts[i]] … entries[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  /** In the order of `entries`: the values, [count], and the indices of the other modes, rising, [count, order − 1]. */
  readonly values: Float64Array;
  readonly others: Uint32Array;
}

export function entriesOf({ shape, count, indices, values }: ObservedTarget): Entries {
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const squareSum = values.reduce((sum, value) => sum + value ** 2, 0);
  const modes = shape.map((rows, mode) => sortedByRow({ indices, values }, shape.length, mode, rows));
  return { shape, count, indices, values, modes, mean, variance, squareSum };
}

/** A counting sort. */
function sortedByRow(
  given: Pick<ObservedTarget, 'indices' | 'values'>,
  order: number,
  mode: number,
  rows: number,
): EntriesOfMode {
  const { indices } = given;
  const starts = new Uint32Array(rows + 1);
  for (let at = mode; at < indices.length; at += order) starts[indices[at]! + 1]!++;
  for (let i = 0; i < rows; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, rows);
  const count = given.values.length;
  const entries = new Uint32Array(count);
  const values = new Float64Array(count);
  const others = new Uint32Array(count * (order - 1));
  for (let e = 0; e < count; e++) {
    const to = next[indices[e * order + mode]!]!++;
    entries[to] = e;
    values[to] = given.values[e]!;
    for (let n = 0, at = to * (order - 1); n < order; n++) if (n !== mode) others[at++] = indices[e * order + n]!;
  }
  return { entries, starts, values, others };
}
