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
import { requireList } from '../tensor/require.js';
import { requireSampled, requireTarget } from './require-target.js';

/** Targets given by observations one by one: entries, or linear measurements. */
export type SampledTarget = ObservedTarget | SensingTarget;

export interface HeldOut<T extends SampledTarget> {
  readonly train: T;
  /** Left out where the share is too small for a single observation. */
  readonly held?: T;
}

export interface HoldOutOptions {
  /** Modes along which observed entries are held out together, all or none: [2] for the channels of a picture's pixels. Default: none. */
  readonly together?: readonly number[];
}

/**
 * A random choice of ⌊share · count⌋ observations is held out, the others train; both keep their order. The same seed gives the
 * same choice. An entry that is alone in a slice may be held out too: nothing then tells of that slice. O(count · order).
 * @throws InputError for a share that is not from 0 up to 1, or that leaves nothing to train on.
 */
export function holdOut<T extends SampledTarget>(
  target: T,
  share: number,
  seed: number,
  options: HoldOutOptions = {},
): HeldOut<T> {
  requireSampled('holdOut', target);
  requireNamedOptions('holdOut', options, ['together']);
  const { together } = options;
  if (together !== undefined) requireList('holdOut', 'together', together);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError(`holdOut: expected seed to be an integer from 0, got ${shown(seed)}. Change seed.`);
  }
  if (!(typeof share === 'number' && share >= 0 && share < 1)) {
    throw new InputError(`holdOut: expected a share from 0 up to 1, got ${shown(share)}. Give a part such as 0.1.`);
  }
  const groups = target.kind === 'observed' && together?.length ? groupsAlong(target, together) : undefined;
  const total = groups?.count ?? target.count;
  const count = Math.floor(share * total);
  if (count === 0) return { train: target };
  const chosen = new Uint8Array(total);
  shuffled(total, seed)
    .subarray(0, count)
    .forEach((one) => (chosen[one] = 1));
  const numbers = Uint32Array.from({ length: target.count }, (_, e) => e);
  const isHeld = (e: number): boolean => chosen[groups ? groups.of[e]! : e] === 1;
  return {
    train: select(
      target,
      numbers.filter((e) => !isHeld(e)),
    ),
    held: select(target, numbers.filter(isHeld)),
  };
}

/** The observations with the given numbers, in the given order. */
export function select<T extends SampledTarget>(target: T, numbers: Uint32Array): T;
export function select(target: SampledTarget, numbers: Uint32Array): SampledTarget {
  const values = Float64Array.from(numbers, (e) => target.values[e]!);
  const count = numbers.length;
  if (target.kind === 'sensing') {
    return { ...target, count, values, measurements: selectMeasurements(target.measurements, target.count, numbers) };
  }
  const indices = new Uint32Array(count * target.shape.length);
  copyRows(target.indices, indices, numbers, target.shape.length);
  return { ...target, count, values, indices };
}

/** The numbers 0 … total − 1 in a random order (Fisher & Yates). */
export function shuffled(total: number, seed: number, stream = splitStream): Uint32Array {
  const random = randomStream(seed, stream);
  const order = Uint32Array.from({ length: total }, (_, e) => e);
  for (let last = total - 1; last > 0; last--) {
    const other = Math.floor(random.uniform() * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

/**
 * The modes along which a cell's whole fiber is observed wherever one of its entries is, while others are missing: where whole pixels
 * are missing, the channels. What is held out should miss as what is missing does, or its neighbors give it away. O(count · order).
 */
export function wholeModes(target: ObservedTarget): number[] {
  requireTarget('wholeModes', target, ['observed']);
  const { shape, count } = target;
  const cells = sizeOf(shape);
  if (count >= cells || cells > Number.MAX_SAFE_INTEGER || count > maxGrouped) return [];
  const whole = shape.flatMap((size, mode) =>
    size > 1 && groupsAlong(target, [mode]).count * size === count ? [mode] : [],
  );
  return whole.length < shape.length - 1 ? whole : [];
}

/** Entries that are looked at for groups; more have plenty of everything. */
const maxGrouped = 2 ** 21;

/** Numbers the groups of entries that differ only in the given modes, in the order of their first entries. */
function groupsAlong(
  { shape, indices, count }: ObservedTarget,
  modes: readonly number[],
): { of: Uint32Array; count: number } {
  const numbers = new Map<number, number>();
  const order = shape.length;
  const of = Uint32Array.from({ length: count }, (_, e) => {
    let key = 0;
    for (let k = 0; k < order; k++) if (!modes.includes(k)) key = key * shape[k]! + indices[e * order + k]!;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
  return { of, count: numbers.size };
}

function selectMeasurements(
  measurements: DenseMeasurements | KruskalMeasurements,
  count: number,
  numbers: Uint32Array,
): DenseMeasurements | KruskalMeasurements {
  if (measurements.kind === 'dense') {
    const size = measurements.data.length / count;
    const length = numbers.length * size;
    const data = measurements.data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
    copyRows(measurements.data, data, numbers, size);
    return { kind: 'dense', data };
  }
  const { terms, weights } = measurements;
  const kept = new Float64Array(numbers.length * terms);
  copyRows(weights, kept, numbers, terms);
  const factors = measurements.factors.map((factor): Matrix => {
    const data = new Float64Array(numbers.length * terms * factor.columns);
    copyRows(factor.data, data, numbers, terms * factor.columns);
    return { rows: numbers.length * terms, columns: factor.columns, data };
  });
  return { kind: 'kruskal', terms, weights: kept, factors };
}

function copyRows<T extends Uint32Array | Float32Array | Float64Array>(
  source: T,
  out: T,
  numbers: Uint32Array,
  length: number,
): void {
  // Not by subarray: an object per row takes twenty times as long as its few numbers.
  for (let to = 0, at = 0; to < numbers.length; to++) {
    for (let from = numbers[to]! * length, end = from + length; from < end; from++) out[at++] = source[from]!;
  }
}
