// Completion by implicit regularization: a CP model with many more components than needed, tiny at first, descends on the loss of
// the observed entries (or linear measurements). Gradient dynamics from a small start search greedily for low rank: components grow
// one at a time, the strongest first, as many as the data ask for (Razin, Maman & Cohen, "Implicit Regularization in Tensor
// Factorization", ICML 2021, arXiv 2102.09972). Steps are by group RMSprop: the path of gradient descent at an even speed.
//   W = Σ_{r<R} ⊗_k w_r^k,    L = mean φ(W_e, y_e)
// A run may end in a component that is large off the observed entries although L → 0: several starts run in one batch, and how many
// agree is part of the answer. Held-out entries end a run that begins to fit noise, and choose among the starts.
import { componentNorms } from '../../analysis/component-norms.js';
import { effectiveRank, numericalRank } from '../../analysis/effective-rank.js';
import { heldOutScore } from '../../analysis/held-out.js';
import { predictUnchecked } from '../../analysis/predict.js';
import { relativeError } from '../../analysis/relative-error.js';
import { devianceScaleSteps, meanLoss, relativeDeviance, type DevianceScale } from '../../losses/deviance.js';
import { defaultLoss, lossOf, namedLoss } from '../../losses/losses.js';
import { openDescent, type Descent } from '../../optimizers/descent.js';
import { rateOf } from '../../optimizers/schedule.js';
import { randomStream, type RandomStream } from '../../random/stream.js';
import { minibatchStream, startStreams } from '../../random/streams.js';
import type { CompletionHandover } from '../../finish/sampled.js';
import type { SampledProblem } from '../../handles/sampled.js';
import type { CompletionReport } from '../../result.js';
import { selectSteps, shuffledSteps, type HeldOut, type SampledTarget } from '../../targets/hold-out.js';
import type { EntryRange } from '../../tensor/coordinate.js';
import { toKruskal, type Kruskal } from '../../tensor/kruskal.js';
import { matrix } from '../../tensor/matrix.js';
import { absorbWeights } from '../../tensor/stacked.js';
import { smallest, type Algorithm, type Setup } from '../algorithm.js';
import { completionOptions, type CompletionOptions } from '../options/completion.js';
import { completionPlan, completionSplit, completionWidth, requireFittingLoss, type CompletionPlan } from './plan.js';
import type { Objective } from './objectives/objective.js';
import { openObjective } from './objectives/objectives.js';

/** What is known of one start. */
interface Start {
  /** Its best state by the held-out score, or the last one where nothing is held out. */
  best: Kruskal;
  bestScore: number;
  bestReport: number;
  /** The report at which it met the tolerance, or came to fit noise; its best state is its outcome. */
  finished: number | undefined;
}

export interface CompletionState {
  readonly plan: CompletionPlan;
  /** The observations that the descent sees, and those that it does not. */
  readonly split: HeldOut<SampledTarget>;
  /** Some of the training observations, to evaluate minibatches by. */
  readonly sample: SampledTarget;
  readonly scale: DevianceScale;
  readonly ranges: readonly EntryRange[];
  readonly objective: Objective;
  readonly descent: Descent;
  readonly random: RandomStream;
  readonly setup: Setup<SampledProblem, CompletionOptions>;
  /** Minibatches of this pass over the observations that are still to come. */
  readonly pass: number[];
  steps: number;
  reports: number;
  readonly starts: Start[];
}

/** Steps between two evaluations on the held-out observations. */
const reportEvery = 50;

/** Training observations that a report evaluates where steps use minibatches. */
const sampleSize = 4096;

export const completion: Algorithm<SampledProblem, CompletionOptions, CompletionState> = {
  kind: 'completion',
  family: 'sampled',
  options: completionOptions,
  defaults: { starts: 5, tolerance: 5e-2, maxSteps: 10_000, width: completionWidth },
  lossOf: ({ loss = defaultLoss }) => namedLoss(loss),
  check: requireFittingLoss,
  reportEvery,

  *init(setup) {
    const { scope, problem, options, width, seed, roundoff, starts } = setup;
    const plan = completionPlan(problem, options, setup);
    const split = yield* completionSplit(problem, options, seed);
    const { train } = split;
    const ranges = cut(train.count, plan.batchSize);
    const order =
      ranges.length > 1 ? yield* selectSteps(train, yield* shuffledSteps(train.count, seed, minibatchStream)) : train;
    const models = startModels(setup, plan);
    const { loss, parameter, optimizer, nonnegative, epsilon } = plan;
    const objective = yield* openObjective(
      { scope, target: order, models, rank: width, loss, parameter, ranges },
      roundoff > 1e-12,
    );
    const descent = openDescent(optimizer, {
      scope,
      batch: models.length,
      parameters: objective.parameters,
      nonnegative,
      epsilon,
    });
    objective.recordGradient(0);
    return {
      plan,
      split,
      ranges,
      objective,
      descent,
      setup,
      sample:
        ranges.length > 1
          ? yield* selectSteps(
              order,
              Uint32Array.from({ length: Math.min(sampleSize, train.count) }, (_, e) => e),
            )
          : train,
      scale: yield* devianceScaleSteps(loss, parameter, train.values),
      random: randomStream(seed, minibatchStream + 1),
      pass: [],
      steps: 0,
      reports: 0,
      starts: starts.map((_, s) => ({ best: models[s]!, bestScore: Infinity, bestReport: 0, finished: undefined })),
    };
  },

  step(state) {
    const { plan, objective, descent, setup } = state;
    objective.recordGradient(nextMinibatch(state));
    descent.step(plan.learningRate * rateOf(plan.schedule, state.steps, setup.maxSteps));
    state.steps++;
  },

  async observe(state) {
    const { objective, plan, setup, starts } = state;
    const { held } = state.split;
    const models = await objective.models();
    const startErrors = await trainingErrors(state, models);
    const scores = held
      ? models.map((model) => heldOutScore(plan.loss, plan.parameter, predictUnchecked(model, held), held.values))
      : startErrors;
    starts.forEach((start, s) => updateBest(state, start, models[s]!, scores[s]!, startErrors[s]!));
    state.reports++;
    const best = smallest(starts.map(({ bestScore }) => bestScore));
    const { truth } = setup.options;
    const norms = componentNorms(models[best]!);
    const report: CompletionReport = {
      heldOut: held ? scores : [],
      finished: starts.map(({ finished }) => finished !== undefined),
      effectiveRank: effectiveRank(norms),
      numericalRank: numericalRank(norms),
      reconstructionErrors: truth ? models.map((model) => relativeError(model, truth)) : [],
    };
    return {
      startErrors,
      best,
      scores: starts.map(({ bestScore }) => bestScore),
      kruskal: models[best]!,
      models: starts.map((start) => start.best),
      details: { completion: report },
      ...(isOver(state) ? { end: { stop: 'converged' } } : {}),
    };
  },

  /** When the starts have ended: within the tolerance, or no better on held-out observations for a while. */
  done: (_, { end }) => end,

  handover({ plan, split, setup }): CompletionHandover {
    const { loss, parameter: lossParameter, nonnegative, compaction } = plan;
    const narrows = setup.options.lossParameter === undefined ? lossOf(loss).parameter : undefined;
    return { fit: { loss, lossParameter, nonnegative, ridge: 0 }, narrows, compaction, split };
  },
};

/** √(D / D₀) of every start: the relative error where the loss is the square. */
async function trainingErrors(
  { objective, plan, sample, split, scale, setup }: CompletionState,
  models: readonly Kruskal[],
): Promise<number[]> {
  const { loss, parameter } = plan;
  const means =
    sample === split.train
      ? Array.from(await setup.scope.read(objective.mean))
      : models.map((model) => meanLoss(loss, parameter, predictUnchecked(model, sample), sample.values));
  return means.map((mean) => relativeDeviance(mean, scale));
}

/** Keeps the best state, and notices the end of a start. */
function updateBest(
  { plan, split: { held }, reports, setup }: CompletionState,
  start: Start,
  model: Kruskal,
  score: number,
  error: number,
): void {
  if (start.finished !== undefined) return;
  if (!held || score < start.bestScore) {
    if (!(score > (1 - minRelativeImprovement) * start.bestScore)) start.bestReport = reports;
    start.best = model;
    start.bestScore = score;
  }
  const stale = reports - start.bestReport > plan.patience + start.bestReport;
  if (error <= setup.tolerance || (held && stale)) start.finished = reports;
}

/** An improvement of the held-out score by less than this share does not renew the patience. */
const minRelativeImprovement = 0.01;

/** When all starts have ended, or half of them and the others take more than twice as long: such a one rarely comes to anything. */
function isOver({ starts, reports }: CompletionState): boolean {
  const ends = starts.flatMap(({ finished }) => finished ?? []).sort((a, b) => a - b);
  const half = ends[Math.ceil(starts.length / 2) - 1];
  return ends.length === starts.length || (half !== undefined && reports > 2 * half + 2);
}

function nextMinibatch(state: CompletionState): number {
  const { ranges, random, pass } = state;
  if (ranges.length === 1) return 0;
  const next = pass.pop();
  if (next !== undefined) return next;
  pass.push(...permutation(ranges.length, random));
  return nextMinibatch(state);
}

function permutation(length: number, random: RandomStream): Uint32Array {
  const keys = Float64Array.from({ length }, () => random.uniform());
  return Uint32Array.from({ length }, (_, k) => k).sort((a, b) => keys[a]! - keys[b]!);
}

/** Ranges of at most `most` entries, as equal as can be. */
function cut(count: number, most: number): EntryRange[] {
  const parts = Math.ceil(count / most);
  const begin = (part: number): number => Math.floor((part * count) / parts);
  return Array.from({ length: parts }, (_, part) => ({ first: begin(part), count: begin(part + 1) - begin(part) }));
}

/** Factors of normal numbers, or the given model. */
function startModels(
  { problem, width, seed, starts, init }: Setup<SampledProblem, CompletionOptions>,
  plan: CompletionPlan,
): Kruskal[] {
  if (init) return [absorbWeights(toKruskal(init))];
  return starts.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const factors = problem.shape.map((rows, mode) => {
      const data = random.fillNormal(new Float64Array(rows * width));
      const sign = plan.nonnegative ? Math.abs : (value: number): number => value;
      return matrix(
        rows,
        width,
        data.map((value) => sign(plan.initMean + plan.initScales[mode]! * value)),
      );
    });
    return { weights: new Float64Array(width).fill(1), factors };
  });
}
