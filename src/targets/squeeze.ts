// Modes of size 1 say nothing about a tensor: [21, 1, 400] is the matrix [21, 400]. They are taken out before a run and put back
// into its models, so that no algorithm can depend on them. Symmetric targets have one size for all modes and stay as they are.
import { isSymmetric, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { SensingTarget } from './sensing.js';
import type { Target } from './target.js';

/** Targets and models keep two modes, of size 1 where there are no longer ones: what a matrix algorithm needs. */
const minModes = 2;

export interface Squeezed<T extends Target> {
  readonly target: T;
  /** A model of the whole shape, as one of the squeezed target's. */
  readonly squeeze: (model: AnyKruskal) => Kruskal;
  /** A model of the squeezed target, as one of the whole shape: factors [1, R] of ones at the modes that were taken out. */
  readonly restore: (model: AnyKruskal) => AnyKruskal;
}

/** The target without its modes of size 1, but with at least two modes; undefined where there is nothing to take out. O(entries). */
export function squeezed<T extends Target>(target: T): Squeezed<T> | undefined {
  if (!('shape' in target)) return undefined;
  const { shape } = target;
  const kept = keptModes(shape);
  if (kept.length === shape.length) return undefined;
  return {
    target: withoutModes(target, kept) as T,
    squeeze: (model) => squeezeModel(toKruskal(model), kept),
    restore(model) {
      if (isSymmetric(model)) return model;
      const rank = model.weights.length;
      const ones = { rows: 1, columns: rank, data: new Float64Array(rank).fill(1) };
      return { weights: model.weights, factors: shape.map((_, mode) => model.factors[kept.indexOf(mode)] ?? ones) };
    },
  };
}

/** Modes longer than 1, and the first ones of size 1 where fewer than two are longer. */
function keptModes(shape: readonly number[]): number[] {
  const modes = Array.from(shape.keys());
  const short = modes.filter((mode) => shape[mode] === 1);
  const spare = short.slice(Math.max(0, minModes - (shape.length - short.length)));
  return modes.filter((mode) => !spare.includes(mode));
}

function withoutModes(target: Extract<Target, { shape: unknown }>, kept: readonly number[]): Target {
  const shape = kept.map((mode) => target.shape[mode]!);
  switch (target.kind) {
    case 'dense':
      return { ...target, shape };
    case 'observed': {
      const { count, indices } = target;
      const order = target.shape.length;
      const at = new Uint32Array(count * kept.length);
      for (let e = 0; e < count; e++) {
        kept.forEach((mode, k) => (at[e * kept.length + k] = indices[e * order + mode]!));
      }
      return { ...target, shape, indices: at };
    }
    case 'sensing':
      return { ...target, shape, measurements: squeezeMeasurements(target.measurements, kept) };
    default:
      return target satisfies never;
  }
}

/** Kruskal measurements: a factor of one column is a number per component, which belongs to its weight. */
function squeezeMeasurements(
  measurements: SensingTarget['measurements'],
  kept: readonly number[],
): SensingTarget['measurements'] {
  if (measurements.kind === 'dense') return measurements;
  const { weights, factors } = measurements;
  const spare = factors.filter((_, mode) => !kept.includes(mode));
  return {
    ...measurements,
    weights: weights.map((weight, q) => spare.reduce((product, { data }) => product * data[q]!, weight)),
    factors: kept.map((mode) => factors[mode]!),
  };
}

function squeezeModel({ weights, factors }: Kruskal, kept: readonly number[]): Kruskal {
  const spare = factors.filter((_, mode) => !kept.includes(mode));
  return {
    weights: weights.map((weight, r) => spare.reduce((product, { data }) => product * data[r]!, weight)),
    factors: kept.map((mode) => factors[mode]!),
  };
}
