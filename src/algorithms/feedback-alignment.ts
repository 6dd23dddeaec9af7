// Factorization of a matrix Y [n, p] as Z·W with r = `width` components, by updates that need no backward pass through Z:
// with E = Z·W − Y and a fixed random matrix B [n, r], entries N(0, 1/n),
//   gradient       Z ← Z − η E Wᵀ,   W ← W − η Zᵀ E                   (of ½‖E‖²)
//   feedback       Z ← Z − η E Wᵀ,   W ← W − φ η Bᵀ E                 (FA: Lillicrap et al., Nature Communications 7, 2016)
//   feedbackStar   Z = Y Wᵀ(W Wᵀ)⁻¹, W ← W − φ η Bᵀ E                 (FA*)
// FA finds the optimum where r ≥ rank(Y): Z turns towards B (`alignment`, their cosine as matrices), so that Bᵀ E is like the gradient.
// Where r < rank(Y) the rows of W come to span those of Bᵀ Y, far from the optimum (Garg & Vempala, "How and when random feedback works", AISTATS 2022,
// arXiv 2111.08706). FA* is a reconstruction from that paper's abstract, "a closely related variant of FA": Z is the least-squares
// solution for W at every step, so that E is orthogonal to the rows of W. The factors on the backend are Z and Wᵀ.
import type { DeviceArray } from '../backend/backend.js';
import { InputError } from '../errors.js';
import type { DenseProblem } from '../handles/dense.js';
import { dot } from '../linalg/dot.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { concatenate } from '../tensor/concatenate.js';
import { denseNorm } from '../tensor/dense.js';
import { toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { matrix } from '../tensor/matrix.js';
import { absorbWeights, factorsOfMode, modelsOfFactors } from '../tensor/stacked.js';
import { smallest, type Algorithm, type Setup } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { feedbackAlignmentOptions, type FeedbackAlignmentOptions } from './options/feedback-alignment.js';

type FeedbackSetup = Setup<DenseProblem, FeedbackAlignmentOptions>;

export interface FeedbackAlignmentState {
  readonly setup: FeedbackSetup;
  readonly update: NonNullable<FeedbackAlignmentOptions['update']>;
  readonly batch: number;
  readonly tensor: DeviceArray;
  /** Z `[batch, n, r]` and Wᵀ `[batch, p, r]`; their rates, and the MTTKRPs of the residual. */
  readonly factors: readonly [DeviceArray, DeviceArray];
  readonly rates: readonly [number, number];
  readonly products: readonly [DeviceArray, DeviceArray];
  /** B of every start, `[batch, n, r]`, and what W learns through: B, or Z itself. */
  readonly matrices: Float64Array;
  readonly through: DeviceArray;
  /** `[batch, n, p]` */
  readonly residual: DeviceArray;
  /** `[batch]` */
  readonly squared: DeviceArray;
  readonly targetNorm: number;
  /** For the best Z: `[2, batch, r, r]` and `[batch, r, r]`. */
  readonly grams: DeviceArray;
  readonly cholesky: DeviceArray;
}

/** Steps of the power iteration for the largest singular value: within a few percent below it. */
const powerSteps = 20;

export const feedbackAlignment: Algorithm<DenseProblem, FeedbackAlignmentOptions, FeedbackAlignmentState> = {
  kind: 'feedbackAlignment',
  family: 'dense',
  options: feedbackAlignmentOptions,
  defaults: {
    starts: 1,
    tolerance: 1e-3,
    maxSteps: 20_000,
    width: ({ expectedRank }, rank) => (rank === 'auto' ? expectedRank : rank),
  },
  reportEvery: 50,
  isModelsAndStep: true,
  /** A polish would hide where the updates have ended. */
  isFinished: () => true,

  check({ shape, target }) {
    if (shape.filter((size) => size > 1).length <= 2 && !target.known) return;
    throw new InputError(
      `feedbackAlignment: expected a matrix without missing cells, got a target of shape [${shape.join(', ')}]${target.known ? ' with some' : ''}. Choose another algorithm.`,
    );
  },

  async init(setup) {
    const { scope, problem, width: rank } = setup;
    const { data } = problem.target;
    const { update, learningRate, feedbackRate } = withDefaults(feedbackAlignmentOptions, setup.options);
    const { models, matrices } = startsOf(setup);
    const batch = models.length;
    const tensor = scope.array('tensor', data);
    const rate = learningRate / (await largestSingularValue(setup, tensor));
    const perMode = (make: (mode: 0 | 1) => DeviceArray) => [make(0), make(1)] as const;
    const factors = perMode((mode) => scope.array(`factor ${mode}`, factorsOfMode(models, mode)));
    const state = {
      setup,
      update,
      batch,
      tensor,
      factors,
      rates: [rate, update === 'gradient' ? rate : feedbackRate * rate],
      products: perMode((mode) => scope.array(`MTTKRP ${mode}`, factors[mode].length)),
      matrices,
      through: update === 'gradient' ? factors[0] : scope.array('feedback', matrices),
      residual: scope.array('residual', batch * data.length),
      squared: scope.array('squared residual', batch),
      targetNorm: denseNorm(problem.target),
      grams: scope.array('grams', 2 * batch * rank * rank),
      cholesky: scope.array('cholesky', batch * rank * rank),
    } as const;
    if (update === 'feedbackStar' && !setup.resumed) recordBestZ(state);
    return state;
  },

  step(state) {
    const { update, factors, through } = state;
    recordResidual(state);
    if (update !== 'feedbackStar') recordProduct(state, 0, factors);
    recordProduct(state, 1, [through, factors[1]]);
    recordDescent(state, 1);
    if (update === 'feedbackStar') recordBestZ(state);
    else recordDescent(state, 0);
  },

  async observe(state) {
    const { setup, update, batch, factors, matrices, residual, squared, targetNorm } = state;
    const { scope, problem, width } = setup;
    const { shape } = problem;
    recordResidual(state);
    scope.sumOfSquares({ batch, length: residual.length / batch, values: residual, out: squared });
    const startErrors = Array.from(await scope.read(squared), (square) => Math.sqrt(square) / targetNorm);
    const models = modelsOfFactors(shape, width, await Promise.all(factors.map((factor) => scope.read(factor))));
    const best = smallest(startErrors);
    const alignment = models.map(({ factors: own }, start) => cosine(own[0]!.data, matrices, start));
    const details = update === 'gradient' ? {} : { feedbackAlignment: { alignment } };
    return { startErrors, best, models, kruskal: models[best]!, details };
  },
};

/** E = Z·W − Y of every start. */
function recordResidual({ setup, batch, tensor, factors, residual }: FeedbackAlignmentState): void {
  const { scope, problem, width: rank } = setup;
  scope.residualDense({ shape: problem.shape, batch, rank, factors, tensor, residual });
}

/** E times the factor of the other mode. */
function recordProduct(
  { setup, batch, residual, products }: FeedbackAlignmentState,
  mode: 0 | 1,
  factors: readonly DeviceArray[],
): void {
  const { scope, problem, width: rank } = setup;
  scope.mttkrpDense({ shape: problem.shape, batch, rank, factors, mode, tensor: residual, product: products[mode] });
}

function recordDescent({ setup, batch, factors, products, rates }: FeedbackAlignmentState, mode: 0 | 1): void {
  const parameters = factors[mode];
  const length = parameters.length / batch;
  setup.scope.descend({ batch, length, gradient: products[mode], parameters, rate: rates[mode], momentum: 0 });
}

/** Z ← Z − E Wᵀ(W Wᵀ + λ tr(W Wᵀ)/r · I)⁻¹: the least-squares solution, but for a ridge that keeps it from dividing by 0. */
function recordBestZ(state: FeedbackAlignmentState): void {
  const { setup, batch, factors, products, grams, cholesky } = state;
  const { scope, problem, width: rank, roundoff } = setup;
  const [rows = 1, columns = 1] = problem.shape;
  recordResidual(state);
  recordProduct(state, 0, factors);
  const vectors = { batch, count: rank, length: columns, vectorStride: 1, entryStride: rank };
  scope.gram({ ...vectors, values: factors[1], gram: grams, outOffset: batch * rank * rank });
  const ridge = roundoff > 1e-12 ? 1e-4 : 1e-10;
  scope.factorNormalMatrix({ grams, cholesky, ridge, order: 2, mode: 0, batch, rank });
  scope.subtractSolution({ batch, rows, rank, cholesky, rightSide: products[0], factor: factors[0] });
}

/** Of Y, by power iteration: u ← Y v / ‖Y v‖, v ← Yᵀu / ‖Yᵀu‖. */
async function largestSingularValue({ scope, problem, seed }: FeedbackSetup, tensor: DeviceArray): Promise<number> {
  const { shape } = problem;
  const random = randomStream(seed, startStreams);
  const vectors = shape.map((size) => scope.array('singular vector', random.fillNormal(new Float64Array(size))));
  // The factor of the mode itself takes no part in its product.
  const unused = shape.map((size) => scope.array('unused', size));
  const norms = scope.array('singular value', 1);
  const one = { batch: 1, rank: 1 };
  for (let k = 0; k < 2 * powerSteps; k++) {
    const mode = k % 2;
    const product = vectors[mode]!;
    const factors = vectors.map((vector, other) => (other === mode ? unused[mode]! : vector));
    const column = { ...one, rows: shape[mode]!, factor: product };
    scope.mttkrpDense({ ...one, shape, factors, mode, tensor, product });
    scope.columnNorms({ ...column, norms });
    scope.scaleColumns({ ...column, scales: norms, by: 'divide' });
  }
  const [value = NaN] = await scope.read(norms);
  return value;
}

/** Small Gaussian factors, or the given model, and a feedback matrix per start. */
function startsOf({ problem, options, width, seed, starts, init, resumed }: FeedbackSetup): {
  models: Kruskal[];
  matrices: Float64Array;
} {
  const { initScale } = withDefaults(feedbackAlignmentOptions, options);
  const { shape } = problem;
  const matrices: Float64Array[] = [];
  const models = starts.map((start): Kruskal => {
    const random = randomStream(seed, startStreams + start);
    const normals = (rows: number, deviation: number): Float64Array =>
      random.fillNormal(new Float64Array(rows * width)).map((value) => deviation * value);
    matrices.push(normals(shape[0]!, shape[0]! ** -0.5));
    if (init) return absorbWeights(toKruskal(init));
    const factors = shape.map((rows) => matrix(rows, width, normals(rows, initScale)));
    return { weights: new Float64Array(width).fill(1), factors };
  });
  return { models: resumed?.map(toKruskal) ?? models, matrices: concatenate(matrices) };
}

/** ⟨Z, B⟩ / (‖Z‖ ‖B‖) of a start; 0 where Z is 0. */
function cosine(z: Float64Array, matrices: Float64Array, start: number): number {
  const b = matrices.subarray(start * z.length, (start + 1) * z.length);
  const norms = Math.sqrt(dot(z, z) * dot(b, b));
  return norms > 0 ? dot(z, b) / norms : 0;
}
