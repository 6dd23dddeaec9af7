// Observed entries as sweeps over rows need them: of every mode, the entries of each row.
import type { ObservedTarget } from '../targets/observed.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';
import type { VariationalModel } from './distribution.js';

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
  /** What stands for the values and their noise under a loss other than squared errors; `mean` and `variance` are then those of the model. */
  readonly local?: LocalGaussians | undefined;
  /** Where row sums of many entries are computed; undefined: here. */
  readonly device?: RowSumsOnDevice | undefined;
}

/** Gaussians that stand for the values under a loss other than squared errors (local-gaussians.ts). */
export interface LocalGaussians {
  /** Whether values may be exact but for some that are grossly wrong. */
  readonly isRobust: boolean;
  /** z and w, [count]; also in the order of every mode (entries.ts). */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** The same loss for other entries. */
  readonly of: (entries: Entries) => Entries;
  /** The same entries for the last fit of a model that was found. */
  readonly forLastFit: () => Entries;
  /** Takes the Gaussians of a model that is constant: where searches begin at random. */
  readonly reset: () => Work<void>;
  /** Takes those of this model. With `minNoise` σ² is learned first, and stays above that. */
  readonly update: (model: VariationalModel, minNoise?: number) => Work<Likelihood>;
  /** Squared error of the prediction of a value and its expectation, for a value that the model has not seen. */
  readonly surpriseAt: (value: number, mean: number, variance: number, noise: number) => readonly [number, number];
}

export interface Likelihood {
  /** Mean of w (y − m)², or σ² where that is not learned. */
  readonly squaredError: number;
  /** Σ E log p(y | x), or a lower bound of it, in nats and without terms of the values alone. */
  readonly logLikelihood: number;
}

/** Row sums on a device, in its precision. */
export interface RowSumsOnDevice {
  /** Unit roundoff of the device. */
  readonly roundoff: number;
  /**
   * Sums of all rows of a mode (row-sums.ts), or undefined where the CPU has them sooner or more precisely. Modes come in rising order
   * from 0 on, after each of which the moments of that mode alone may change.
   */
  sums(
    entries: Entries,
    model: { readonly rank: number; readonly noise: number },
    moments: readonly Float64Array[],
    mode: number,
  ): Work<RowSums | undefined>;
}

export interface RowSums {
  /** Σ_e y_e h_e, [rows, rank] */
  readonly ofMeans: Float64Array;
  /** Σ_e C_e, lower triangles, [rows, rank (rank + 1) / 2] */
  readonly ofSecondMoments: Float64Array;
}

export interface EntriesOfMode {
  /** [count], numbers of entries: those of row 0, those of row 1, …, in rising order within a row. */
  readonly entries: Uint32Array;
  /** [rows + 1]: those of row i are entries[starts[i]] … entries[starts[i + 1] − 1]. */
  readonly starts: Uint32Array;
  /** In the order of `entries`: the values, [count], and the indices of the other modes, rising, [count, order − 1]. */
  readonly values: Float64Array;
  readonly others: Uint32Array;
  /** In the same order, what each value counts for; undefined: 1. [count] */
  readonly weights?: Float64Array;
}

export function* entriesOf({ shape, count, indices, values }: ObservedTarget, device?: RowSumsOnDevice): Work<Entries> {
  let sum = 0;
  yield* inRanges(count, 4, (from, end) => {
    for (let e = from; e < end; e++) sum += values[e]!;
  });
  const mean = sum / count;
  let squareSum = 0;
  let variance = 0;
  yield* inRanges(count, 20, (from, end) => {
    for (let e = from; e < end; e++) {
      squareSum += values[e]! ** 2;
      variance += (values[e]! - mean) ** 2 / count;
    }
  });
  const modes: EntriesOfMode[] = [];
  for (let k = 0; k < shape.length; k++)
    modes.push(yield* sortedByRow({ indices, values }, shape.length, k, shape[k]!));
  return { shape, count, indices, values, modes, mean, variance, squareSum, device };
}

/** The entries of these numbers alone. */
export function* partOf(
  { shape, count, indices, values, local, device }: Entries,
  isKept: (entry: number) => boolean,
): Work<Entries> {
  const order = shape.length;
  const kept = new Uint32Array(count);
  let size = 0;
  yield* inRanges(count, 10, (from, end) => {
    for (let e = from; e < end; e++) if (isKept(e)) kept[size++] = e;
  });
  const part = { indices: new Uint32Array(size * order), values: new Float64Array(size) };
  yield* inRanges(size, 10 * order, (from, end) => {
    for (let n = from; n < end; n++) {
      part.values[n] = values[kept[n]!]!;
      for (let k = 0; k < order; k++) part.indices[n * order + k] = indices[kept[n]! * order + k]!;
    }
  });
  const entries = yield* entriesOf({ kind: 'observed', shape, count: size, ...part }, device);
  return local ? local.of(entries) : entries;
}

/** Bytes that the sorted entries take. */
export const bytesOfEntries = (order: number, count: number): number => order * count * (12 + 4 * (order - 1));

/** Of every mode, how many rows have values. */
export const rowsWithValues = ({ modes }: Entries): number[] =>
  modes.map(({ starts }) => {
    let rows = 0;
    for (let i = 0; i + 1 < starts.length; i++) if (starts[i + 1]! > starts[i]!) rows++;
    return rows;
  });

/** A counting sort. */
function* sortedByRow(
  given: Pick<ObservedTarget, 'indices' | 'values'>,
  order: number,
  mode: number,
  rows: number,
): Work<EntriesOfMode> {
  const { indices } = given;
  const starts = new Uint32Array(rows + 1);
  yield* inRanges(indices.length / order, 10, (from, end) => {
    for (let at = mode + from * order; at < end * order; at += order) starts[indices[at]! + 1]!++;
  });
  for (let i = 0; i < rows; i++) starts[i + 1]! += starts[i]!;
  if (isPauseDue(10 * rows)) yield;
  const next = starts.slice(0, rows);
  const count = given.values.length;
  const entries = new Uint32Array(count);
  const values = new Float64Array(count);
  const others = new Uint32Array(count * (order - 1));
  yield* inRanges(count, 50, (from, end) => {
    for (let e = from; e < end; e++) {
      const to = next[indices[e * order + mode]!]!++;
      entries[to] = e;
      values[to] = given.values[e]!;
      for (let n = 0, at = to * (order - 1); n < order; n++) if (n !== mode) others[at++] = indices[e * order + n]!;
    }
  });
  return { entries, starts, values, others };
}
