// Factors of several models of one shape and rank, laid out for a backend: stacked mode after mode, [models, Σ shape, rank], or one
// array a mode, [models, shape[mode], rank]. Models here have weights 1: the factors carry everything.
import { matrix, type Matrix } from './matrix.js';
import { concatenate } from './concatenate.js';
import { modeOffsets } from './coordinate.js';
import type { Kruskal } from './kruskal.js';
import { SquareSum } from './square-sum.js';

/** [models, Σ shape, rank] */
export function stackFactors(models: readonly Kruskal[]): Float64Array {
  return concatenate(models.flatMap(({ factors }) => factors.map(({ data }) => data)));
}

/** [models, shape[mode], rank] */
export const factorsOfMode = (models: readonly Kruskal[], mode: number): Float64Array =>
  concatenate(models.map(({ factors }) => factors[mode]!.data));

/** The models that `stackFactors` made the array of. */
export function unstackFactors(shape: readonly number[], rank: number, stacked: Float64Array): Kruskal[] {
  const offsets = modeOffsets(shape);
  const length = offsets[shape.length]! * rank;
  return Array.from({ length: stacked.length / length }, (_, b) => {
    const own = stacked.subarray(b * length, (b + 1) * length);
    return withOnes(
      shape.map((rows, mode) => matrix(rows, rank, own.slice(offsets[mode]! * rank, offsets[mode + 1]! * rank))),
    );
  });
}

/** The models of arrays made by `factorsOfMode`, one per mode. */
export function modelsOfFactors(shape: readonly number[], rank: number, factors: readonly Float64Array[]): Kruskal[] {
  const models = factors[0]!.length / (shape[0]! * rank);
  return Array.from({ length: models }, (_, b) =>
    withOnes(
      shape.map((rows, mode) => {
        const length = rows * rank;
        return matrix(rows, rank, factors[mode]!.slice(b * length, (b + 1) * length));
      }),
    ),
  );
}

/**
 * The same tensor with weights 1: every component's weight spread over the modes in equal parts, its sign in the first. `modes`: those
 * that take part; the factors of the others stay as they are. Default: all.
 */
export function absorbWeights({ weights, factors }: Kruskal, modes = Array.from(factors.keys())): Kruskal {
  const shares = weights.map((weight) => Math.abs(weight) ** (1 / modes.length));
  return withOnes(
    factors.map((factor, mode) => {
      if (!modes.includes(mode)) return factor;
      const { rows, columns, data } = factor;
      const scaled = data.map((value, at) => {
        const c = at % columns;
        return value * shares[c]! * (mode === modes[0] && weights[c]! < 0 ? -1 : 1);
      });
      return matrix(rows, columns, scaled);
    }),
  );
}

/**
 * Gives the columns of every component the same norm in all modes, the geometric mean of their norms, in place: [Σ shape, rank]. By
 * logarithms, so that hundreds of modes do not overflow. A component with a zero column stays as it is. `modes`: those that take part;
 * the factors of the others stay as they are. Default: all.
 */
export function balanceModes(
  shape: readonly number[],
  rank: number,
  stacked: Float64Array,
  modes = Array.from(shape.keys()),
): void {
  if (modes.length < 2) return;
  const offsets = modeOffsets(shape);
  const norms = new Float64Array(shape.length);
  for (let c = 0; c < rank; c++) {
    let logarithms = 0;
    for (const k of modes) {
      const sum = new SquareSum();
      for (let row = offsets[k]!; row < offsets[k + 1]!; row++) sum.add(stacked[row * rank + c]!);
      norms[k] = sum.root;
      logarithms += Math.log(norms[k]);
    }
    const norm = Math.exp(logarithms / modes.length);
    if (!(norm > 0 && norm < Infinity)) continue;
    for (const k of modes) {
      const scale = norm / norms[k]!;
      for (let row = offsets[k]!; row < offsets[k + 1]!; row++) stacked[row * rank + c]! *= scale;
    }
  }
}

/** The parts of stacked factors that belong to the modes, as views. */
export function modeViews(shape: readonly number[], rank: number, stacked: Float64Array): Float64Array[] {
  const offsets = modeOffsets(shape);
  return shape.map((_, mode) => stacked.subarray(offsets[mode]! * rank, offsets[mode + 1]! * rank));
}

const withOnes = (factors: readonly Matrix[]): Kruskal => ({
  weights: new Float64Array(factors[0]!.columns).fill(1),
  factors,
});
