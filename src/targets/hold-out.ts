// Some observations set aside: a fit does not see them, so their errors tell how it predicts. What early stopping, the choice of the
// rank and every held-out error rest on.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { splitStream } from '../random/streams.js';
import type { Matrix } from '../tensor/matrix.js';
import type { ObservedTarget } from './observed.js';
import type { DenseMeasurements, KruskalMeasurements, SensingTarget } from './sensing.js';

/** Targets given by observations one by one: entries, or linear measurements. */
export type SampledTarget = ObservedTarget | SensingTarget;

export interface HeldOut<T extends SampledTarget> {
  readonly train: T;
  /** Left out where the share is too small for a single observation. */
  readonly held?: T;
}

/**
 * A random choice of ⌊share · count⌋ observations is held out, the others train; both keep their order. The same seed gives the
 * same choice. An entry that is alone in a slice may be held out too: nothing then tells of that slice. O(count · order).
 * @throws InputError for a share that is not from 0 up to 1, or that leaves nothing to train on.
 */
export function holdOut<T extends SampledTarget>(target: T, share: number, seed: number): HeldOut<T> {
  if (!(share >= 0 && share < 1)) {
    throw new InputError(`holdOut: expected a share from 0 up to 1, got ${share}. Give a part such as 0.1.`);
  }
  const count = Math.floor(share * target.count);
  if (count === 0) return { train: target };
  const [held, train] = randomSplit(target.count, count, seed);
  return { train: select(target, train), held: select(target, held) };
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
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** A random subset of `count` numbers below `total`, and the rest, both rising. */
function randomSplit(total: number, count: number, seed: number): [chosen: Uint32Array, rest: Uint32Array] {
  const order = shuffled(total, seed);
  return [order.slice(0, count).sort(), order.slice(count).sort()];
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
  numbers.forEach((from, to) => out.set(source.subarray(from * length, (from + 1) * length), to * length));
}
