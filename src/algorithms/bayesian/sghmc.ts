// Chains of stochastic gradient Hamiltonian Monte Carlo (Chen, Fox & Guestrin, ICML 2014, arXiv 1402.4102), all in one batch: a descent to
// where the posterior is (from a random start most chains lose all components), then steps of
//   v ← (1 − f) v − ε ∇U(W) + √(2f − ε² V) ξ,   W ← W + ε v,   ε² (β · curvature + λ) = κ,
// V the variance of minibatch gradients, as the steps measure it. Every tenth step ends half way, where W has the right distribution also for
// steps that are not small (see stepSghmc), and Gibbs draws of the precisions follow. The curvature, the largest eigenvalue of the Hessian of
// ½ Σ (prediction − y)², is measured once, after the descent.
import { openDescent, type Descended } from '../../optimizers/descent.js';
import { seedWords } from '../../random/philox.js';
import { randomStream } from '../../random/stream.js';
import { checkStreams, samplingStreams } from '../../random/streams.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { openPrecisions, priorShape, type PrecisionsSetup } from './precisions.js';

/** Steps between two Gibbs draws: as many as there are minibatches, so that their pass over all observations takes no longer than the steps. */
export const gibbsSteps = (minibatches: number): number => 10 * Math.max(1, Math.ceil(minibatches / 10));
const friction = 0.1;
/** Share of the latest gradient in the measured variance. */
const varianceShare = 0.01;
/** ε² times the largest curvature; 2 (2 − f) is where steps blow up. */
const maxCurvature = 1;
const descentRate = 0.02;
/** Of the descent: a ridge that keeps superfluous components small. β follows the fit, λ does not, or it would shut what has not grown yet. */
const firstPrecisions = { noise: 20, component: 1.6 };
const noiseEvery = 50;

export interface ChainsSetup extends PrecisionsSetup {
  /** What factors of unit size have at least: where a descent ended at zero, the measured curvature is too small to step by. */
  readonly minCurvature: number;
  readonly warmUp: number;
  readonly burnIn: number;
  /** Steps between two draws that are kept, a multiple of gibbsSteps. */
  readonly thin: number;
}

/** What a sampler keeps of all chains at one step. */
export interface Draw {
  /** One per chain, weights 1. */
  readonly models: readonly Kruskal[];
  /** β, one per chain. */
  readonly noise: Float64Array;
}

export interface Sampler {
  /** A step; waits where a draw is read. */
  step(): void | Promise<void>;
  readonly draws: readonly Draw[];
}

export function openSghmc(setup: ChainsSetup): Sampler {
  const {
    scope,
    objective,
    batch,
    rank,
    seed,
    priorRate,
    minibatches,
    nextMinibatch,
    minCurvature,
    warmUp,
    burnIn,
    thin,
  } = setup;
  const { parameters } = objective;
  const precisions = openPrecisions(setup, firstPrecisions);
  const descent = openDescent('adam', { scope, batch, parameters, nonnegative: false, epsilon: 1e-8 });
  const [seedLow, seedHigh] = seedWords(seed);
  const estimates = minibatches > 0;
  const gibbsEvery = gibbsSteps(minibatches);
  const lengthOf = ({ array }: Descended): number => (estimates ? array.length : 1);
  const moving = parameters.map((descended) => ({
    ...descended,
    velocity: scope.array(`velocity of ${descended.label}`, descended.array.length),
    previous: scope.array(`last gradient of ${descended.label}`, lengthOf(descended)),
    variance: scope.array(`variance of the gradient of ${descended.label}`, lengthOf(descended)),
    nothing: scope.array(`zeros of ${descended.label}`, descended.array.length),
  }));
  const unknowns = parameters.reduce((sum, { length }) => sum + length / rank, 0);
  const kappa = estimates ? Math.min(maxCurvature, 0.5 / minibatches) : maxCurvature;
  // A quarter of the largest λ: what is beyond is a column of zeros, and stable all the same.
  const base = (priorShape + unknowns / 2) / priorRate / 4 / kappa;
  const draws: Draw[] = [];
  let slope = 0;
  let steps = 0;

  const recordAll = (): void => objective.recordGradient(minibatches);
  const recordGradient = (): void => {
    objective.recordGradient(nextMinibatch());
    precisions.recordGradient();
  };
  const move = (step: number, drift: number, isResumed: boolean): void => {
    moving.forEach(({ length, gradient, nothing, velocity, array, previous, variance }, k) => {
      scope.stepSghmc({
        batch,
        length,
        base,
        slope,
        friction: isResumed ? 0 : friction,
        drift,
        share: varianceShare,
        seedLow,
        seedHigh,
        stream: samplingStreams + k,
        step,
        estimates: estimates && !isResumed,
        gradient: isResumed ? nothing : gradient,
        curvatures: precisions.noise,
        velocity,
        parameters: array,
        previous,
        variance,
      });
    });
  };

  async function begin(): Promise<void> {
    slope = Math.max(minCurvature, await largestCurvature(setup)) / kappa;
    recordAll();
    precisions.update(0, 'draw');
  }

  function sample(step: number): void | Promise<void> {
    recordGradient();
    const isGibbs = step % gibbsEvery === 0;
    move(step, isGibbs ? 0.5 : 1, false);
    if (!isGibbs) return;
    recordAll();
    precisions.update(step, 'draw');
    if (step > burnIn && step % thin === 0) return keep(step);
    move(step, 0.5, true);
  }

  async function keep(step: number): Promise<void> {
    draws.push({ models: await objective.models(), noise: await scope.read(precisions.noise) });
    move(step, 0.5, true);
  }

  return {
    draws,
    step: () => {
      const step = ++steps - warmUp;
      if (step > 1) return sample(step);
      if (step === 1) return begin().then(() => sample(step));
      recordGradient();
      descent.step(descentRate);
      if (steps % noiseEvery === 0) precisions.updateNoise();
    },
  };
}

/** The largest eigenvalue of the Hessian of ½ Σ (prediction − y)², over all chains, by power iteration with differences of gradients. */
async function largestCurvature({ scope, objective, batch, count, seed, minibatches }: ChainsSetup): Promise<number> {
  const { parameters } = objective;
  const points = await Promise.all(parameters.map(({ array }) => scope.read(array)));
  const gradients = (): Promise<Float64Array[]> => {
    objective.recordGradient(minibatches);
    return Promise.all(parameters.map(({ gradient }) => scope.read(gradient)));
  };
  const before = await gradients();
  const random = randomStream(seed, checkStreams);
  let directions = points.map(({ length }) => random.fillNormal(new Float64Array(length)));
  const sizes = norms(points, batch).map((norm) => differenceStep * Math.max(norm, 1e-3));
  let largest = 0;
  for (let iteration = 0; iteration < powerIterations; iteration++) {
    const own = norms(directions, batch);
    // Where the gradient is the same everywhere, no direction is left.
    const scales = sizes.map((size, b) => (own[b]! > 0 ? size / own[b]! : 0));
    parameters.forEach(({ array, length }, k) => {
      const moved = points[k]!.map((x, i) => x + scales[Math.floor(i / length)]! * directions[k]![i]!);
      scope.write(array, moved);
    });
    directions = (await gradients()).map((after, k) => after.map((g, i) => g - before[k]![i]!));
    largest = Math.max(...norms(directions, batch).map((norm, b) => norm / sizes[b]!));
  }
  parameters.forEach(({ array }, k) => scope.write(array, points[k]!));
  return (largest * count) / 2;
}

/** Of every chain, over arrays `[batch, length]`. */
function norms(arrays: readonly Float64Array[], batch: number): Float64Array {
  const squares = new Float64Array(batch);
  for (const array of arrays) {
    const length = array.length / batch;
    array.forEach((value, i) => (squares[Math.floor(i / length)]! += value * value));
  }
  return squares.map(Math.sqrt);
}

/** Of a difference of gradients, in units of the norm of a chain's factors. */
const differenceStep = 1e-2;
const powerIterations = 20;
