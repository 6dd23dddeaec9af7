// Alternating least squares for a dense tensor, in correction form: with E = model − target, mode after mode,
//   U ← U − MTTKRP(E) · (H + λ · tr(H)/R · I)⁻¹,      H = ∘_{k ≠ mode} U_kᵀU_k,
// the proximal form of U ← MTTKRP(X) · H⁻¹ (Kolda & Bader 2009, fig. 3.3). Working on the explicit residual keeps float32
// accurate to its last digits and never divides by a singular H, however large the rank. Between updates the factors have
// unit columns and the weights sit in the factor being updated. Starts are a batch axis: one dispatch moves them all.
// Missing cells have no residual: E counts where the mask is 1, and a step is one of expectation maximization, the model filling
// the missing cells (Tomasi & Bro, "PARAFAC and missing values", 2005); the loss of the known cells never rises.
// ALS finds the valley quickly and then creeps along it, so the finish (src/finish/dense.ts) goes on by damped Gauss-Newton in float64.
import type { DeviceArray } from '../backend/backend.js';
import { randomStream } from '../random/stream.js';
import { startStreams } from '../random/streams.js';
import { concatenate } from '../tensor/concatenate.js';
import { toKruskal, type Kruskal } from '../tensor/kruskal.js';
import { isPolished } from '../finish/is-polished.js';
import type { DenseProblem } from '../handles/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { normalize } from '../tensor/normalize.js';
import { bestError, smallest, type Algorithm, type Setup } from './algorithm.js';
import { alsOptions, type AlsOptions } from './options/als.js';

/** `[size]` each; the mask only where cells are missing. */
interface Cells {
  readonly tensor: DeviceArray;
  readonly mask?: DeviceArray;
}

export interface AlsState {
  readonly setup: Setup<DenseProblem, AlsOptions>;
  readonly ridge: number;
  readonly targetNorm: number;
  readonly cells: Cells;
  /** One per mode, `[batch, shape[mode], rank]`, unit columns. */
  readonly factors: readonly DeviceArray[];
  /** `[batch, rank]` */
  readonly weights: DeviceArray;
  /** `[order, batch, rank, rank]` */
  readonly grams: DeviceArray;
  readonly cholesky: DeviceArray;
  readonly residual: DeviceArray;
  readonly squared: DeviceArray;
  /** MTTKRP of the residual, one per mode: `[batch, shape[mode], rank]`. */
  readonly products: readonly DeviceArray[];
}

/** Fall of the error per sweep at which the polish takes over, and the error at which a start has found the tensor. */
const polishFrom = 1e-3;
const solved = 1e-5;

export const als: Algorithm<DenseProblem, AlsOptions, AlsState> = {
  kind: 'als',
  family: 'dense',
  options: alsOptions,
  defaults: {
    starts: 4,
    tolerance: 1e-8,
    maxSteps: 1000,
    // Without a rank there is `init`, which has its own width.
    width: ({ expectedRank }, rank) => (rank === 'auto' ? expectedRank : rank),
  },
  needsRank: 'It fits the rank that it is given.',
  finishFrom: ({ target }, width) => (isPolished(target, width) ? polishFrom : undefined),

  reportEvery: 5,
  isModelsAndStep: true,
  hasIndependentStarts: true,

  init(setup) {
    const { scope, problem, width: rank, options, roundoff } = setup;
    const { shape, target } = problem;
    const models = startModels(setup);
    const batch = models.length;
    const size = target.data.length;
    const state: AlsState = {
      setup,
      ridge: options.ridge ?? (roundoff > 1e-12 ? 1e-4 : 1e-10),
      targetNorm: denseNorm(target),
      cells: {
        tensor: scope.array('tensor', target.data),
        ...(target.known ? { mask: scope.array('mask', Float32Array.from(target.known)) } : {}),
      },
      factors: shape.map((_, mode) =>
        scope.array(`factor ${mode}`, concatenate(models.map((m) => factorData(m, mode)))),
      ),
      weights: scope.array('weights', concatenate(models.map((m) => m.weights))),
      grams: scope.array('grams', shape.length * batch * rank * rank),
      cholesky: scope.array('cholesky', batch * rank * rank),
      residual: scope.array('residual', batch * size),
      squared: scope.array('squared residual', batch),
      products: shape.map((rows, mode) => scope.array(`MTTKRP ${mode}`, batch * rows * rank)),
    };
    shape.forEach((_, mode) => recordGram(state, mode));
    return state;
  },

  /** One sweep over the modes. */
  step(state) {
    const { scope, problem, width: rank } = state.setup;
    const { grams, cholesky, ridge } = state;
    const { shape } = problem;
    const batch = state.weights.length / rank;
    shape.forEach((rows, mode) => {
      const factor = state.factors[mode]!;
      const product = state.products[mode]!;
      const columns = { batch, rows, rank, factor };
      const model = { shape, batch, rank, factors: state.factors };
      scope.scaleColumns({ ...columns, by: 'multiply', scales: state.weights });
      scope.residualDense({ ...model, ...state.cells, residual: state.residual });
      scope.mttkrpDense({ ...model, mode, tensor: state.residual, product });
      scope.factorNormalMatrix({ grams, cholesky, ridge, order: shape.length, mode, batch, rank });
      scope.subtractSolution({ ...columns, cholesky, rightSide: product });
      scope.columnNorms({ ...columns, norms: state.weights });
      scope.scaleColumns({ ...columns, by: 'divide', scales: state.weights });
      recordGram(state, mode);
    });
  },

  async observe(state) {
    const { scope, problem, width: rank } = state.setup;
    const { shape } = problem;
    const batch = state.weights.length / rank;
    recordResidual(state);
    const squares = await scope.read(state.squared);
    const startErrors = Array.from(squares, (square) =>
      state.targetNorm === 0 ? Math.sqrt(square) : Math.sqrt(square) / state.targetNorm,
    );
    const best = smallest(startErrors);
    const weights = await scope.read(state.weights);
    const factors = await Promise.all(state.factors.map((factor) => scope.read(factor)));
    const models = startErrors.map((_, start): Kruskal => ({
      weights: weights.slice(start * rank, (start + 1) * rank),
      factors: factors.map((data, mode) => {
        const length = data.length / batch;
        return { rows: shape[mode]!, columns: rank, data: data.slice(start * length, (start + 1) * length) };
      }),
    }));
    return { startErrors, best, models, kruskal: models[best]! };
  },

  /**
   * When every start's error falls by less than the tolerance a sweep, relative to itself, or is at the arithmetic's floor. Where
   * the best start goes on to be polished, it is enough that it has the tensor: no other can be better by more than that. Where it
   * does not, the answer is vouched for only if another start has reached the same error.
   */
  done({ problem, width, tolerance, roundoff }, now, before, sweeps) {
    const floor = 32 * roundoff;
    const polished = isPolished(problem.target, width);
    if (polished && bestError(now) <= solved) return { stop: 'converged' };
    const haveEnded = now.startErrors.every((error, start) => {
      const last = before?.startErrors[start];
      return error <= floor || (last !== undefined && last - error < Math.max(tolerance, floor) * sweeps * error);
    });
    if (!haveEnded) return undefined;
    const equal = now.startErrors.filter((error) => error <= 1.01 * bestError(now)).length;
    return { stop: polished || equal > 1 || bestError(now) <= solved ? 'converged' : 'stalled' };
  },
};

/** Leaves ‖model − target‖², over the known cells, of every start in `squared`: absorbs the weights into mode 0, forms the residual, and undoes it. */
function recordResidual(state: AlsState): void {
  const { scope, problem, width: rank } = state.setup;
  const { shape, target } = problem;
  const batch = state.weights.length / rank;
  const columns = {
    batch,
    rows: shape[0]!,
    rank,
    factor: state.factors[0]!,
    scales: state.weights,
  };
  scope.scaleColumns({ ...columns, by: 'multiply' });
  scope.residualDense({ shape, batch, rank, factors: state.factors, ...state.cells, residual: state.residual });
  scope.scaleColumns({ ...columns, by: 'divide' });
  scope.sumOfSquares({ batch, length: target.data.length, values: state.residual, out: state.squared });
}

function recordGram({ setup, factors, grams, weights }: AlsState, mode: number): void {
  const { scope, problem, width: rank } = setup;
  const batch = weights.length / rank;
  scope.gram({
    batch,
    count: rank,
    length: problem.shape[mode]!,
    vectorStride: 1,
    entryStride: rank,
    values: factors[mode]!,
    gram: grams,
    outOffset: mode * batch * rank * rank,
  });
}

/** Gaussian factors with unit columns and weights 1, or the given model; as they were, where the run goes on. */
function startModels({ problem, width, seed, starts, init, resumed }: Setup<DenseProblem, AlsOptions>): Kruskal[] {
  if (resumed) return resumed.map(toKruskal);
  if (init) return [normalize(toKruskal(init))];
  return starts.map((start) => {
    const random = randomStream(seed, startStreams + start);
    const factors = problem.shape.map((rows) => ({
      rows,
      columns: width,
      data: Float64Array.from({ length: rows * width }, () => random.normal()),
    }));
    const { factors: unit } = normalize({ weights: new Float64Array(width).fill(1), factors });
    return { weights: new Float64Array(width).fill(1), factors: unit };
  });
}

const factorData = (model: Kruskal, mode: number): Float64Array => model.factors[mode]!.data;
