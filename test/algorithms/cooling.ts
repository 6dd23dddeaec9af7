// Gradient descent whose step falls as 1 / (1 + t / τ). The worked example of a new algorithm: this file in src/algorithms, its options
// in src/algorithms/table.ts and its name in src/families/load.ts are all there is to do (new-algorithm.node.test.ts).
import { twiceTheRank, type Algorithm } from '../../src/algorithms/algorithm.js';
import { withDefaults, type OptionsOf } from '../../src/algorithms/option-table.js';
import { contractStack, observeStack, openStack, type SymmetricStack } from '../../src/algorithms/symmetric-stack.js';
import type { SymmetricProblem } from '../../src/handles/symmetric.js';
import { randomStream } from '../../src/random/stream.js';
import { startStreams } from '../../src/random/streams.js';

const options = {
  halfTime: { type: 'number', above: 0, default: 200, help: 'τ, steps after which the step has halved' },
} as const;

export type CoolingOptions = { readonly kind: 'cooling' } & OptionsOf<typeof options>;

export interface CoolingState {
  readonly stack: SymmetricStack;
  readonly halfTime: number;
  steps: number;
}

export const cooling: Algorithm<SymmetricProblem, CoolingOptions, CoolingState> = {
  kind: 'cooling',
  family: 'symmetric',
  options,
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 1000, width: twiceTheRank },
  noInit: 'It starts from small random components.',
  reportEvery: 25,

  init({ scope, problem, options: given, width, seed, starts }) {
    const { view, order, dim } = problem;
    const models = starts.map((start) => {
      const random = randomStream(seed, startStreams + start);
      const vectors = random.unitVectors(width, dim);
      return { order, weights: random.fillNormal(new Float64Array(width)).map((x) => 0.1 * x), vectors };
    });
    return { stack: openStack({ scope, view, models }), halfTime: withDefaults(options, given).halfTime, steps: 0 };
  },

  step(state) {
    const { scope, view, batch, width: rows, columns, rates } = state.stack;
    const rate = 0.5 / (view.order ** 2 * view.norm * (1 + state.steps / state.halfTime));
    scope.write(rates, new Float64Array(batch).fill(rate));
    const contracted = contractStack(state.stack, 'model');
    scope.updateVanilla({ ...state.stack, order: view.order, batch, rows, columns, dim: view.dim, contracted });
    state.steps++;
  },

  observe: ({ stack }) => observeStack(stack),
};
