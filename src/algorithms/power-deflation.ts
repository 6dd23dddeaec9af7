// Tensor power iteration with deflation: for every component, power iterations z ← normalize(T(·, z, …, z)) from several random
// starts, the one with the largest |T(z, …, z)| iterated further, then its rank-one term taken off the tensor:
//   λ = T(z, …, z),   T ← T − λ z^{⊗l},   rank times.
// Anandkumar, Ge, Hsu, Kakade, Telgarsky, "Tensor decompositions for learning latent variable models", JMLR 15 (2014),
// algorithm 1, for any order and weights of any sign. With a shift the iteration is SS-HOPM, which always converges: Kolda, Mayo,
// "Shifted power method for computing tensor eigenpairs", SIAM J. Matrix Anal. Appl. 32 (2011), theorem 4.4. It finds the components of orthogonal targets. Those of others are no fixed
// points, and what a wrong one leaves spoils the next: the point of comparison for staged.
import type { DeviceArray } from '../backend/backend.js';
import type { SymmetricProblem } from '../handles/symmetric.js';
import { randomStream, type RandomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { selectComponents } from '../tensor/normalize.js';
import { bestError, type Algorithm } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { powerDeflationOptions, type PowerDeflationOptions } from './options/power-deflation.js';
import { contractResidual, observeStack, openStack, type SymmetricStack } from './symmetric-stack.js';

export interface PowerDeflationState {
  /** The components found so far, the others with weight 0: its residual is the deflated tensor, negated. */
  readonly stack: SymmetricStack;
  readonly iterations: number;
  readonly tolerance: number;
  /** In units of the target's entries. */
  readonly shift: number;
  /** One per start. */
  readonly randoms: readonly RandomStream[];
  /** Where the starts have got to, `[starts, dim]`, and the best of them, `[1, dim]`. */
  readonly directions: DeviceArray;
  readonly leader: DeviceArray;
  found: number;
  /** Iterations towards the next component: those of all starts, then those of the best. */
  iteration: number;
  steps: number;
}

/**
 * `starts` are those of each component; the paper's L, `iterations` its N. A step is one power iteration, so that `rank`
 * components take 2 · rank · iterations of them. Stops as 'converged' when the tolerance is met, else as 'stepLimit' with the
 * components it has. O(starts) contractions of the target a step.
 */
export const powerDeflation: Algorithm<SymmetricProblem, PowerDeflationOptions, PowerDeflationState> = {
  kind: 'powerDeflation',
  family: 'symmetric',
  options: powerDeflationOptions,
  defaults: {
    starts: 10,
    tolerance: 1e-6,
    maxSteps: 100_000,
    width: (problem, rank) => (rank === 'auto' ? problem.expectedRank : rank),
  },
  noInit: 'It starts from random directions.',
  reportEvery: 30,

  init(setup) {
    const { scope, problem, width, seed, starts } = setup;
    const { iterations, shift } = withDefaults(powerDeflationOptions, setup.options);
    const { order, dim, view } = problem;
    const none: SymmetricKruskal = {
      order,
      weights: new Float64Array(width),
      vectors: { rows: width, columns: dim, data: new Float64Array(width * dim) },
    };
    const stack = openStack({ scope, view, models: [none] });
    const rows = starts.length;
    const state: PowerDeflationState = {
      stack: rows <= stack.columns ? stack : widened(stack, rows),
      iterations,
      tolerance: setup.tolerance,
      shift: shift * (order - 1) * stack.view.norm,
      randoms: starts.map((start) => randomStream(seed, startStreams + start)),
      directions: scope.array('directions', rows * dim),
      leader: scope.array('best direction', dim),
      found: 0,
      iteration: 0,
      steps: 0,
    };
    drawDirections(state);
    return state;
  },

  /** One power iteration; waits where a start is chosen and where a component is taken off. */
  step(state) {
    const { stack, iterations } = state;
    if (state.found === stack.width) return;
    if (state.iteration === iterations) return chooseLeader(state).then(() => iterate(state));
    return iterate(state);
  },

  stopped: ({ found, stack, steps }) => Promise.resolve(found === stack.width ? steps : undefined),

  async observe({ stack, found, tolerance }) {
    const observation = await observeStack(stack);
    const all = observation.kruskal;
    const kruskal = selectComponents(
      all,
      Array.from({ length: found }, (_, r) => r),
    );
    const isOver = found === stack.width && bestError(observation) > tolerance;
    return { ...observation, kruskal, ...(isOver ? { end: { stop: 'stepLimit' } } : {}) };
  },
};

/** The same stack with room for the contractions of more rows than it has. */
const widened = (stack: SymmetricStack, rows: number): SymmetricStack => ({
  ...stack,
  contraction: stack.scope.array('contraction', rows * stack.view.dim),
  strengths: stack.scope.array('strengths', rows),
});

/** New random directions for all starts. */
function drawDirections({ stack, randoms, directions }: PowerDeflationState): void {
  const { scope, view } = stack;
  scope.write(
    directions,
    Float64Array.from(randoms.flatMap((random) => Array.from(random.unitVectors(1, view.dim).data))),
  );
}

/** Records z ← normalize(E(·, z, …, z)) for all starts, or for the best: E is the deflated tensor but for its sign. */
function iterate(state: PowerDeflationState): void | Promise<void> {
  const { stack, iterations, shift, randoms, directions, leader } = state;
  const { scope, contraction, strengths, view } = stack;
  const { dim } = view;
  const [queries, rows] = state.iteration < iterations ? [directions, randoms.length] : [leader, 1];
  contractResidual(stack, queries, rows, rows * dim);
  const rowArrays = { batch: 1, rows, dim, source: contraction, unit: queries };
  if (shift > 0) scope.shiftRows({ ...rowArrays, shift, strengths });
  else scope.normalizeRows(rowArrays);
  state.iteration++;
  state.steps++;
  if (state.iteration === 2 * iterations) return deflate(state);
}

/** The start with the largest |E(z, …, z)| leads. */
async function chooseLeader({ stack, randoms, directions, leader }: PowerDeflationState): Promise<void> {
  const { scope, strengths, view } = stack;
  const { dim } = view;
  contractResidual(stack, directions, randoms.length, randoms.length * dim);
  const sizes = (await scope.read(strengths)).subarray(0, randoms.length).map(Math.abs);
  const best = sizes.reduce((most, size, i) => (size > sizes[most]! ? i : most), 0);
  scope.write(leader, (await scope.read(directions)).slice(best * dim, (best + 1) * dim));
}

/** Takes the leader's component off: weight −E(z, …, z), so that along z nothing is left. */
async function deflate(state: PowerDeflationState): Promise<void> {
  const { stack, leader } = state;
  const { scope, view, strengths } = stack;
  const { dim } = view;
  contractResidual(stack, leader, 1, dim);
  const strength = (await scope.read(strengths))[0]!;
  const vectors = await scope.read(stack.vectors);
  const weights = await scope.read(stack.weights);
  vectors.set(await scope.read(leader), state.found * dim);
  weights[state.found] = -strength;
  scope.write(stack.vectors, vectors);
  scope.write(stack.weights, weights);
  state.found++;
  state.iteration = 0;
  drawDirections(state);
}
