// Deflation: gradient flow of ½‖T − T*‖² + (λ/2)‖W‖² on T = Σ_{i<m} a_i ‖w_i‖² w̄_i^{⊗l}, a_i = ±1, from tiny random components.
// On an orthogonal target it fits the hidden components one after the other, the largest first, as a deflation would:
//   dρ_i/dt = −(2 a_i s_i + λ),   dw̄_i/dt = −l a_i (A_i − s_i w̄_i),   ρ = log ‖w‖, A_i = E(·, w̄_i, …, w̄_i), s_i = ⟨A_i, w̄_i⟩.
// Epochs: after each, components with ‖w‖ < δ1 are put back to δ0 · Unif(sphere), so that components not recovered yet are found then.
// Euler's method runs on the backend alone (two dispatches a step, one more to record); Heun's and RK23 control their error on the
// host and take the contractions from the backend. All numbers are those of a target of norm 1: δ0 and δ1 are in units of √‖T*‖, times
// of 1/‖T*‖, λ of ‖T*‖, the loss of ‖T*‖².
// After Ge, Ren, Wang, Zhou, "Understanding Deflation Process in Over-parametrized Tensor Decomposition", NeurIPS 2021, arXiv 2106.06573.
import {
  fittedShares,
  growClusters,
  noteArrivals,
  type ArrivalLog,
  type HiddenComponents,
} from '../../analysis/arrivals.js';
import { strengthsAt, type SymmetricView } from '../../handles/views/symmetric-view.js';
import { InputError } from '../../errors.js';
import { randomStream, type RandomStream } from '../../random/stream.js';
import { startStreams } from '../../random/streams.js';
import type { SymmetricProblem } from '../../handles/symmetric.js';
import type { DeflationReport, Observed } from '../../result.js';
import {
  isSymmetric,
  requireSameShape,
  shapeOf,
  type AnyKruskal,
  type SymmetricKruskal,
} from '../../tensor/kruskal.js';
import { normalize, selectComponents } from '../../tensor/normalize.js';
import { bestError, type Algorithm, type Setup } from '../algorithm.js';
import { openControlledMotion } from './controlled.js';
import {
  openFixedMotion,
  placeModel,
  samplesPerReport,
  weightsOf,
  type Components,
  type DeflationPlan,
  type Motion,
} from './motion.js';
import { withDefaults } from '../option-table.js';
import { deflationOptions, type DeflationOptions } from '../options/deflation.js';
import { findRates } from '../polar-flow.js';
import { observeStack, openStack, type SymmetricStack } from '../symmetric-stack.js';

export interface DeflationState {
  readonly setup: Setup<SymmetricProblem, DeflationOptions>;
  readonly plan: DeflationPlan;
  readonly view: SymmetricView;
  readonly motion: Motion;
  readonly randoms: readonly RandomStream[];
  readonly signs: 'plus' | 'free';
  /** Of every start; where the truth is known, all the same and constant. */
  readonly hidden: HiddenComponents[];
  readonly logs: readonly ArrivalLog[];
  readonly known: boolean;
  epoch: number;
  steps: number;
  ended: boolean;
}

/** Ends as 'converged' when the tolerance is met, as 'stepLimit' when the epochs are over; the advice then tells what is missing. */
export const deflation: Algorithm<SymmetricProblem, DeflationOptions, DeflationState> = {
  kind: 'deflation',
  family: 'symmetric',
  options: deflationOptions,
  defaults: {
    starts: 1,
    tolerance: 1e-2,
    maxSteps: 100_000,
    width: (problem, rank) => 10 * (rank === 'auto' ? problem.expectedRank : rank),
  },
  reportEvery: samplesPerReport,

  check({ shape }, { truth, integrator = 'euler' }, { starts }) {
    if (truth && !isSymmetric(truth)) {
      throw new InputError(
        'deflation: expected truth to be a symmetric model, got one with factors. Give { order, weights, vectors }.',
      );
    }
    if (truth) requireSameShape('deflation: truth', shapeOf(truth), shape);
    if (integrator === 'euler' || starts === 1) return;
    throw new InputError(
      `deflation: expected starts to be 1 with integrator ${integrator}, got ${starts}. Change starts.`,
    );
  },

  async init(setup) {
    const { problem, starts, seed } = setup;
    const { view } = problem;
    const randoms = starts.map((start) => randomStream(seed, startStreams + start));
    const truth = setup.options.truth ?? view.components;
    const known = truth && hiddenOf(truth);
    const { integrator, signs = defaultSigns(problem.order, known) } = withDefaults(deflationOptions, setup.options);
    const components = setup.init ? componentsOf(setup.init) : drawComponents(setup, signs, view.norm, randoms);
    const stack = openStack({ scope: setup.scope, view, models: starts.map(() => zeroModel(setup)) });
    const plan = await makePlan(setup, stack);
    await placeModel(stack, components);
    const motion =
      integrator === 'euler'
        ? openFixedMotion(stack, plan, components, known)
        : await openControlledMotion(stack, plan, integrator, components);
    return {
      setup,
      plan,
      view,
      motion,
      randoms,
      signs,
      known: known !== undefined,
      hidden: starts.map(() => known ?? noneHidden(problem.dim)),
      logs: starts.map(() => ({ arrivals: [], last: undefined })),
      epoch: 0,
      steps: 0,
      ended: false,
    };
  },

  step(state) {
    const { motion, plan } = state;
    if (state.ended) return;
    if (motion.time < endOfEpoch(state.epoch, plan)) return advance(state);
    return beginEpoch(state).then(() => advance(state));
  },

  stopped: ({ ended, steps }) => Promise.resolve(ended ? steps : undefined),

  async observe(state) {
    const { motion, ended } = state;
    const observation = await observeStack(motion.stack);
    await noteSamples(state);
    const report = reportOf(state, observation);
    const now = { ...observation, details: { deflation: report } };
    if (!ended || bestError(observation) <= state.setup.tolerance) return now;
    return { ...now, end: { stop: 'stepLimit', advice: adviceOf(state, report, observation) } };
  },
};

/** Shares of a step that times may be off by, from rounding. */
const slack = 1e-9;

const endOfEpoch = (epoch: number, { epochTime, timeStep }: DeflationPlan): number =>
  (epoch + 1) * epochTime - slack * timeStep;

function advance(state: DeflationState): void | Promise<void> {
  const { motion, plan, epoch } = state;
  const finish = (): void => {
    state.ended = epoch + 1 >= plan.epochs && motion.time >= endOfEpoch(epoch, plan);
  };
  state.steps++;
  const moving = motion.advance((epoch + 1) * plan.epochTime);
  if (moving) return moving.then(finish);
  finish();
}

/** Puts the components that are still small back to the start. */
async function beginEpoch(state: DeflationState): Promise<void> {
  const { setup, motion, view, randoms, signs: rule } = state;
  const { initScale, restartNorm } = withDefaults(deflationOptions, setup.options);
  const { width, problem } = setup;
  const components = await motion.read();
  const { logNorms, signs, directions } = components;
  const least = Math.log(restartNorm) + 0.5 * Math.log(view.norm);
  logNorms.forEach((rho, index) => {
    if (rho >= least) return;
    const random = randoms[Math.floor(index / width)]!;
    directions.set(random.unitVectors(1, problem.dim).data, index * problem.dim);
    signs[index] = rule === 'free' ? random.sign() : 1;
    logNorms[index] = startLogNorm(initScale, view.norm);
  });
  await motion.replace(components);
  state.epoch++;
}

/** Brings hidden components and arrivals up to the present. */
async function noteSamples({ setup, view, motion, hidden, logs, known }: DeflationState): Promise<void> {
  const { problem, width } = setup;
  const { order, dim } = problem;
  if (!known) {
    const components = await motion.read();
    const all = weightsOf(components);
    const least = withDefaults(deflationOptions, setup.options).restartNorm ** 2 * view.norm;
    const weightAlong = (data: Float64Array): number => strengthsAt(view, { rows: 1, columns: dim, data })[0]!;
    hidden.forEach((before, b) => {
      const weights = all.subarray(b * width, (b + 1) * width);
      const vectors = components.directions.subarray(b * width * dim, (b + 1) * width * dim);
      hidden[b] = growClusters(before, { weights, vectors, least, weightAlong });
    });
  }
  (await motion.recent(hidden)).forEach((samples, b) => {
    const own = hidden[b]!;
    noteArrivals(logs[b]!, samples, own, order, motion.halfTime?.(own));
  });
}

function reportOf({ setup, plan, motion, epoch, hidden, logs }: DeflationState, now: Observed): DeflationReport {
  const { arrivals, last } = logs[now.best]!;
  if (!last) throw new Error('deflation: a report without a sample.');
  const norms = last.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return {
    time: motion.time,
    epoch,
    evaluations: motion.evaluations,
    loss: 0.5 * bestError(now) ** 2 + (0.5 * plan.regularization * norms) / plan.norm,
    correlations: Array.from(last.correlations),
    nearest: Array.from(last.nearest),
    shares: Array.from(fittedShares(last, hidden[now.best]!, setup.problem.order)),
    arrivals: arrivals.slice(),
  };
}

/** What is missing where the epochs are over and the tolerance is not met. */
function adviceOf({ plan, known }: DeflationState, { shares, arrivals }: DeflationReport, now: Observed): string {
  const fitted = shares.filter((share) => share >= 0.5).length;
  const found = known
    ? `${fitted} of the ${shares.length} hidden components are fitted`
    : `${fitted} components were discovered`;
  const missing = known && fitted < shares.length;
  const remedy = missing
    ? 'Give more components (width; ten times the rank does for orthogonal targets), another seed, or free signs where weights are negative.'
    : 'Give more epochs or a longer epochTime, free signs where weights are negative, or finish with compact() or the staged algorithm.';
  return `All ${plan.epochs} epochs are over before the tolerance was reached: ${found}, ${arrivals.length} have arrived, and ${bestError(now).toPrecision(2)} of the target is left. ${remedy}`;
}

/** Odd orders take the sign into the vector. */
const defaultSigns = (order: number, known: HiddenComponents | undefined): 'plus' | 'free' =>
  order % 2 === 0 && known?.weights.some((weight) => weight < 0) ? 'free' : 'plus';

/** Tiny components in random directions. */
function drawComponents(
  { width, problem, options: given }: Setup<SymmetricProblem, DeflationOptions>,
  rule: 'plus' | 'free',
  norm: number,
  randoms: readonly RandomStream[],
): Components {
  const directions = randoms.flatMap((random) => Array.from(random.unitVectors(width, problem.dim).data));
  const sign = (random: RandomStream): number => (rule === 'free' ? random.sign() : 1);
  const signs = randoms.flatMap((random) => Array.from({ length: width }, () => sign(random)));
  const logNorm = startLogNorm(withDefaults(deflationOptions, given).initScale, norm);
  return {
    directions: Float64Array.from(directions),
    signs: Float64Array.from(signs),
    logNorms: new Float64Array(signs.length).fill(logNorm),
  };
}

/** A given model: ρ = ½ log |weight|. */
function componentsOf(init: AnyKruskal): Components {
  if (!isSymmetric(init)) {
    throw new InputError(
      'deflation: expected init to be a symmetric Kruskal tensor, got one with factors. Give { order, weights, vectors }.',
    );
  }
  const { weights, vectors } = normalize(init);
  if (weights.some((weight) => weight === 0)) {
    throw new InputError(
      'deflation: expected init without zero components, got one of weight 0. Leave them out: they never move.',
    );
  }
  return {
    directions: vectors.data,
    signs: weights.map(Math.sign),
    logNorms: weights.map((w) => 0.5 * Math.log(Math.abs(w))),
  };
}

/** ρ at the start: log δ0 on the scale √σ. */
const startLogNorm = (initScale: number, norm: number): number => Math.log(initScale) + 0.5 * Math.log(norm);

const zeroModel = ({ width, problem }: Setup<SymmetricProblem, DeflationOptions>): SymmetricKruskal => ({
  order: problem.order,
  weights: new Float64Array(width),
  vectors: { rows: width, columns: problem.dim, data: new Float64Array(width * problem.dim) },
});

/** In units of 1 / (order · S). Explicit methods of order 3 are stable up to 2.5 / rate, and fitted components return at rates up to max(4, order) · S. */
const maxStep = 5;
/** Stream of the power iteration that finds the time step: the same for all starts, so that a batch is the starts alone. */
const strengthStream = 2 ** 30;

/** The settings; S is found on the backend while the stack holds nothing but the target. */
async function makePlan(
  { options: given, seed, width }: Setup<SymmetricProblem, DeflationOptions>,
  stack: SymmetricStack,
): Promise<DeflationPlan> {
  const { order, dim, norm } = stack.view;
  const { initScale, stepFactor, integrator, ...plan } = withDefaults(deflationOptions, given);
  const vectors = randomStream(seed, strengthStream).unitVectors(width, dim);
  const probe = { order, weights: new Float64Array(width), vectors };
  const { strongest } = await findRates(stack, 1, new Array<SymmetricKruskal>(stack.batch).fill(probe));
  const unit = norm / (order * strongest[0]!);
  const { timeStep = stepFactor * unit, epochTime = 4 * Math.log(1 / initScale) } = plan;
  return {
    norm,
    timeStep,
    largestStep: maxStep * unit,
    // Fixed steps end an epoch where one of them ends.
    epochTime: integrator === 'euler' ? Math.ceil(epochTime / timeStep - slack) * timeStep : epochTime,
    epochs: plan.epochs,
    regularization: plan.regularization,
    integratorTolerance: plan.integratorTolerance,
  };
}

/** Components of weight 0 hide nothing. */
function hiddenOf(truth: SymmetricKruskal): HiddenComponents {
  const present = Array.from(truth.weights.keys()).filter((k) => truth.weights[k] !== 0);
  const { weights, vectors } = normalize(selectComponents(truth, present));
  return { weights, directions: vectors };
}

const noneHidden = (dim: number): HiddenComponents => ({
  weights: new Float64Array(0),
  directions: { rows: 0, columns: dim, data: new Float64Array(0) },
});
