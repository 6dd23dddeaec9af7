// Bayesian completion and tensor regression: draws from the posterior of CP models with Gaussian factors, a gamma prior on the precision of
// every component, which shuts those that the values do not speak for, and a gamma prior on that of the noise (precisions.ts). By chains of
// SGHMC (sghmc.ts) or particles of SVGD (svgd.ts).
// Values are scaled to unit size first, measurements to unit norm, so that the priors fit.
import type { SampledProblem } from '../../handles/sampled.js';
import { measurementSize } from '../../handles/sensing.js';
import { rootMeanSquare } from '../../handles/scale.js';
import { InputError } from '../../errors.js';
import { defaultLoss } from '../../losses/losses.js';
import { randomStream } from '../../random/stream.js';
import { minibatchStream, startStreams } from '../../random/streams.js';
import { selectSteps, shuffledSteps, type SampledTarget } from '../../targets/hold-out.js';
import type { EntryRange } from '../../tensor/coordinate.js';
import { scaleKruskal, type Kruskal } from '../../tensor/kruskal.js';
import { matrix } from '../../tensor/matrix.js';
import { sizeOf } from '../../tensor/shape.js';
import { inRanges, type Work } from '../../yield.js';
import { smallest, type Algorithm, type Setup } from '../algorithm.js';
import type { Objective } from '../completion/objectives/objective.js';
import { maxGatheredOrder, openObjective } from '../completion/objectives/objectives.js';
import { withDefaults } from '../option-table.js';
import { bayesianOptions, type BayesianOptions } from '../options/bayesian.js';
import { outcomeOf } from './outcome.js';
import { gibbsSteps, openSghmc, type Sampler } from './sghmc.js';
import { openSvgd } from './svgd.js';

export interface BayesianState {
  readonly setup: Setup<SampledProblem, BayesianOptions>;
  readonly objective: Objective;
  readonly sampler: Sampler;
  readonly units: Units;
  /** Steps of the whole run. */
  readonly total: number;
  steps: number;
}

interface Units {
  readonly target: SampledTarget;
  /** The model of the problem over that of `target`, and the values of the problem over those of `target`. */
  readonly model: number;
  readonly noise: number;
}

/** Options that a sampler has no use for. */
const otherOptions = { sghmc: ['particles'], svgd: ['warmUp', 'burnIn', 'thin'] } as const;
const defaultWidth = 16;
const svgdSteps = 1200;
const maxFullBatch = 50_000;
const minibatch = 8192;
/** Draws of every half of a chain, at least. */
const minDraws = 4;
/** Numbers of all draws that are kept; where there would be more, draws are further apart. */
const maxKept = 2 ** 24;
/** Root mean square of the first predictions: factors of smaller ones, of many modes, may be shut before they grow. */
const startSize = 0.1;

export const bayesian: Algorithm<SampledProblem, BayesianOptions, BayesianState> = {
  kind: 'bayesian',
  family: 'sampled',
  takesDense: true,
  options: bayesianOptions,
  defaults: { starts: 4, tolerance: 0, maxSteps: 9500, width: bayesianWidth },
  reportEvery: 100,
  isFinished: () => true,

  noInit: 'Chains begin apart from each other, so that they can be compared.',

  check({ shape, entries }, options) {
    const { sampler = 'sghmc', batchSize } = options;
    const foreign = otherOptions[sampler].find((name) => options[name] !== undefined);
    if (foreign !== undefined) {
      throw new InputError(
        `bayesian: expected no ${foreign} for the sampler ${sampler}, got it. Leave it out, or choose another sampler.`,
      );
    }
    if (shape.length > maxGatheredOrder) {
      throw new InputError(
        `bayesian: expected up to ${maxGatheredOrder} modes, got ${shape.length}. Use the algorithm completion.`,
      );
    }
    if (batchSize === undefined || entries) return;
    throw new InputError('bayesian: expected no batchSize for a sensing target, got one. Leave it out.');
  },

  *init(setup) {
    const { scope, problem, options, width, seed, roundoff, maxSteps } = setup;
    const { sampler: kind, warmUp, burnIn, thin, particles, batchSize } = withDefaults(bayesianOptions, options);
    const isSvgd = kind === 'svgd';
    const { priorRate = isSvgd ? 0.05 : 0.005 } = options;
    const total = isSvgd ? Math.min(maxSteps, svgdSteps) : maxSteps;
    const units = yield* unitsOf(problem.target);
    const { count } = units.target;
    const size = batchSize ?? (count <= maxFullBatch || !problem.entries ? count : minibatch);
    const minibatches = size < count ? Math.ceil(count / size) : 0;
    const every = gibbsSteps(minibatches) * Math.ceil(thin / gibbsSteps(minibatches));
    const draws = Math.floor((maxSteps - warmUp - burnIn) / every);
    if (!isSvgd && draws < 2 * minDraws) {
      throw new InputError(
        `bayesian: expected maxSteps of at least ${warmUp + burnIn + 2 * minDraws * every}, for ${warmUp} steps of descent, ${burnIn} of burn-in and ${2 * minDraws} draws, got ${maxSteps}. Raise maxSteps, or lower warmUp or burnIn.`,
      );
    }
    const cut = (part: number): number => Math.floor((part * count) / minibatches);
    const ranges: EntryRange[] = [
      ...Array.from({ length: minibatches }, (_, part) => ({ first: cut(part), count: cut(part + 1) - cut(part) })),
      { first: 0, count },
    ];
    const target =
      minibatches > 0
        ? yield* selectSteps(units.target, yield* shuffledSteps(count, seed, minibatchStream))
        : units.target;
    const models = startModels(setup, isSvgd ? particles : undefined);
    const batch = models.length;
    const objective = yield* openObjective(
      { scope, target, models, rank: width, loss: defaultLoss, parameter: 0, ranges },
      roundoff > 1e-12,
    );
    const random = randomStream(seed, minibatchStream + 1);
    const common = {
      scope,
      objective,
      batch,
      rank: width,
      count,
      seed,
      priorRate,
      minibatches,
      nextMinibatch: () => Math.floor(random.uniform() * Math.max(1, minibatches)),
    };
    const numbers = draws * batch * width * problem.shape.reduce((sum, rows) => sum + rows, 0);
    const apart = Math.min(Math.ceil(numbers / maxKept), Math.floor(draws / (2 * minDraws)));
    const sampler = isSvgd
      ? openSvgd({ ...common, maxSteps: total })
      : openSghmc({
          ...common,
          minCurvature: count / sizeOf(problem.shape) ** (1 / problem.shape.length),
          warmUp,
          burnIn,
          thin: every * Math.max(1, apart),
        });
    objective.recordGradient(minibatches);
    return { setup, objective, sampler, units, total, steps: 0 };
  },

  step(state) {
    state.steps++;
    return state.sampler.step();
  },

  async observe({ setup, objective, units }) {
    const models = await objective.models();
    const startErrors = Array.from(await setup.scope.read(objective.mean), Math.sqrt);
    const best = smallest(startErrors);
    return { startErrors, best, kruskal: scaleKruskal(models[best]!, units.model) };
  },

  *conclude({ setup, sampler, units, total, steps }, observed) {
    if (steps < total) return observed;
    const { problem, options, seed } = setup;
    const outcome = yield* outcomeOf({
      shape: problem.shape,
      count: problem.target.count,
      draws: sampler.draws,
      sampler: options.sampler ?? 'sghmc',
      seed,
      modelUnit: units.model,
      noiseUnit: units.noise,
    });
    return outcome ? { ...observed, ...outcome } : observed;
  },

  done: (_, { end }) => end,
};

/** The rank where it is given; else the most that a tensor of the shape can need, up to 16. Components that are not needed are shut. */
function bayesianWidth({ shape }: SampledProblem, rank: number | 'auto'): number {
  if (rank !== 'auto') return rank;
  const largest = Math.max(...shape);
  return Math.round(shape.reduce((product, size) => Math.min(defaultWidth * largest, product * size), 1) / largest);
}

/** The target with values of unit root mean square, and measurements of unit norm, so that a tensor of independent entries has entries of unit size. */
function* unitsOf(target: SampledTarget): Work<Units> {
  const noise = rootMeanSquare(target.values);
  const values = yield* divided(target.values, noise);
  if (target.kind === 'observed') return { target: { ...target, values }, model: noise, noise };
  // Measurements of zeros alone say nothing: any size will do.
  const size = measurementSize(target) || 1;
  const { measurements: given } = target;
  const measurements =
    given.kind === 'dense'
      ? { kind: given.kind, data: yield* divided(given.data, size) }
      : { ...given, weights: yield* divided(given.weights, size) };
  return { target: { ...target, values, measurements }, model: noise / size, noise };
}

function* divided(values: Float64Array | Float32Array, by: number): Work<Float64Array> {
  const quotients = new Float64Array(values.length);
  yield* inRanges(values.length, 4, (from, end) => {
    for (let n = from; n < end; n++) quotients[n] = values[n]! / by;
  });
  return quotients;
}

/** Factors of normal numbers; weights 1. */
function startModels(
  { problem, width, seed, starts }: Setup<SampledProblem, BayesianOptions>,
  particles: number | undefined,
): Kruskal[] {
  const numbers = particles === undefined ? starts : Array.from({ length: particles }, (_, p) => p);
  const size = (startSize / Math.sqrt(width)) ** (1 / problem.shape.length);
  return numbers.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const factors = problem.shape.map((rows) =>
      matrix(
        rows,
        width,
        random.fillNormal(new Float64Array(rows * width)).map((value) => size * value),
      ),
    );
    return { weights: new Float64Array(width).fill(1), factors };
  });
}
