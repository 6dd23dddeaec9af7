// Factorization of a matrix Y [n, p] as Z·W with r = `width` components, by updates that need no backward pass through Z:
// with E = Z·W − Y and a fixed random matrix B [n, r], entries N(0, 1/n),
//   gradient       Z ← Z − η E Wᵀ,   W ← W − η Zᵀ E                   (of ½‖E‖²)
//   feedback       Z ← Z − η E Wᵀ,   W ← W − φ η Bᵀ E                 (FA: Lillicrap et al., Nature Communications 7, 2016)
//   feedbackStar   Z = Y Wᵀ(W Wᵀ)⁻¹, W ← W − φ η Bᵀ E                 (FA*)
// FA finds the optimum where r ≥ rank(Y): Z turns towards B while it runs (`alignment`, their cosine as matrices), so that Bᵀ E comes
// to be like the gradient. Where r < rank(Y) it is far from the optimum, which the gradient finds (Garg & Vempala, "How and when
// random feedback works: a case study of low-rank matrix factorization", AISTATS 2022, arXiv 2111.08706).
// FA* is a reconstruction from that paper's abstract, "a closely related variant of FA": W learns as in FA, and Z is the least-squares
// solution for W at every step, as an update of alternating least squares (als.ts), so that E is orthogonal to the rows of W.
// The factors on the backend are Z and Wᵀ; all products are those of a dense tensor of order 2.
import type { DeviceArray } from '../backend/backend.js';
import { InputError } from '../errors.js';
import type { DenseProblem } from '../handles/dense.js';
import { dot } from '../linalg/dot.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { concatenate } from '../tensor/concatenate.js';
import { denseNorm } from '../tensor/dense.js';
import { toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { absorbWeights } from '../tensor/stacked.js';
import { smallest, type Algorithm, type Setup } from './algorithm.js';
import { withDefaults } from './option-table.js';
import { feedbackAlignmentOptions, type FeedbackAlignmentOptions } from './options/feedback-alignment.js';

export interface FeedbackAlignmentState {
  readonly setup: Setup<DenseProblem, FeedbackAlignmentOptions>;
  readonly batch: number;
  readonly tensor: DeviceArray;
  readonly targetNorm: number;
  /** Z `[batch, n, r]` and Wᵀ `[batch, p, r]` */
  readonly factors: readonly [DeviceArray, DeviceArray];
  /** What W learns through, `[batch, n, r]`: B, or Z itself. */
  readonly feedback: DeviceArray;
  /** B of every start on the host, `[batch, n, r]`; none for 'gradient'. */
  readonly hostFeedback: Float64Array | undefined;
  /** `[batch, n, p]` */
  readonly residual: DeviceArray;
  readonly squared: DeviceArray;
  /** `[batch, n, r]` and `[batch, p, r]` */
  readonly products: readonly [DeviceArray, DeviceArray];
  readonly rates: readonly [number, number];
  /** Solves for Z; only for 'feedbackStar'. */
  readonly solver: { readonly grams: DeviceArray; readonly cholesky: DeviceArray; readonly ridge: number } | undefined;
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
  /** A polish would hide where the updates have ended. */
  isFinished: () => true,

  check({ shape, target }) {
    if (shape.filter((size) => size > 1).length > 2) {
      throw new InputError(
        `feedbackAlignment: expected a matrix, got a tensor of shape [${shape.join(', ')}]. Unfold it, or choose another algorithm.`,
      );
    }
    if (target.known) {
      throw new InputError(
        'feedbackAlignment: expected a matrix without missing cells, got one with some. Fill them in, or choose another algorithm.',
      );
    }
  },

  async init(setup) {
    const { scope, problem, width: rank, roundoff } = setup;
    const { shape, target } = problem;
    const [rows = 1, columns = 1] = shape;
    const { update, learningRate, feedbackRate } = withDefaults(feedbackAlignmentOptions, setup.options);
    const begun = startsOf(setup);
    const batch = begun.length;
    const tensor = scope.array('tensor', target.data);
    const rate = learningRate / (await largestSingularValue(setup, tensor));
    const factorOf = (mode: 0 | 1): DeviceArray =>
      scope.array(`factor ${mode}`, concatenate(begun.map(({ model }) => model.factors[mode]!.data)));
    const factors = [factorOf(0), factorOf(1)] as const;
    const hostFeedback = update === 'gradient' ? undefined : concatenate(begun.map(({ feedback }) => feedback));
    const state: FeedbackAlignmentState = {
      setup,
      batch,
      tensor,
      targetNorm: denseNorm(target),
      factors,
      feedback: hostFeedback ? scope.array('feedback', hostFeedback) : factors[0],
      hostFeedback,
      residual: scope.array('residual', batch * rows * columns),
      squared: scope.array('squared residual', batch),
      products: [scope.array('MTTKRP 0', batch * rows * rank), scope.array('MTTKRP 1', batch * columns * rank)],
      rates: [rate, update === 'gradient' ? rate : feedbackRate * rate],
      solver:
        update === 'feedbackStar'
          ? {
              grams: scope.array('grams', 2 * batch * rank * rank),
              cholesky: scope.array('cholesky', batch * rank * rank),
              ridge: roundoff > 1e-12 ? 1e-4 : 1e-10,
            }
          : undefined,
    };
    if (state.solver) recordBestZ(state);
    return state;
  },

  step(state) {
    const { setup, batch, factors, feedback, products, rates, residual, solver } = state;
    const { scope, problem, width: rank } = setup;
    const { shape } = problem;
    recordResidual(state);
    const descend = (mode: 0 | 1): void =>
      scope.descend({
        batch,
        length: shape[mode]! * rank,
        gradient: products[mode],
        parameters: factors[mode],
        rate: rates[mode],
        momentum: 0,
      });
    const model = { shape, batch, rank, tensor: residual };
    if (!solver) scope.mttkrpDense({ ...model, factors, mode: 0, product: products[0] });
    scope.mttkrpDense({ ...model, factors: [feedback, factors[1]], mode: 1, product: products[1] });
    descend(1);
    if (solver) recordBestZ(state);
    else descend(0);
  },

  async observe(state) {
    const { setup, batch, factors, hostFeedback, residual, squared, targetNorm } = state;
    const { scope, problem, width: rank } = setup;
    const { shape } = problem;
    recordResidual(state);
    scope.sumOfSquares({ batch, length: problem.target.data.length, values: residual, out: squared });
    const startErrors = Array.from(await scope.read(squared), (square) => Math.sqrt(square) / targetNorm);
    const data = await Promise.all(factors.map((factor) => scope.read(factor)));
    const partOf = (all: Float64Array, start: number): Float64Array => {
      const length = all.length / batch;
      return all.slice(start * length, (start + 1) * length);
    };
    const models = startErrors.map((_, start): Kruskal => ({
      weights: new Float64Array(rank).fill(1),
      factors: data.map((all, mode) => ({ rows: shape[mode]!, columns: rank, data: partOf(all, start) })),
    }));
    const best = smallest(startErrors);
    const alignment = hostFeedback
      ? models.map(({ factors }, start) => cosine(factors[0]!.data, partOf(hostFeedback, start)))
      : [];
    return {
      startErrors,
      best,
      models,
      kruskal: models[best]!,
      ...(hostFeedback ? { details: { feedbackAlignment: { alignment } } } : {}),
    };
  },
};

/** E = Z·W − Y of every start. */
function recordResidual({ setup, batch, tensor, factors, residual }: FeedbackAlignmentState): void {
  const { scope, problem, width: rank } = setup;
  scope.residualDense({ shape: problem.shape, batch, rank, factors, tensor, residual });
}

/** Z ← Z − E Wᵀ(W Wᵀ + λ tr(W Wᵀ)/r · I)⁻¹: the least-squares solution, but for a ridge that keeps it from dividing by 0. */
function recordBestZ(state: FeedbackAlignmentState): void {
  const { setup, batch, factors, products, residual, solver } = state;
  if (!solver) return;
  const { scope, problem, width: rank } = setup;
  const { shape } = problem;
  const { grams, cholesky, ridge } = solver;
  recordResidual(state);
  scope.mttkrpDense({ shape, batch, rank, factors, mode: 0, tensor: residual, product: products[0] });
  scope.gram({
    batch,
    count: rank,
    length: shape[1]!,
    vectorStride: 1,
    entryStride: rank,
    values: factors[1],
    gram: grams,
    outOffset: batch * rank * rank,
  });
  scope.factorNormalMatrix({ grams, cholesky, ridge, order: 2, mode: 0, batch, rank });
  scope.subtractSolution({ batch, rows: shape[0]!, rank, cholesky, rightSide: products[0], factor: factors[0] });
}

/** Of Y, by power iteration: u ← Y v / ‖Y v‖, v ← Yᵀu / ‖Yᵀu‖. */
async function largestSingularValue(
  { scope, problem, seed }: Setup<DenseProblem, FeedbackAlignmentOptions>,
  tensor: DeviceArray,
): Promise<number> {
  const { shape } = problem;
  const [rows = 1, columns = 1] = shape;
  const random = randomStream(seed, startStreams);
  const u = scope.array('left singular vector', rows);
  const v = scope.array('right singular vector', random.fillNormal(new Float64Array(columns)));
  const norms = scope.array('singular value', 1);
  // The factor of the mode itself takes no part in its product.
  const others = [scope.array('none', rows), scope.array('none', columns)] as const;
  const one = { batch: 1, rank: 1 };
  const multiply = (mode: number, factors: readonly DeviceArray[], product: DeviceArray): void => {
    const vector = { ...one, rows: shape[mode]!, factor: product };
    scope.mttkrpDense({ ...one, shape, factors, mode, tensor, product });
    scope.columnNorms({ ...vector, norms });
    scope.scaleColumns({ ...vector, scales: norms, by: 'divide' });
  };
  for (let k = 0; k < powerSteps; k++) {
    multiply(0, [others[0], v], u);
    multiply(1, [u, others[1]], v);
  }
  const [value = NaN] = await scope.read(norms);
  return value;
}

interface Start {
  /** Z and Wᵀ */
  readonly model: Kruskal;
  /** B, `[n, r]` */
  readonly feedback: Float64Array;
}

/** A feedback matrix per start, and small Gaussian factors or the given model. */
function startsOf(setup: Setup<DenseProblem, FeedbackAlignmentOptions>): Start[] {
  const { problem, options, width, seed, starts, init } = setup;
  const { initScale } = withDefaults(feedbackAlignmentOptions, options);
  const { shape } = problem;
  return starts.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const normals = (rows: number, deviation: number): Float64Array =>
      random.fillNormal(new Float64Array(rows * width)).map((value) => deviation * value);
    const feedback = normals(shape[0]!, shape[0]! ** -0.5);
    if (init) return { feedback, model: absorbWeights(toKruskal(init)) };
    const factors = shape.map((rows) => ({ rows, columns: width, data: normals(rows, initScale) }));
    return { feedback, model: { weights: new Float64Array(width).fill(1), factors } };
  });
}

/** ⟨a, b⟩ / (‖a‖ ‖b‖); 0 where one of them is 0. */
function cosine(a: Float64Array, b: Float64Array): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms > 0 ? dot(a, b) / norms : 0;
}
