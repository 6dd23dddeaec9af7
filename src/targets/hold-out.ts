// Some observations set aside: a fit does not see them, so their errors tell how it predicts. What early stopping, the choice of the
// rank and every held-out error rest on.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { splitStream } from '../random/streams.js';
import type { Matrix } from '../tensor/matrix.js';
import { sizeOf } from '../tensor/shape.js';
import type { ObservedTarget } from './observed.js';
import type { DenseMeasurements, KruskalMeasurements, SensingTarget } from './sensing.js';
import { requireNamedOptions, shown } from '../names.js';
import { isInteger, isList, requireForm, requireIntegerIn } from '../tensor/require.js';
import { requireSampled, requireTarget } from './require-target.js';
import { finished, inRanges, type Work } from '../yield.js';

/** Targets given by observations one by one: entries, or linear measurements. */
export type SampledTarget = ObservedTarget | SensingTarget;

export interface HeldOut<T extends SampledTarget> {
  readonly train: T;
  /** Left out where the share is too small for a single observation. */
  readonly held?: T;
}

export interface HoldOutOptions {
  /** Part of the observations that is held out, from 0 up to 1. Default: 0.1. */
  readonly share?: number;
  /** Default: 0. */
  readonly seed?: number;
  /** Modes along which observed entries are held out together, all or none: [2] for the channels of a picture's pixels. Default: none. */
  readonly together?: readonly number[];
}

/**
 * A random choice of ⌊share · count⌋ observations is held out, the others train; both keep their order. The same seed gives the
 * same choice. An entry that is alone in a slice may be held out too: nothing then tells of that slice. O(count · order).
 *
 * @example
 * ```ts
 * import { holdOut } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 2, share: 0.5, seed: 1 });
 * const { train, held } = holdOut(target, { share: 0.1, seed: 1 });
 * console.log(train.count, held?.count); // 227 25
 * ```
 * @throws InputError for a share that is not from 0 up to 1, or that leaves nothing to train on.
 */
export function holdOut<T extends SampledTarget>(target: T, options: HoldOutOptions = {}): HeldOut<T> {
  requireSampled('holdOut', target);
  requireNamedOptions('holdOut', options, ['share', 'seed', 'together']);
  const { together = [] } = options;
  const { length } = target.shape;
  requireForm('holdOut', together, isList(together) && Array.from(together).every((mode) => isModeOf(length, mode)), {
    name: 'together',
    expected: `modes from 0 to ${length - 1}`,
  });
  return finished(holdOutSteps(target, options));
}

/** The same with pauses. */
export function* holdOutSteps<T extends SampledTarget>(
  target: T,
  { share = 0.1, seed = 0, together }: HoldOutOptions,
): Work<HeldOut<T>> {
  requireIntegerIn('holdOut', 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (!(typeof share === 'number' && share >= 0 && share < 1)) {
    throw new InputError(
      `holdOut: expected share to be a number from 0 up to 1, got ${shown(share)}. Give a part such as 0.1.`,
    );
  }
  const groups = target.kind === 'observed' && together?.length ? yield* groupsAlong(target, together) : undefined;
  const total = groups?.count ?? target.count;
  const count = Math.floor(share * total);
  if (count === 0) return { train: target };
  const chosen = new Uint8Array(total);
  const order = yield* shuffledSteps(total, seed);
  for (let k = 0; k < count; k++) chosen[order[k]!] = 1;
  const isHeld = (e: number): boolean => chosen[groups ? groups.of[e]! : e] === 1;
  let held = 0;
  for (let e = 0; e < target.count; e++) if (isHeld(e)) held++;
  const numbers = [new Uint32Array(target.count - held), new Uint32Array(held)] as const;
  const next = [0, 0];
  yield* inRanges(target.count, entryFlops, (from, end) => {
    for (let e = from; e < end; e++) {
      const part = isHeld(e) ? 1 : 0;
      numbers[part][next[part]!++] = e;
    }
  });
  return { train: yield* selectSteps(target, numbers[0]), held: yield* selectSteps(target, numbers[1]) };
}

const isModeOf = (order: number, mode: unknown): boolean => isInteger(mode) && mode >= 0 && mode < order;

/** What it takes to copy a number from anywhere, to look at an entry, and to draw a number, in flops. */
const copyFlops = 4;
const entryFlops = 10;
const drawFlops = 50;
/** To find a number in a map of many. */
const lookUpFlops = 100;

/** The observations with the given numbers, in the given order. */
export const select = <T extends SampledTarget>(target: T, numbers: Uint32Array): T =>
  finished(selectSteps(target, numbers));

/** The same with pauses. */
export function selectSteps<T extends SampledTarget>(target: T, numbers: Uint32Array): Work<T>;
export function* selectSteps(target: SampledTarget, numbers: Uint32Array): Work<SampledTarget> {
  const values = new Float64Array(numbers.length);
  yield* copyRows(target.values, values, numbers, 1);
  const count = numbers.length;
  if (target.kind === 'sensing') {
    const measurements = yield* selectMeasurements(target.measurements, target.count, numbers);
    return { ...target, count, values, measurements };
  }
  const indices = new Uint32Array(count * target.shape.length);
  yield* copyRows(target.indices, indices, numbers, target.shape.length);
  return { ...target, count, values, indices };
}

/** The numbers 0 … total − 1 in a random order (Fisher & Yates). */
export const shuffled = (total: number, seed: number, stream?: number): Uint32Array =>
  finished(shuffledSteps(total, seed, stream));

/** The same with pauses. */
export function* shuffledSteps(total: number, seed: number, stream = splitStream): Work<Uint32Array> {
  const random = randomStream(seed, stream);
  const order = new Uint32Array(total);
  for (let e = 0; e < total; e++) order[e] = e;
  yield* inRanges(total - 1, drawFlops, (from, end) => {
    for (let turn = from; turn < end; turn++) {
      const last = total - 1 - turn;
      const other = Math.floor(random.uniform() * (last + 1));
      const moved = order[last]!;
      order[last] = order[other]!;
      order[other] = moved;
    }
  });
  return order;
}

/**
 * The modes along which a cell's whole fiber is observed wherever one of its entries is, while others are missing: where whole pixels
 * are missing, the channels. What is held out should miss as what is missing does, or its neighbors give it away. O(count · order).
 *
 * @example
 * ```ts
 * import { observed, wholeModes } from 'polyadic';
 *
 * // Two of four pixels, each with its three channels.
 * const indices = [0, 0, 0, 0, 0, 1, 0, 0, 2, 1, 1, 0, 1, 1, 1, 1, 1, 2];
 * console.log(wholeModes(observed([2, 2, 3], indices, [1, 2, 3, 4, 5, 6]))); // [ 2 ]
 * ```
 * @throws InputError for a target of another kind.
 */
export function wholeModes(target: ObservedTarget): number[] {
  requireTarget('wholeModes', target, ['observed']);
  return finished(wholeModesSteps(target));
}

/** The same with pauses. */
export function* wholeModesSteps(target: ObservedTarget): Work<number[]> {
  const { shape, count } = target;
  const cells = sizeOf(shape);
  if (count >= cells || cells > Number.MAX_SAFE_INTEGER || count > maxGrouped) return [];
  const whole: number[] = [];
  for (const [mode, size] of shape.entries()) {
    if (size > 1 && (yield* groupsAlong(target, [mode])).count * size === count) whole.push(mode);
  }
  return whole.length < shape.length - 1 ? whole : [];
}

/** Entries that are looked at for groups; more have plenty of everything. */
const maxGrouped = 2 ** 21;

/** Numbers the groups of entries that differ only in the given modes, in the order of their first entries. */
function* groupsAlong(
  { shape, indices, count }: ObservedTarget,
  modes: readonly number[],
): Work<{ of: Uint32Array; count: number }> {
  const numbers = new Map<number, number>();
  const order = shape.length;
  const of = new Uint32Array(count);
  yield* inRanges(count, lookUpFlops, (from, end) => {
    for (let e = from; e < end; e++) {
      let key = 0;
      for (let k = 0; k < order; k++) if (!modes.includes(k)) key = key * shape[k]! + indices[e * order + k]!;
      const group = numbers.get(key) ?? numbers.size;
      if (group === numbers.size) numbers.set(key, group);
      of[e] = group;
    }
  });
  return { of, count: numbers.size };
}

function* selectMeasurements(
  measurements: DenseMeasurements | KruskalMeasurements,
  count: number,
  numbers: Uint32Array,
): Work<DenseMeasurements | KruskalMeasurements> {
  if (measurements.kind === 'dense') {
    const size = measurements.data.length / count;
    const length = numbers.length * size;
    const data = measurements.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    yield* copyRows(measurements.data, data, numbers, size);
    return { kind: 'dense', data };
  }
  const { terms, weights } = measurements;
  const kept = new Float64Array(numbers.length * terms);
  yield* copyRows(weights, kept, numbers, terms);
  const factors: Matrix[] = [];
  for (const factor of measurements.factors) {
    const data = new Float64Array(numbers.length * terms * factor.columns);
    yield* copyRows(factor.data, data, numbers, terms * factor.columns);
    factors.push({ rows: numbers.length * terms, columns: factor.columns, data });
  }
  return { kind: 'kruskal', terms, weights: kept, factors };
}

function* copyRows<T extends Uint32Array | Float32Array | Float64Array>(
  source: T,
  out: T,
  numbers: Uint32Array,
  length: number,
): Work<void> {
  // Not by subarray: an object per row takes twenty times as long as its few numbers.
  yield* inRanges(numbers.length, entryFlops + copyFlops * length, (first, last) => {
    for (let to = first, at = first * length; to < last; to++) {
      for (let from = numbers[to]! * length, end = from + length; from < end; from++) out[at++] = source[from]!;
    }
  });
}
