// What draws of a posterior say: their rank, which of them is nearest to their mean, whether the chains have mixed, and the end of the run.
import { componentNorms } from '../../analysis/component-norms.js';
import { effectiveSampleSize, splitRHat, type Chains } from '../../analysis/mixing.js';
import type { SampledPosterior } from '../../analysis/posterior.js';
import { predictEntries } from '../../analysis/predict.js';
import { randomStream } from '../../random/stream.js';
import { checkStreams } from '../../random/streams.js';
import type { RunEnd } from '../../result.js';
import { scaleKruskal, type Kruskal } from '../../tensor/kruskal.js';
import { arrange, normalize, selectComponents } from '../../tensor/normalize.js';
import { isPauseDue, type Work } from '../../yield.js';
import type { Draw } from './sghmc.js';

/** A component counts whose norm is above this share of the largest. */
const countedShare = 0.05;
/** Cells by which draws are compared with their mean, and the first of them by which chains are compared. */
const comparedCells = 1024;
const mixingCells = 16;
/** Chains with a larger split R̂ have not mixed. */
export const maxRHat = 1.1;

export interface Outcome {
  readonly kruskal: Kruskal;
  readonly end: RunEnd;
}

export interface OutcomeSetup {
  readonly shape: readonly number[];
  readonly draws: readonly Draw[];
  readonly sampler: 'sghmc' | 'svgd';
  readonly seed: number;
  /** The model of the target is this times that of the draws; σ is noiseUnit / √β. */
  readonly modelUnit: number;
  readonly noiseUnit: number;
}

export function* outcomeOf({ shape, draws, sampler, seed, modelUnit, noiseUnit }: OutcomeSetup): Work<Outcome> {
  const chains = draws[0]?.models.length ?? 0;
  const random = randomStream(seed, checkStreams + 1);
  const indices = Uint32Array.from({ length: comparedCells * shape.length }, (_, at) =>
    Math.floor(random.uniform() * shape[at % shape.length]!),
  );
  const models: Kruskal[] = [];
  const noises: number[] = [];
  const predictions: Float64Array[] = [];
  const kept: number[][] = [];
  for (let chain = 0; chain < chains; chain++) {
    for (const draw of draws) {
      const model = draw.models[chain]!;
      models.push(model);
      noises.push(noiseUnit / Math.sqrt(draw.noise[chain]!));
      predictions.push(predictEntries(model, indices));
      kept.push(countedComponents(model));
      if (isPauseDue(comparedCells * shape.length * model.weights.length)) yield;
    }
  }
  const best = nearestToMean(predictions);
  const rankShares = new Float64Array((models[0]?.weights.length ?? 0) + 1);
  for (const components of kept) rankShares[components.length]! += 1 / kept.length;
  const kruskal = scaleKruskal(arrange(normalize(selectComponents(models[best]!, kept[best]!))), modelUnit);
  const ofChains = (numbers: readonly number[]): number[][] =>
    Array.from({ length: chains }, (_, c) => numbers.slice(c * draws.length, (c + 1) * draws.length));
  const watched = [
    ...Array.from({ length: mixingCells }, (_, cell) => ofChains(predictions.map((values) => values[cell]!))),
    ofChains(noises),
  ];
  const posterior: SampledPosterior = {
    draws: models.map((model) => scaleKruskal(model, modelUnit)),
    noises: Float64Array.from(noises),
    noise: noises.reduce((sum, noise) => sum + noise, 0) / noises.length,
    rankShares,
    ...(sampler === 'sghmc' ? { mixing: mixingOf(watched) } : {}),
  };
  return { kruskal, end: { ...endOf(posterior, watched, Math.floor(best / draws.length)), posterior } };
}

/** Of a model with weights 1. Components that are all zero count for nothing. */
function countedComponents(model: Kruskal): number[] {
  const norms = componentNorms(model);
  const largest = Math.max(...norms);
  return Array.from(norms.keys()).filter((r) => norms[r]! > countedShare * largest);
}

/** The draw whose predictions are nearest to the mean of all. */
function nearestToMean(predictions: readonly Float64Array[]): number {
  const mean = new Float64Array(predictions[0]?.length ?? 0);
  for (const values of predictions) values.forEach((value, e) => (mean[e]! += value / predictions.length));
  let best = 0;
  let smallest = Infinity;
  predictions.forEach((values, s) => {
    const square = values.reduce((sum, value, e) => sum + (value - mean[e]!) ** 2, 0);
    if (square >= smallest) return;
    smallest = square;
    best = s;
  });
  return best;
}

const mixingOf = (watched: readonly Chains[]): NonNullable<SampledPosterior['mixing']> => ({
  chains: watched[0]!.length,
  rHat: Math.max(...watched.map(splitRHat)),
  effectiveDraws: Math.min(...watched.map(effectiveSampleSize)),
});

/** Converged where several chains agree, and says no more than that. */
function endOf({ mixing, draws }: SampledPosterior, watched: readonly Chains[], bestChain: number): RunEnd {
  if (!mixing) {
    const advice = `${draws.length} particles of Stein variational gradient descent: nothing tells how near they are to the posterior, and their intervals are too wide as a rule. Take the sampler sghmc where they matter.`;
    return { stop: 'stalled', advice };
  }
  const { chains, rHat, effectiveDraws } = mixing;
  const isWith = (other: number): boolean =>
    watched.every((numbers) => splitRHat([numbers[bestChain]!, numbers[other]!]) < maxRHat);
  const agreeing = Array.from({ length: chains }, (_, c) => c).filter((c) => c === bestChain || isWith(c)).length;
  const agreement = { agreeing, count: chains, compared: 'predictions' } as const;
  const measured = `split R̂ is ${rHat.toFixed(2)} at most, of predictions of ${watched.length - 1} cells and of the noise`;
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
