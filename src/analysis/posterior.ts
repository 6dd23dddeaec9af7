// What a completion leaves open, in one of two forms.
// variational: the rows of factors are known as distributions, independent of each other, with means A_k[i, :] and second moments
// M_k[i] = A Aᵀ + V. An entry of the tensor has, with rows taken at its indices,
//   E x = Σ_r w_r Π_k A_k[r],   E x² = Σ_rs w_r w_s Π_k M_k[r, s],   variance E x² − (E x)².
// E x² is a CP model too, with a component for every pair r ≥ s.
// bayesian: models are drawn from the posterior; mean, variance and quantiles of anything are those over the draws.
import { InputError } from '../errors.js';
import { requireNamedOptions, shown } from '../names.js';
import { randomStream } from '../random/stream.js';
import { select, type SampledTarget } from '../targets/hold-out.js';
import { requireCells } from '../targets/require-target.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { isKruskal, isObject } from '../tensor/require.js';
import { toDense } from '../tensor/to-dense.js';
import { normalQuantile } from './normal-quantile.js';
import { predictSteps } from './predict.js';
import { finished } from '../yield.js';
import { runningMoments, type RunningMoments } from './running-moments.js';

export interface Posterior {
  /** The CP model of E x², of rank R (R + 1) / 2. */
  readonly secondMoment: Kruskal;
  /** Standard deviation of the noise in a value, σ, in the units of the data. */
  readonly noise: number;
  /** The variance of an entry is this times E x² − (E x)², which is too small by itself: count / (count − unknowns), a heuristic. At least 1. */
  readonly inflation: number;
}

/** Draws from the posterior, chain after chain. */
export interface SampledPosterior {
  readonly draws: readonly Kruskal[];
  /** σ of every draw. */
  readonly noises: Float64Array;
  /** Mean of σ, in the units of the data. */
  readonly noise: number;
  /** Share of the draws with r = 0, 1, … components: of a norm above 5 % of the largest, and of entries above σ/√count, count values. */
  readonly rankShares: Float64Array;
  /** Whether the chains agree; SVGD has none. */
  readonly mixing?: {
    readonly chains: number;
    /** The largest `splitRHat` of predictions of some cells and of σ, which do not depend on the order of components. */
    readonly rHat: number;
    /** The smallest `effectiveSampleSize` of the same. */
    readonly effectiveDraws: number;
  };
}

export type AnyPosterior = Posterior | SampledPosterior;

/** A result that knows what it leaves open: that of the algorithms variational and bayesian. */
export interface WithPosterior {
  readonly kruskal: Kruskal;
  readonly posterior?: AnyPosterior;
}

export interface Predictions {
  /** E x, [count] */
  readonly means: Float64Array;
  /** √(var x), [count]. An observed value varies by √(var x + noise²) about its mean. */
  readonly deviations: Float64Array;
}

export interface IntervalOptions {
  /** Probability that an interval holds. Default: 0.9. */
  readonly share?: number;
  /** Whether for values that are observed with noise, or for the entry itself: too narrow where the width is too small or the noise hides components. Default: true. */
  readonly noise?: boolean;
}

export interface Intervals {
  /** `[count]` */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * The model at the cells of a target, with standard deviations of what the observations leave open; under measurements too, where the
 * result is that of bayesian. O(order · count · rank²), or O(order · count · rank · draws). Deviations below 1e-8 of an entry are rounding.
 *
 * @example
 * ```ts
 * import { decompose, predictWithDeviation } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, noise: 0.1, seed: 1 });
 * const { means, deviations } = predictWithDeviation(await decompose(target), target);
 * console.log(`${means[0]} ± ${deviations[0]}`);
 * ```
 * @throws InputError for a result without posterior, and for a target of another shape.
 */
export function predictWithDeviation(result: WithPosterior, target: SampledTarget): Predictions {
  return momentsAt('predictWithDeviation', result, target);
}

function momentsAt(who: string, result: WithPosterior, target: SampledTarget): Predictions {
  const posterior = requiredPosterior(who, result);
  requireCells(who, target, 'draws' in posterior ? undefined : ['observed']);
  const valuesOf = (model: Kruskal): Float64Array => finished(predictSteps(model, target, who));
  if ('draws' in posterior) return momentsOver(posterior.draws, valuesOf);
  const means = valuesOf(result.kruskal);
  return { means, deviations: deviationsOf(means, valuesOf(posterior.secondMoment), posterior.inflation) };
}

/**
 * Central credible intervals at the cells of a target, or for its measurements: quantiles over draws (bayesian), or those of a normal
 * distribution (variational). Noise is drawn from a fixed stream, so that the same result gives the same intervals.
 *
 * @example
 * ```ts
 * import { decompose, predictIntervals } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, noise: 0.1, seed: 1 });
 * const { lower, upper } = predictIntervals(await decompose(target), target, { share: 0.9 });
 * console.log(`${lower[0]} to ${upper[0]}`);
 * ```
 * @throws InputError for a result without posterior, for a target of another shape, and for a share that is not between 0 and 1.
 */
export function predictIntervals(
  result: WithPosterior,
  target: SampledTarget,
  options: IntervalOptions = {},
): Intervals {
  const who = 'predictIntervals';
  requireNamedOptions(who, options, ['share', 'noise']);
  const { share = 0.9, noise = true } = options;
  if (!(typeof share === 'number' && share > 0 && share < 1)) {
    throw new InputError(
      `${who}: expected share to be between 0 and 1, got ${shown(share)}. Give a probability such as 0.9.`,
    );
  }
  const posterior = requiredPosterior(who, result);
  if ('draws' in posterior) {
    requireCells(who, target);
    return quantilesOver(posterior, target, share, noise);
  }
  const { means, deviations } = momentsAt(who, result, target);
  const width = -normalQuantile((1 - share) / 2);
  const half = deviations.map((deviation) => width * Math.hypot(deviation, noise ? posterior.noise : 0));
  return { lower: means.map((mean, e) => mean - half[e]!), upper: means.map((mean, e) => mean + half[e]!) };
}

/**
 * `[size]`: the mean of every entry, row-major: the model itself, or the mean over draws. O(size · rank · draws)
 *
 * @example
 * ```ts
 * import { decompose, meanTensor } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, noise: 0.1, seed: 1 });
 * console.log(meanTensor(await decompose(target)).length); // 504
 * ```
 * @throws InputError for a result without posterior.
 */
export function meanTensor(result: WithPosterior): Float64Array {
  const posterior = requiredPosterior('meanTensor', result);
  return 'draws' in posterior
    ? momentsOver(posterior.draws, (draw) => toDense(draw).data).means
    : toDense(result.kruskal).data;
}

/**
 * `[size]`: the standard deviation of every entry, row-major, without the noise of an observation. O(size · rank²), or O(size · rank ·
 * draws)
 *
 * @example
 * ```ts
 * import { decompose, deviationTensor } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, noise: 0.1, seed: 1 });
 * console.log(deviationTensor(await decompose(target)).every((deviation) => deviation > 0)); // true
 * ```
 * @throws InputError for a result without posterior.
 */
export function deviationTensor(result: WithPosterior): Float64Array {
  const posterior = requiredPosterior('deviationTensor', result);
  if ('draws' in posterior) return momentsOver(posterior.draws, (draw) => toDense(draw).data).deviations;
  return deviationsOf(toDense(result.kruskal).data, toDense(posterior.secondMoment).data, posterior.inflation);
}

const deviationsOf = (means: Float64Array, squares: Float64Array, inflation: number): Float64Array =>
  means.map((mean, e) => Math.sqrt(inflation * Math.max(0, squares[e]! - mean ** 2)));

function momentsOver(draws: readonly Kruskal[], valuesOf: (draw: Kruskal) => Float64Array): Predictions {
  let moments: RunningMoments | undefined;
  for (const draw of draws) {
    const values = valuesOf(draw);
    const running = (moments ??= runningMoments(values.length));
    values.forEach((value, e) => running.add(e, value));
  }
  const running = moments ?? runningMoments(0);
  return { means: running.means, deviations: running.deviations() };
}

/** Predictions of all draws that are held at a time: 32 MiB. */
const maxPredictions = 2 ** 22;

function quantilesOver(
  { draws, noises }: SampledPosterior,
  target: SampledTarget,
  share: number,
  withNoise: boolean,
): Intervals {
  const random = randomStream(0);
  const lower = new Float64Array(target.count);
  const upper = new Float64Array(target.count);
  const values = new Float64Array(withNoise ? 2 * draws.length : draws.length);
  const block = Math.max(1, Math.floor(maxPredictions / draws.length));
  for (let from = 0; from < target.count; from += block) {
    const numbers = Uint32Array.from({ length: Math.min(block, target.count - from) }, (_, e) => from + e);
    const part = select(target, numbers);
    const predictions = draws.map((draw) => finished(predictSteps(draw, part, 'predictIntervals')));
    for (const [e, at] of numbers.entries()) {
      predictions.forEach((ofDraw, s) => {
        const prediction = ofDraw[e]!;
        if (!withNoise) {
          values[s] = prediction;
          return;
        }
        const noise = noises[s]! * random.normal();
        values[2 * s] = prediction - noise;
        values[2 * s + 1] = prediction + noise;
      });
      values.sort();
      lower[at] = quantile(values, (1 - share) / 2);
      upper[at] = quantile(values, (1 + share) / 2);
    }
  }
  return { lower, upper };
}

/** Linear between sorted values. */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

export function requiredPosterior(who: string, result: WithPosterior): AnyPosterior {
  const posterior = isObject(result) && isKruskal(result.kruskal) ? result.posterior : undefined;
  if (isObject(posterior) && ('draws' in posterior || 'secondMoment' in posterior)) return posterior;
  throw new InputError(
    `${who}: expected a result with a posterior, got one without. Only runs that came to their end give one: of variational, where its model is not in doubt, and of bayesian.`,
  );
}
