// Over-parameterized gradient descent as it stands: T = Σ_{i<m} c_i u_i^{⊗l}, loss ½‖T − T*‖², plain steps on c and u.
//   c_i ← c_i − η s_i,   u_i ← u_i − η l c_i A_i,   A_i = (T − T*)(·, u_i, …, u_i),   s_i = ⟨A_i, u_i⟩
// Two dispatches a step for a factored target: model and target are one stack of rows, contracted in one sweep.
// With m = r it gets stuck; with m ≫ r it finds the tensor but not the rank: many small overlapping components remain
// (Wang et al. 2020, arXiv 2010.11356). The point of comparison for the other algorithms.
import { viewOf } from '../compaction/view-of.js';
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { largestComponent } from '../targets/factored.js';
import { symmetricKinds, type SymmetricTarget } from '../targets/target.js';
import { isSymmetric, type SymmetricKruskal } from '../tensor/kruskal.js';
import { toleranceMet, type Algorithm, type Setup } from './algorithm.js';
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

export interface VanillaOptions {
  readonly kind: 'vanilla';
  /** Step η in units of 1 / (order² · norm of the target's strongest component; of the target where it has no components). Default: 0.5; twice that and more diverges. */
  readonly learningRate?: number;
  /** Standard deviation of the initial weights, for a target of unit size; the vectors start as random unit vectors. Default: 0.1. */
  readonly initScale?: number;
}

interface VanillaState {
  readonly stack: SymmetricStack;
  readonly rates: Float64Array;
  steps: number;
  /** The backend stops the run at this residual, as seen from the stack's rows. */
  stopAt: number;
}

export const vanilla: Algorithm<SymmetricTarget, VanillaOptions, VanillaState> = {
  kind: 'vanilla',
  accepts: symmetricKinds,
  optionNames: ['learningRate', 'initScale'],
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 6000, widthOfRank: (rank) => 2 * rank },
  findsRank: false,
  polish: undefined,
  reportEvery: 50,

  init(setup) {
    const { scope, target, options, tolerance } = setup;
    const view = viewOf(target);
    const stack = openStack({ scope, target, view, models: startModels(setup) });
    const strongest = target.kind === 'factored' ? largestComponent(target) : view.norm;
    const rate = (options.learningRate ?? 0.5) / (target.order ** 2 * strongest);
    const rates = new Float64Array(stack.batch).fill(rate);
    scope.write(stack.rates, rates);
    return { stack, rates, steps: 0, stopAt: probeShare * tolerance };
  },

  step(state) {
    const { scope, target, batch, width: rows, columns } = state.stack;
    const traced = state.steps > 0 && state.steps % traceEvery === 0;
    const contracted = contractStack(state.stack, traced ? 'all' : 'model');
    if (traced) traceStack(state.stack, state.stopAt);
    scope.updateVanilla({ ...state.stack, order: target.order, batch, rows, columns, dim: target.dim, contracted });
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

  /** When the best start's relative error is within the tolerance. */
  done: toleranceMet,
};

/** Random unit vectors with small Gaussian weights, or the given model. */
function startModels({
  target,
  options,
  width,
  seed,
  starts,
  init,
}: Setup<SymmetricTarget, VanillaOptions>): SymmetricKruskal[] {
  if (init) {
    if (isSymmetric(init)) return [init];
    throw new InputError(
      'vanilla: expected init to be a symmetric Kruskal tensor, got one with factors. Give { order, weights, vectors }.',
    );
  }
  return starts.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const vectors = random.unitVectors(width, target.dim);
    const weights = Float64Array.from({ length: width }, () => (options.initScale ?? 0.1) * random.normal());
    return { order: target.order, weights, vectors };
  });
}
