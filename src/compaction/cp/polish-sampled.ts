// The float64 finish of a CP model of observed entries or measurements: damped Gauss-Newton on all factors at once, minimizing the
// mean loss Σ_e φ(prediction_e, value_e) / count of any loss; no tensor is formed.
//   (JᵀWJ + μI) δ = −Jᵀφ',   W by step-weights.ts
// Nonnegative factors are kept so by projection: unknowns at 0 that the gradient pushes below are held for a step, the others move and
// are cut off at 0 (Bertsekas, "Projected Newton methods", SIAM J. Control Optim. 20 (1982)); with enough damping that lowers the
// loss, or the point is stationary.
import type { CgLimits } from '../../least-squares/conjugate-gradients.js';
import { dampedGaussNewton, lastReport, type LeastSquaresProblem } from '../../least-squares/gauss-newton.js';
import { dot } from '../../linalg/dot.js';
import { devianceScale, meanLoss, relativeDeviance, type DevianceScale } from '../../losses/deviance.js';
import { lossOf, type LossName } from '../../losses/losses.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { sizeOf } from '../../tensor/shape.js';
import { euclideanNorm } from '../../tensor/square-sum.js';
import { fixSigns, normalize } from '../../tensor/normalize.js';
import { absorbWeights, balanceModes, stackFactors, unstackFactors } from '../../tensor/stacked.js';
import { rowPreconditioner } from './row-preconditioner.js';
import { stepWeights } from './step-weights.js';
import { sampledView, type SampledView } from './sampled-view.js';

export interface PolishSampledOptions {
  /** Default 'l2'. */
  readonly loss?: LossName;
  /** Of the loss, where it has one: Huber's β. Default: the loss's own. */
  readonly lossParameter?: number;
  /** Stop when an accepted step lowers the loss by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps. Default 60. */
  readonly maxSteps?: number;
  /** Factors ≥ 0. What is negative in the start is cut off first. Default false. */
  readonly nonnegative?: boolean;
  /** Stop at a mean loss of this or less, ridge included. Default: only where predictions equal the values, up to rounding. */
  readonly targetLoss?: number;
  /**
   * ρ: minimizes mean φ + ρ · D₀ · Σ_r ‖w_r‖^{2/N} / ‖W‖^{2/N}, D₀ the deviance of the simplest prediction, ‖W‖ as the values suggest
   * it. It is a Gaussian prior on balanced factors: what few observations leave open stays small. Default 0.
   */
  readonly ridge?: number;
}

export interface PolishSampledReport {
  /** Accepted steps so far. */
  readonly step: number;
  /** Mean of φ over the observations. */
  readonly loss: number;
  /** The loss on the scale of the data (losses/deviance.ts); for squared errors ‖predictions − values‖ / ‖values‖. */
  readonly relativeError: number;
  /** Weights 1, the columns of a component of equal norm in all modes. */
  readonly kruskal: Kruskal;
  /** Set in the last report: whether no step lowers the loss by the tolerance or it is small enough, or the steps were used up. */
  readonly stop: 'converged' | 'stepLimit' | undefined;
}

/** Predictions that differ from the values by this, relative to their norm, equal them up to rounding. */
const roundoff = 8 * Number.EPSILON;

const precision: CgLimits = { iterations: 100, cgTolerance: 1e-8 };

/**
 * Unknowns up to which JᵀWJ is formed: 600, but fewer where observations are few, whose products then cost less than a
 * factorization; the two cost the same at 10·√count.
 */
const formedLimit = (count: number): number => Math.min(600, 10 * Math.sqrt(count));

/** Yields the model after every accepted step, at least once; the loss never rises. A start of no finite loss ends at once. */
export function* polishSampled(
  target: SampledTarget | SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): Generator<PolishSampledReport> {
  const {
    loss = 'l2',
    tolerance = 1e-9,
    maxSteps = 60,
    nonnegative = false,
    targetLoss = -Infinity,
    ridge = 0,
  } = options;
  const parameter = options.lossParameter ?? lossOf(loss).parameter?.default ?? 0;
  const view = 'ofRank' in target ? target : sampledView(target);
  const { shape, values } = view;
  const rank = start.weights.length;
  const scale = devianceScale(loss, parameter, values);
  const penalty = (ridge * scale.simplest) / squaredFactors(shape, values);
  const problem = sampledProblem(view, rank, { loss, parameter, nonnegative, penalty, scale });
  const steps = dampedGaussNewton(problem, startPoint(start, nonnegative), {
    tolerance,
    maxSteps,
    targetObjective: targetLoss,
    precision: () => precision,
  });
  for (const { step, objective, x, stop } of steps) {
    const mean = penalty > 0 ? objective - penalty * dot(x, x) : objective;
    const kruskal = unstackFactors(shape, rank, x)[0] ?? start;
    yield { step, loss: mean, relativeError: relativeDeviance(mean, scale), kruskal, stop };
  }
}

/** The last report of `polishSampled`. */
export const polishedSampled = (
  target: SampledTarget | SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): PolishSampledReport => lastReport(polishSampled(target, start, options));

export interface SampledLoss {
  readonly loss: LossName;
  readonly parameter: number;
  /** Factors ≥ 0. */
  readonly nonnegative: boolean;
  /** Times ‖x‖², added to the mean loss. */
  readonly penalty: number;
  /** Of the loss and the values. */
  readonly scale: DevianceScale;
}

/**
 * min over the stacked factors of mean φ + penalty · ‖x‖². The gradient and JᵀWJ are those of count times that, the sum of losses.
 * JᵀWJ is formed and factored while unknowns are few, at count · (order · rank)² to form it; else a product is one pass over the
 * observations, preconditioned by the diagonal blocks of the rows, JᵀWJ restricted to one row of one factor: what alternating
 * least squares on the observations would solve. A row without observations has a zero block and gradient: damping keeps it in place.
 * `limit`: unknowns up to which JᵀWJ is formed.
 */
export function sampledProblem(
  view: SampledView,
  rank: number,
  { loss, parameter, nonnegative, penalty, scale }: SampledLoss,
  limit = formedLimit(view.count),
): LeastSquaresProblem {
  const { shape, count, values } = view;
  const { derivative } = lossOf(loss);
  const products = view.ofRank(rank);
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const unknowns = rows * rank;
  const isFormed = unknowns <= limit;
  const predictions = new Float64Array(count);
  const slopes = new Float64Array(count);
  const weights = new Float64Array(count);
  const held = nonnegative ? new Uint8Array(unknowns) : undefined;
  const preconditioner = isFormed ? undefined : rowPreconditioner(rows, rank, held);
  /** The point of the matrix, and that of the products, which `objective` moves. */
  let x: Float64Array = new Float64Array(unknowns);
  let at: Float64Array = x;
  let mean = 0;

  function moveTo(point: Float64Array): void {
    at = point;
    products.moveTo(point, predictions);
  }

  function objective(point: Float64Array): number {
    moveTo(point);
    const average = meanLoss(loss, parameter, predictions, values);
    return penalty > 0 ? average + penalty * dot(point, point) : average;
  }

  function linearize(point: Float64Array, gradient: Float64Array): void {
    x = point;
    for (let e = 0; e < count; e++) slopes[e] = derivative(predictions[e]!, values[e]!, parameter);
    products.transposed(slopes, gradient);
    if (penalty > 0) for (let n = 0; n < unknowns; n++) gradient[n]! += 2 * count * penalty * x[n]!;
    stepWeights(loss, parameter, predictions, values, weights);
    if (held) for (let n = 0; n < unknowns; n++) held[n] = x[n]! <= 0 && gradient[n]! > 0 ? 1 : 0;
    if (!preconditioner) return;
    products.rowBlocks(weights, preconditioner.blocks);
    mean = preconditioner.meanDiagonal();
  }

  function form(matrix: Float64Array): void {
    products.form(weights, matrix);
    mean = 0;
    for (let n = 0; n < unknowns; n++) mean += matrix[n * unknowns + n]! / unknowns;
  }

  function damp(mu: number): void {
    if (at !== x) moveTo(x);
    preconditioner?.factor(mu);
  }

  return {
    unknowns,
    objective,
    floor: () => scale.least + scale.simplest * roundoff ** 2,
    linearize,
    normalize(point) {
      if (nonnegative) cutNegative(point);
      balanceModes(shape, rank, point);
    },
    meanDiagonal: () => mean,
    apply: (v, out) => products.curvature(weights, v, out),
    form: isFormed ? form : undefined,
    damp,
    precondition: preconditioner?.apply,
    held,
    ridge: 2 * count * penalty,
  };
}

/** Σ ‖w^k‖² over the modes of one balanced component as large as the values suggest the tensor to be: order · ‖W‖^{2/order}. */
function squaredFactors(shape: readonly number[], values: Float64Array): number {
  const norm = euclideanNorm(values) * Math.sqrt(sizeOf(shape) / values.length);
  return shape.length * norm ** (2 / shape.length) || 1;
}

/** The stacked factors, weights inside. Signs are fixed before negative entries go, so that pairs of them do not count. */
const startPoint = (start: Kruskal, nonnegative: boolean): Float64Array =>
  stackFactors([absorbWeights(nonnegative ? fixSigns(normalize(start)) : start)]);

function cutNegative(x: Float64Array): void {
  for (let n = 0; n < x.length; n++) if (x[n]! < 0) x[n] = 0;
}
