// Over-parameterized gradient descent as it stands: T = Σ_{i<m} c_i u_i^{⊗l}, loss ½‖T − T*‖², plain steps on c and u.
//   c_i ← c_i − η s_i,   u_i ← u_i − η l c_i A_i,   A_i = (T − T*)(·, u_i, …, u_i),   s_i = ⟨A_i, u_i⟩
// Two dispatches a step. Model and target are one stack of rows, so the residual's contraction is one sweep over it.
// With m = r it gets stuck; with m ≫ r it finds the tensor but not the rank: many small overlapping components remain
// (Wang et al. 2020, arXiv 2010.11356). The point of comparison for the other algorithms.
import type { DeviceArray } from '../backend/backend.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { largestComponent, type FactoredTarget } from '../targets/factored.js';
import { isSymmetric, type SymmetricKruskal } from '../tensor/kruskal.js';
import { InputError } from '../errors.js';
import { toleranceMet, type Algorithm, type Setup } from './algorithm.js';
import { observeStack } from './factored-stack.js';

export interface VanillaOptions {
  readonly kind: 'vanilla';
  /** Step η in units of 1 / (order² · norm of the target's strongest component). Default: 0.5; twice that and more diverges. */
  readonly learningRate?: number;
  /** Standard deviation of the initial weights, for a target of unit size; the vectors start as random unit vectors. Default: 0.1. */
  readonly initScale?: number;
}

interface VanillaState {
  readonly setup: Setup<FactoredTarget, VanillaOptions>;
  readonly batch: number;
  readonly learningRate: number;
  /** `[batch, width + target rank, dim]`: the model's vectors, then the target's. */
  readonly vectors: DeviceArray;
  /** `[batch, width + target rank]`: the model's weights, then the target's, negated. */
  readonly weights: DeviceArray;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}

export const vanilla: Algorithm<FactoredTarget, VanillaOptions, VanillaState> = {
  kind: 'vanilla',
  accepts: 'factored',
  optionNames: ['learningRate', 'initScale'],
  defaults: { starts: 1, tolerance: 1e-2, maxSteps: 6000, widthOfRank: (rank) => 2 * rank },
  polish: undefined,
  reportEvery: 50,

  init(setup) {
    const { scope, target, width, options } = setup;
    const { order, dim } = target;
    const models = startModels(setup);
    const columns = width + target.weights.length;
    const vectors = new Float64Array(models.length * columns * dim);
    const weights = new Float64Array(models.length * columns);
    models.forEach((model, b) => {
      vectors.set(model.vectors.data, b * columns * dim);
      vectors.set(target.vectors.data, (b * columns + width) * dim);
      weights.set(model.weights, b * columns);
      weights.set(
        target.weights.map((weight) => -weight),
        b * columns + width,
      );
    });
    return {
      setup,
      batch: models.length,
      learningRate: (options.learningRate ?? 0.5) / (order ** 2 * largestComponent(target)),
      vectors: scope.array('vectors', vectors),
      weights: scope.array('weights', weights),
      // As large as the stack: between steps they also hold its own contraction, for the error.
      contraction: scope.array('contraction', models.length * columns * dim),
      strengths: scope.array('strengths', models.length * columns),
    };
  },

  step({ setup, batch, learningRate, ...arrays }) {
    const { scope, target, width: rows } = setup;
    const { order, dim } = target;
    const columns = rows + target.weights.length;
    const sizes = { order, batch, rows, columns, dim };
    scope.contractFactored({ ...sizes, ...arrays, queries: arrays.vectors, queryStride: columns * dim });
    scope.updateVanilla({ ...sizes, ...arrays, learningRate });
  },

  observe: ({ setup, batch, ...arrays }) => observeStack(setup, { batch, ...arrays }),

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
}: Setup<FactoredTarget, VanillaOptions>): SymmetricKruskal[] {
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
