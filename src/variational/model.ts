// A CP model whose factors are not numbers but normal distributions, one per row: what variational inference knows of them.
//   y_e = Σ_r Π_k a_k[i_k, r] + noise of variance σ²,   rows a_k[i, :] ~ N(m_k, diag v_k)   (prior),
//   rows given the values ~ N(A_k[i, :], V_k[i])                                            (posterior, independent of each other).
// The prior's means and variances are learned: where a component's variances shrink to nothing it is a constant, and where its means do
// too it is gone.
import { randomStream, type RandomStream } from '../random/stream.js';
import { matrix } from '../tensor/matrix.js';
import { predictEntriesSteps } from '../analysis/predict.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { absorbWeights } from '../tensor/stacked.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';
import type { VariationalMode, VariationalModel } from './distribution.js';
import type { Entries } from './entries.js';
import { pairsOf } from './packed.js';

export type { VariationalMode, VariationalModel } from './distribution.js';

/** Components that are given as factors, uncertain by nothing yet; their prior is as wide as they are. */
export function modelOf(
  shape: readonly number[],
  factors: readonly Float64Array[],
  rank: number,
  noise: number,
): VariationalModel {
  const modes = shape.map((rows, k): VariationalMode => {
    const means = factors[k]!;
    const priorVariances = new Float64Array(rank).fill(1e-100);
    for (let at = 0; at < means.length; at++) priorVariances[at % rank]! += means[at]! ** 2 / rows;
    const covariances = new Float64Array(rows * pairsOf(rank));
    const held = new Uint8Array(rank);
    return { means, covariances, priorMeans: new Float64Array(rank), priorVariances, held, divergence: 0 };
  });
  return { shape, rank, modes, noise };
}

/** No component, or a constant one where the mean of the values is more than chance. */
export function constantModel({ shape, count, mean, variance }: Entries): VariationalModel {
  if (!isOffset(mean, variance, count))
    return modelOf(
      shape,
      shape.map(() => new Float64Array(0)),
      0,
      variance + mean ** 2,
    );
  return modelOf(shape, constantFactors(shape, mean), 1, variance);
}

/** Prior variance of columns that are held: next to it whatever the values say is nothing. */
const heldVariance = 1e-60;

/**
 * The mean, and a bias for every index of every mode: components that depend on one mode and are 1 in all others, Σ_k b_k[i_k]. The mean is
 * in the first of them.
 */
export function biasModel({ shape, mean, variance }: Entries): VariationalModel {
  const rank = shape.length;
  const factors = shape.map((rows, k) => {
    const factor = new Float64Array(rows * rank).fill(1);
    for (let at = k; at < factor.length; at += rank) factor[at] = k === 0 ? mean : 0;
    return factor;
  });
  const model = modelOf(shape, factors, rank, variance);
  model.modes.forEach((mode, k) => {
    mode.priorVariances[k] = variance;
    mode.priorMeans[k] = k === 0 ? mean : 0;
    for (let r = 0; r < rank; r++) if (r !== k) hold(mode, r);
  });
  return model;
}

/** From now on a column of ones. */
function hold({ held, priorMeans, priorVariances }: VariationalMode, component: number): void {
  held[component] = 1;
  priorMeans[component] = 1;
  priorVariances[component] = heldVariance;
}

/** The components that are biases of one mode. */
export const biasesOf = ({ rank, modes }: VariationalModel): number[] =>
  Array.from({ length: rank }, (_, r) => r).filter((r) => modes.some(({ held }) => held[r] === 1));

/** Components that are given, and what they leave as noise. `like`: where the given ones are from; its biases stay biases. */
export function* givenModel(
  { shape, count, indices, values }: Entries,
  given: Kruskal,
  like?: VariationalModel,
): Work<VariationalModel> {
  const kruskal = absorbWeights(given);
  const predictions = yield* predictEntriesSteps(kruskal, indices);
  let squares = 0;
  yield* inRanges(count, 5, (from, end) => {
    for (let e = from; e < end; e++) squares += (values[e]! - predictions[e]!) ** 2;
  });
  const noise = squares / count;
  const factors = kruskal.factors.map(({ data }) => data.slice());
  const model = modelOf(shape, factors, rankOf(given), noise || Number.MIN_VALUE);
  like?.modes.forEach(({ held }, k) => held.forEach((isHeld, r) => isHeld && hold(model.modes[k]!, r)));
  return model;
}

/** A mean of independent values of this variance is so far from 0 once in 10,000 times. */
const offsetDeviations = 3.9;

const isOffset = (mean: number, variance: number, count: number): boolean =>
  mean ** 2 > (offsetDeviations ** 2 * variance) / count;

/** A component that is `value` in every cell: [rows, 1] */
const constantFactors = (shape: readonly number[], value: number): Float64Array[] =>
  shape.map((rows, k) =>
    new Float64Array(rows).fill(Math.abs(value) ** (1 / shape.length) * (k === 0 && value < 0 ? -1 : 1)),
  );

/** Free numbers of a model with more components than needed, relative to the number of values. */
export const maxWide = 1.5;
/** Part of the variance that wide starts take for noise at first: with more of it all components die at once. */
const firstNoise = 0.03;

/**
 * More components than needed, at random, whose sum has the variance of the values, beside those of `base`; those that are not needed die
 * of their priors.
 */
export function* wideModel(
  { shape, variance }: Entries,
  width: number,
  random: RandomStream,
  base: VariationalModel,
): Work<VariationalModel> {
  const size = Math.sqrt(variance / width) ** (1 / shape.length);
  const factors = yield* randomFactors(shape, width, size, random);
  return yield* joined(modelOf(shape, factors, width, firstNoise * variance), base);
}

/** Normal numbers of this standard deviation, [rows, width] per mode. */
export function* randomFactors(
  shape: readonly number[],
  width: number,
  size: number,
  random: RandomStream,
): Work<Float64Array[]> {
  const factors = shape.map((rows) => new Float64Array(rows * width));
  for (const factor of factors) {
    for (let from = 0; from < factor.length; from += normalsAtOnce) {
      const part = random.fillNormal(factor.subarray(from, from + normalsAtOnce));
      for (let n = 0; n < part.length; n++) part[n]! *= size;
      if (isPauseDue(100 * part.length)) yield;
    }
  }
  return factors;
}

const normalsAtOnce = 2 ** 14;

/** One component more, [rows, 1] per mode. */
export const withComponent = (model: VariationalModel, component: readonly Float64Array[]): Work<VariationalModel> =>
  joined(model, modelOf(model.shape, component, 1, model.noise));

/** The components of two models, independent of each other, and the noise of the first. */
function* joined(first: VariationalModel, second: VariationalModel): Work<VariationalModel> {
  const { shape, noise } = first;
  const rank = first.rank + second.rank;
  const pairs = pairsOf(rank);
  const modes: VariationalMode[] = [];
  for (const [k, mode] of first.modes.entries()) {
    const added = second.modes[k]!;
    const rows = shape[k]!;
    const means = new Float64Array(rows * rank);
    const covariances = new Float64Array(rows * pairs);
    yield* inRanges(rows, 2 * (rank + pairs), (from, end) => {
      for (let i = from; i < end; i++) {
        for (let r = 0; r < rank; r++)
          means[i * rank + r] =
            r < first.rank ? mode.means[i * first.rank + r]! : added.means[i * second.rank + r - first.rank]!;
        for (let p = 0, own = i * pairsOf(first.rank); p < pairsOf(first.rank); p++)
          covariances[i * pairs + p] = mode.covariances[own++]!;
        for (let r = 0, other = i * pairsOf(second.rank); r < second.rank; r++) {
          const to = i * pairs + pairsOf(first.rank + r) + first.rank;
          for (let s = 0; s <= r; s++) covariances[to + s] = added.covariances[other++]!;
        }
      }
    });
    modes.push({
      means,
      covariances,
      priorMeans: Float64Array.of(...mode.priorMeans, ...added.priorMeans),
      priorVariances: Float64Array.of(...mode.priorVariances, ...added.priorVariances),
      stepPrecisions:
        mode.stepPrecisions &&
        Float64Array.of(...mode.stepPrecisions, ...added.priorVariances.map((variance) => 1 / variance)),
      held: Uint8Array.of(...mode.held, ...added.held),
      divergence: mode.divergence,
    });
  }
  return { shape, rank, modes, noise };
}

/** The components of these numbers alone, which rise. */
export function selectedComponents(model: VariationalModel, kept: readonly number[]): VariationalModel {
  const { shape, rank, noise } = model;
  const size = kept.length;
  const modes = model.modes.map((mode, k): VariationalMode => {
    const rows = shape[k]!;
    const means = new Float64Array(rows * size);
    const covariances = new Float64Array(rows * pairsOf(size));
    for (let i = 0; i < rows; i++) {
      for (let a = 0; a < size; a++) {
        const r = kept[a]!;
        means[i * size + a] = mode.means[i * rank + r]!;
        for (let b = 0; b <= a; b++) {
          covariances[i * pairsOf(size) + pairsOf(a) + b] =
            mode.covariances[i * pairsOf(rank) + pairsOf(r) + kept[b]!]!;
        }
      }
    }
    return {
      means,
      covariances,
      priorMeans: Float64Array.from(kept, (r) => mode.priorMeans[r]!),
      priorVariances: Float64Array.from(kept, (r) => mode.priorVariances[r]!),
      stepPrecisions: mode.stepPrecisions && Float64Array.from(kept, (r) => mode.stepPrecisions?.[r] ?? 0),
      held: Uint8Array.from(kept, (r) => mode.held[r]!),
      divergence: mode.divergence,
    };
  });
  return { shape, rank: size, modes, noise };
}

export const copyOf = (model: VariationalModel): VariationalModel =>
  selectedComponents(
    model,
    Array.from({ length: model.rank }, (_, r) => r),
  );

export const withoutComponent = (model: VariationalModel, component: number): VariationalModel =>
  selectedComponents(
    model,
    Array.from({ length: model.rank }, (_, r) => r).filter((r) => r !== component),
  );

/** The posterior means. */
export const kruskalOf = ({ shape, rank, modes }: VariationalModel): Kruskal => ({
  weights: new Float64Array(rank).fill(1),
  factors: modes.map(({ means }, k) => matrix(shape[k]!, rank, means.slice())),
});

/** The CP model of E x² (analysis/posterior.ts): what is found in both orders of a pair counts twice. */
export function secondMomentOf({ shape, rank, modes }: VariationalModel): Kruskal {
  const pairs = pairsOf(rank);
  const weights = new Float64Array(pairs).fill(2);
  for (let r = 0; r < rank; r++) weights[pairsOf(r) + r] = 1;
  const factors = modes.map(({ means, covariances }, k) => {
    const data = covariances.slice();
    for (let i = 0, at = 0; i < shape[k]!; i++) {
      for (let r = 0; r < rank; r++) {
        for (let s = 0; s <= r; s++) data[at++]! += means[i * rank + r]! * means[i * rank + s]!;
      }
    }
    return matrix(shape[k]!, pairs, data);
  });
  return { weights, factors };
}

/** Random cells, [cells, order]. */
export function randomCells(shape: readonly number[], cells: number, seed: number, stream: number): Uint32Array {
  const random = randomStream(seed, stream);
  const indices = new Uint32Array(cells * shape.length);
  for (let at = 0; at < indices.length; at++) indices[at] = Math.floor(random.uniform() * shape[at % shape.length]!);
  return indices;
}
