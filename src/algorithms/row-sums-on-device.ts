// The sums over the entries of a row (src/variational/row-sums.ts) on a backend: most of the time of a sweep, if there are many entries.
// They are gradients of CP models at observed entries, for which there is an operation without atomics, whose long rows are split:
//   Σ_e y_e h_e: factors A, and y_e as the derivative of entry e;   Σ_e C_e: factors A Aᵀ + V, one column per pair, and derivatives 1.
// Moments go there and sums come back for every mode of a sweep. All else of a sweep is in float64 on the CPU: inverses, priors, evidence.
//
// Precision: float32 (u = 2⁻²⁴) moves predictions by a few u times the root mean square of the values, and σ², which is a difference of
// sums of squares, by up to u times their mean square. So noise of less than a hundred u of the mean square is left to the CPU; and where
// sweeps change no more than u does, they go on there (refit.ts): every fit ends in float64, and exact ones stay exact. An offset of the
// values is a component of the model, and counts. To subtract it from the values would not help: its products in C_e are rounded as well.
import { defaultPartLength, modeOffsets, partsOfRows, stackRows } from '../tensor/coordinate.js';
import { dispose } from '../dispose.js';
import { BackendError } from '../errors.js';
import type { Entries, RowSums, RowSumsOnDevice } from '../variational/entries.js';
import { pairsOf } from '../variational/packed.js';
import { areWorthADevice, noiseInRoundings } from '../variational/row-sums.js';
import { inRanges, isPauseDue, waitFor, type Work } from '../yield.js';
import type { Backend, DeviceArray, DeviceSegments, IndexArray, Scope } from '../backend/backend.js';
import { uploadSorted } from './completion/observed-entries.js';

/** Modes that the operation is made for. */
const maxOrder = 16;

/** Entries on the device: they stay while models change. */
interface Uploaded {
  readonly entries: Entries;
  readonly scope: Scope;
  /** [count, order] */
  readonly entryRows: IndexArray;
  readonly segments: DeviceSegments;
  /** [count] */
  readonly values: DeviceArray;
  readonly ones: DeviceArray;
}

/** Arrays for one number of components: means and second moments of the rows of all modes, and their sums. */
interface Arrays {
  readonly uploaded: Uploaded;
  readonly rank: number;
  readonly scope: Scope;
  /** [rows, rank] */
  readonly means: DeviceArray;
  readonly sums: DeviceArray;
  /** [rows, pairs] */
  readonly secondMoments: DeviceArray;
  readonly secondSums: DeviceArray;
}

export interface OpenRowSums extends RowSumsOnDevice, Disposable {
  /** Why the CPU did all sums, or those after a failure of the device; undefined where it did not. */
  readonly whyNot: string | undefined;
}

/** `isWorth`: for tests, whether so many entries and components are worth it. */
export function openRowSums(
  { scope: open, roundoff, maxLength }: Pick<Backend, 'scope' | 'roundoff' | 'maxLength'>,
  isWorth = areWorthADevice,
): OpenRowSums {
  let uploaded: Uploaded | undefined;
  let arrays: Arrays | undefined;
  let isUsed = false;
  let isOn = false;
  let failure: string | undefined;
  let reason: string | undefined;

  /** Why this sweep is left to the CPU. */
  function whyNotNow(entries: Entries, rank: number, noise: number): string | undefined {
    const { shape, count, squareSum } = entries;
    const rows = shape.reduce((sum, size) => sum + size, 0);
    if (shape.length > maxOrder || !isWorth(entries, rank)) return 'sweeps are too short to benefit from a GPU';
    if (noise * count < noiseInRoundings * roundoff * squareSum) return 'there is less noise than float32 can tell';
    // Numbers of moments, or of sums over parts of rows; indices of entries.
    const largest = Math.max((rows + count / defaultPartLength) * pairsOf(rank), shape.length * count);
    return largest > maxLength ? 'the entries do not fit into one array of the GPU' : undefined;
  }

  function* arraysFor(entries: Entries, rank: number): Work<Arrays> {
    if (arrays?.uploaded.entries === entries && arrays.rank === rank) return arrays;
    arrays?.scope[dispose]();
    arrays = undefined;
    if (uploaded?.entries !== entries) {
      uploaded?.scope[dispose]();
      uploaded = undefined;
      uploaded = yield* upload(open('entries'), entries);
    }
    const rows = entries.shape.reduce((sum, size) => sum + size, 0);
    const scope = open(`row sums of ${rank} components`);
    const array = (label: string, width: number): DeviceArray => scope.array(label, rows * width);
    return (arrays = {
      uploaded,
      rank,
      scope,
      means: array('means', rank),
      sums: array('sums', rank),
      secondMoments: array('second moments', pairsOf(rank)),
      secondSums: array('sums of second moments', pairsOf(rank)),
    });
  }

  return {
    roundoff,
    get whyNot() {
      return failure ?? (isUsed ? undefined : reason);
    },
    *sums(entries, { rank, noise }, moments, mode) {
      if (failure !== undefined) return undefined;
      if (mode === 0) {
        reason = whyNotNow(entries, rank, noise);
        isOn = reason === undefined;
      }
      if (!isOn) return undefined;
      try {
        const on = yield* arraysFor(entries, rank);
        for (const n of mode === 0 ? entries.shape.keys() : [mode - 1])
          if (n !== mode) yield* writeMoments(on, n, moments[n]!);
        const sums = yield* sumRows(on, mode);
        isUsed = true;
        return sums;
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        failure = error.message;
        return undefined;
      }
    },
    [dispose]() {
      arrays?.scope[dispose]();
      uploaded?.scope[dispose]();
    },
  };
}

function* upload(scope: Scope, entries: Entries): Work<Uploaded> {
  const { shape, count, indices, values, modes } = entries;
  const order = shape.length;
  const offsets = modeOffsets(shape);
  const sorted = new Uint32Array(order * count);
  const begins = new Uint32Array(offsets[order]! + 1);
  modes.forEach((mode, k) => {
    sorted.set(mode.entries, k * count);
    mode.starts.forEach((start, i) => (begins[offsets[k]! + i] = k * count + start));
  });
  if (isPauseDue(2 * sorted.length + begins.length)) yield;
  const segments = uploadSorted(scope, { entries: sorted, ...partsOfRows(offsets, begins), offsets });
  if (isPauseDue(10 * begins.length + sorted.length)) yield;
  const entryRows = scope.indices('rows of the entries', stackRows(shape, indices));
  if (isPauseDue(4 * sorted.length)) yield;
  const uploaded = {
    entries,
    scope,
    entryRows,
    segments,
    values: scope.array('observed values', values),
    ones: scope.array('ones', new Float64Array(count).fill(1)),
  };
  if (isPauseDue(4 * count)) yield;
  yield* waitFor(scope.flush());
  return uploaded;
}

/** Of one mode, [rows, rank + pairs]. */
function* writeMoments({ uploaded, rank, scope, means, secondMoments }: Arrays, mode: number, moments: Float64Array) {
  const { shape } = uploaded.entries;
  const offset = uploaded.segments.offsets[mode]!;
  const pairs = pairsOf(rank);
  yield* inRanges(shape[mode]!, 4 * (rank + pairs), (from, end) => {
    const first = new Float64Array((end - from) * rank);
    const second = new Float64Array((end - from) * pairs);
    for (let i = from, at = from * (rank + pairs); i < end; i++, at += rank + pairs) {
      first.set(moments.subarray(at, at + rank), (i - from) * rank);
      second.set(moments.subarray(at + rank, at + rank + pairs), (i - from) * pairs);
    }
    scope.write(means, first, (offset + from) * rank);
    scope.write(secondMoments, second, (offset + from) * pairs);
  });
}

function* sumRows(arrays: Arrays, mode: number): Work<RowSums> {
  const { uploaded, rank, scope } = arrays;
  const { entries, entryRows, segments } = uploaded;
  const { shape, count } = entries;
  const rows = segments.offsets[shape.length]!;
  const range = { order: shape.length, batch: 1, rows, first: 0, count, mode, entryRows, segments };
  const { means, sums, secondMoments, secondSums } = arrays;
  scope.gradientObserved({ ...range, rank, factors: means, derivative: uploaded.values, gradient: sums });
  const pairs = pairsOf(rank);
  const second = { rank: pairs, factors: secondMoments, derivative: uploaded.ones, gradient: secondSums };
  scope.gradientObserved({ ...range, ...second });
  const first = segments.offsets[mode]!;
  const end = segments.offsets[mode + 1]!;
  const both = [
    scope.read(sums, first * rank, end * rank),
    scope.read(secondSums, first * pairs, end * pairs),
  ] as const;
  const [ofMeans, ofSecondMoments] = yield* waitFor(Promise.all(both));
  return { ofMeans, ofSecondMoments };
}
