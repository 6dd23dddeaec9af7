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
  /** Mean, and variance about it, of the values. */
  readonly mean: number;
  readonly variance: number;
}

export interface EntriesOfMode {
  /** [count], numbers of entries: those of row 0, those of row 1, …, in rising order within a row. */
  readonly entries: Uint32Array;
  /** [rows + 1]: those of row i are entries[starts[i]] … entries[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
}

export function entriesOf({ shape, count, indices, values }: ObservedTarget): Entries {
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const modes = shape.map((rows, mode) => sortedByRow(indices, shape.length, mode, rows));
  return { shape, count, indices, values, modes, mean, variance };
}

/** A counting sort. */
function sortedByRow(indices: Uint32Array, order: number, mode: number, rows: number): EntriesOfMode {
  const starts = new Uint32Array(rows + 1);
  for (let at = mode; at < indices.length; at += order) starts[indices[at]! + 1]!++;
  for (let i = 0; i < rows; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, rows);
  const entries = new Uint32Array(indices.length / order);
  for (let e = 0; e < entries.length; e++) entries[next[indices[e * order + mode]!]!++] = e;
  return { entries, starts };
}
