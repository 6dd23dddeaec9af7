// Modes of size 1 say nothing about a tensor: [21, 1, 400] is the matrix [21, 400]. They are taken out before a run and put back
// into its models, so that no algorithm can depend on them. Symmetric targets have one size for all modes and stay as they are.
import { isSymmetric, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { Squeezed } from './handle.js';

/** Targets and models keep two modes, of size 1 where there are no longer ones: what a matrix algorithm needs. */
const minModes = 2;

/**
 * The problem without its modes of size 1, but with at least two modes; undefined where there is nothing to take out. `withModes`
 * makes the problem of the modes that are kept. O(entries).
 */
export function squeezedBy<P>(
  shape: readonly number[],
  withModes: (kept: readonly number[]) => P,
): Squeezed<P> | undefined {
  const kept = keptModes(shape);
  if (kept.length === shape.length) return undefined;
  return {
    problem: withModes(kept),
    squeeze: (model) => keepModes(toKruskal(model), kept),
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

/** A factor of a mode that goes holds one number per component, which belongs to its weight. */
export function keepModes({ weights, factors }: Kruskal, kept: readonly number[]): Kruskal {
  const spare = factors.filter((_, mode) => !kept.includes(mode));
  return {
    weights: weights.map((weight, r) => spare.reduce((product, { data }) => product * data[r]!, weight)),
    factors: kept.map((mode) => factors[mode]!),
  };
}
