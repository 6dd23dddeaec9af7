// What draws of a posterior say: their rank, which of them is nearest to their mean, whether the chains have mixed, and the end of the run.
import { componentNorms } from '../../analysis/component-norms.js';
import { effectiveSampleSize, splitRHat, type Chains } from '../../analysis/mixing.js';
import type { SampledPosterior } from '../../analysis/posterior.js';
import { predictEntriesUnchecked } from '../../analysis/predict.js';
import { rootMeanSquare } from '../../handles/scale.js';
import { randomStream } from '../../random/stream.js';
import { checkStreams } from '../../random/streams.js';
import type { RunEnd } from '../../result.js';
import { scaleKruskal, type Kruskal } from '../../tensor/kruskal.js';
import { sizeOf } from '../../tensor/shape.js';
import { arrange, normalize, selectComponents } from '../../tensor/normalize.js';
import { isPauseDue, type Work } from '../../yield.js';
import { smallest } from '../algorithm.js';
import type { Draw } from './sghmc.js';

/** A component counts whose norm is above this share of the largest, and above what noise makes. */
const countedShare = 0.05;
/** Cells by which draws are compared with their mean, and the first of them by which chains are compared. */
const comparedCells = 1024;
const mixingCells = 16;
/** Noise beyond this share of the model may hide components. */
const noisyShare = 0.5;
/** Chains with a larger split R̂ have not mixed. */
export const maxRHat = 1.1;

export interface Outcome {
  readonly kruskal: Kruskal;
  readonly end: RunEnd;
}

export interface OutcomeSetup {
  readonly shape: readonly number[];
  /** Observations of the target. */
  readonly count: number;
  readonly draws: readonly Draw[];
  readonly sampler: 'sghmc' | 'svgd';
  readonly seed: number;
  /** The model of the target is this times that of the draws; σ is noiseUnit / √β. */
  readonly modelUnit: number;
  readonly noiseUnit: number;
}

/** What a draw of a chain says. */
interface Said {
  readonly model: Kruskal;
  readonly noise: number;
  readonly predictions: Float64Array;
  /** The components that count. */
  readonly kept: readonly number[];
}

/** Undefined where no chain has kept to finite numbers. */
export function* outcomeOf(setup: OutcomeSetup): Work<Outcome | undefined> {
  const { shape, count, draws, sampler, seed, modelUnit, noiseUnit } = setup;
  const all = draws[0]?.models.length ?? 0;
  const random = randomStream(seed, checkStreams + 1);
  const indices = Uint32Array.from({ length: comparedCells * shape.length }, (_, at) =>
    Math.floor(random.uniform() * shape[at % shape.length]!),
  );
  const chains: Said[][] = [];
  for (let chain = 0; chain < all; chain++) {
    const said: Said[] = [];
    for (const draw of draws) {
      const model = draw.models[chain]!;
      const sigma = 1 / Math.sqrt(draw.noise[chain]!);
      const predictions = predictEntriesUnchecked(model, indices);
      const kept = countedComponents(model, sigma * Math.sqrt(sizeOf(shape) / count));
      said.push({ model, noise: noiseUnit * sigma, predictions, kept });
      if (isPauseDue(comparedCells * shape.length * model.weights.length)) yield;
    }
    const isFinite = said.every(({ noise, predictions }) => [noise, ...predictions].every(Number.isFinite));
    if (isFinite) chains.push(said);
  }
  const finite = chains.flat();
  if (finite.length === 0) return undefined;
  const predicted = finite.map(({ predictions }) => predictions);
  const mean = meanOf(predicted);
  const best = nearestTo(mean, predicted);
  const rankShares = new Float64Array(finite[0]!.model.weights.length + 1);
  for (const { kept: components } of finite) rankShares[components.length]! += 1 / finite.length;
  const nearest = selectComponents(finite[best]!.model, finite[best]!.kept);
  const watched: Chains[] = [
    ...Array.from({ length: mixingCells }, (_, cell) =>
      chains.map((said) => said.map(({ predictions }) => predictions[cell]!)),
    ),
    chains.map((said) => said.map(({ noise }) => noise)),
  ];
  const posterior: SampledPosterior = {
    draws: finite.map(({ model }) => scaleKruskal(model, modelUnit)),
    noises: Float64Array.from(finite, ({ noise }) => noise),
    noise: finite.reduce((sum, { noise }) => sum + noise, 0) / finite.length,
    rankShares,
    ...(sampler === 'sghmc' ? { mixing: mixingOf(watched) } : {}),
  };
  const end = endOf(posterior, watched, Math.floor(best / draws.length), all);
  const missed =
    end.stop === 'converged' ? missedBy(rankShares, posterior.noise / noiseUnit / rootMeanSquare(mean)) : '';
  return {
    kruskal: scaleKruskal(arrange(normalize(nearest)), modelUnit),
    end: { ...end, advice: `${end.advice ?? ''}${missed}`, posterior },
  };
}

/**
 * Of a model with weights 1. A component whose entries are smaller than the standard error of a mean of all observations, σ/√count, says
 * nothing of them: where all are shut, the largest of them is no component either.
 */
function countedComponents(model: Kruskal, noiseNorm: number): number[] {
  const norms = componentNorms(model);
  const least = Math.max(noiseNorm, countedShare * Math.max(...norms));
  return Array.from(norms.keys()).filter((r) => norms[r]! > least);
}

function meanOf(predictions: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(predictions[0]?.length ?? 0);
  for (const values of predictions) values.forEach((value, e) => (mean[e]! += value / predictions.length));
  return mean;
}

/** The draw whose predictions are nearest to the mean of all. */
function nearestTo(mean: Float64Array, predictions: readonly Float64Array[]): number {
  const squares = predictions.map((values) => values.reduce((sum, value, e) => sum + (value - mean[e]!) ** 2, 0));
  return smallest(squares);
}

const mixingOf = (watched: readonly Chains[]): NonNullable<SampledPosterior['mixing']> => ({
  chains: watched[0]!.length,
  rHat: Math.max(...watched.map(splitRHat)),
  effectiveDraws: Math.min(...watched.map(effectiveSampleSize)),
});

/** Converged where several chains agree, and says no more than that. `all`: chains of the run, with those that left the finite numbers. */
function endOf(
  { mixing, draws }: SampledPosterior,
  watched: readonly Chains[],
  bestChain: number,
  all: number,
): RunEnd {
  if (!mixing) {
    const advice = `${draws.length} particles of Stein variational gradient descent: nothing tells how near they are to the posterior, and their intervals are too wide as a rule. Take the sampler sghmc where they matter.`;
    return { stop: 'stalled', advice, agreement: { agreeing: 1, count: 1, compared: 'predictions' } };
  }
  const { chains, rHat, effectiveDraws } = mixing;
  const isWith = (other: number): boolean =>
    watched.every((numbers) => splitRHat([numbers[bestChain]!, numbers[other]!]) < maxRHat);
  const agreeing = Array.from({ length: chains }, (_, c) => c).filter((c) => c === bestChain || isWith(c)).length;
  const agreement = { agreeing, count: all, compared: 'predictions' } as const;
  const measured = `split R̂ is ${rHat.toFixed(2)} at most, of predictions of ${watched.length - 1} cells and of the noise`;
  if (chains < all) {
    const advice = `${all - chains} of ${all} chains left the range of floats and ${all - chains === 1 ? 'is' : 'are'} left out (of the others ${measured}). Means and intervals may be wrong: give more values, or a smaller width.`;
    return { stop: 'stalled', advice, agreement };
  }
  if (chains === 1) {
    const advice = `One chain alone does not show whether it draws from the posterior (${measured}). Raise starts.`;
    return { stop: 'stalled', advice, agreement };
  }
  if (!(rHat < maxRHat)) {
    const advice = `The chains have not mixed: ${measured}, where mixed chains have less than ${maxRHat}. Means and intervals may be wrong: raise maxSteps and burnIn, or try another width or seed.`;
    return { stop: 'stalled', advice, agreement };
  }
  const worth = Math.round(effectiveDraws);
  const advice = `The ${chains} chains have mixed: ${measured}; their draws are worth ${worth} independent ones or more.`;
  return { stop: 'converged', advice, agreement };
}

/** What chains that have mixed may miss all the same. `noise`: over the root mean square of the mean. */
function missedBy(rankShares: Float64Array, noise: number): string {
  const width = rankShares.length - 1;
  if (rankShares[0]! > 0.5) return ' Most draws have no component above the noise.';
  if (rankShares[width]! > 0.5)
    return ` Most draws have as many components as the width, ${width}: there may be more, which count as noise. Raise width.`;
  if (noise <= noisyShare) return '';
  return ` The noise is ${noise.toFixed(1)} times as large as the model: weaker components may be shut, and intervals without noise too narrow.`;
}
