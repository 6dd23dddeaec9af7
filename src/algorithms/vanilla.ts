// Over-parameterized gradient descent as it stands: T = Σ_{i<m} c_i u_i^{⊗l}, loss ½‖T − T*‖², plain steps on c and u.
//   c_i ← c_i − η s_i,   u_i ← u_i − η l c_i A_i,   A_i = (T − T*)(·, u_i, …, u_i),   s_i = ⟨A_i, u_i⟩
// Two dispatches a step for a factored target: model and target are one stack of rows, contracted in one sweep.
// With m = r it gets stuck; with m ≫ r it finds the tensor but not the rank: many small overlapping components remain
// (Wang et al. 2020, arXiv 2010.11356). The point of comparison for the other algorithms.
import type { SymmetricProblem } from '../handles/symmetric.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { largestComponent } from '../targets/factored.js';
import { isSymmetric, type SymmetricKruskal } from '../tensor/kruskal.js';
import { twiceTheRank, type Algorithm, type Setup } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { vanillaOptions, type VanillaOptions } from './options/vanilla.js';
import {
  contractStack,
  observeStack,
  openStack,
  probeShare,
  resumeStack,
  stoppedStep,
  traceEvery,
  traceStack,
  type SymmetricStack,
} from './symmetric-stack.js';

export interface VanillaState {
  readonly stack: SymmetricStack;
  readonly rates: Float64Array;
  steps: number;
  /** The backend stops the run at this residual, as seen from the stack's rows. */
  stopAt: number;
}

export const vanilla: Algorithm<SymmetricProblem, VanillaOptions, VanillaState> = {
  kind: 'vanilla',
  family: 'symmetric',
  options: vanillaOptions,
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 6000, width: twiceTheRank },
  reportEvery: 50,

  init(setup) {
    const { scope, problem, tolerance } = setup;
    const { learningRate } = withDefaults(vanillaOptions, setup.options);
    const { view, order } = problem;
    const stack = openStack({ scope, view, models: startModels(setup) });
    const strongest = view.components ? largestComponent(view.components) : view.norm;
    const rates = new Float64Array(stack.batch).fill(learningRate / (order ** 2 * strongest));
    scope.write(stack.rates, rates);
    return { stack, rates, steps: 0, stopAt: probeShare * tolerance };
  },

  step(state) {
    const { scope, view, batch, width: rows, columns } = state.stack;
    const traced = state.steps > 0 && state.steps % traceEvery === 0;
    const contracted = contractStack(state.stack, traced ? 'all' : 'model');
    if (traced) traceStack(state.stack, state.stopAt);
    scope.updateVanilla({ ...state.stack, order: view.order, batch, rows, columns, dim: view.dim, contracted });
    state.steps++;
  },

  async stopped(state) {
    const steps = await stoppedStep(state.stack);
    if (steps !== undefined) state.steps = steps;
    return steps;
  },

  resume(state) {
    state.stopAt /= 2;
    resumeStack(state.stack, state.steps, state.rates);
  },

  observe: ({ stack }) => observeStack(stack),
};

/** Random unit vectors with small Gaussian weights, or the given model. */
function startModels({
  problem,
  options: given,
  width,
  seed,
  starts,
  init,
}: Setup<SymmetricProblem, VanillaOptions>): SymmetricKruskal[] {
  if (init && isSymmetric(init)) return [init];
  const { initScale } = withDefaults(vanillaOptions, given);
  const { order, dim } = problem;
  return starts.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const vectors = random.unitVectors(width, dim);
    const weights = Float64Array.from({ length: width }, () => initScale * random.normal());
    return { order, weights, vectors };
  });
}
