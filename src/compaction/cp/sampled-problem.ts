// A CP model of observed entries or measurements as a least-squares problem, for polish-sampled.ts:
//   min over the stacked factors x of mean φ(prediction, value) + penalty · ‖x‖²,   (JᵀWJ + μI) δ = −Jᵀφ',   W by step-weights.ts
// Gradient and JᵀWJ are those of count times that, the sum of losses. Nonnegative factors are kept so by projection: unknowns at 0 that
// the gradient pushes below are held for a step, the others move and are cut off at 0 (Bertsekas, "Projected Newton methods", SIAM J.
// Control Optim. 20 (1982)); with enough damping that lowers the loss, or the point is stationary.
import type { LeastSquaresProblem } from '../../least-squares/gauss-newton.js';
import { dot } from '../../linalg/dot.js';
import { meanLossSteps, type DevianceScale } from '../../losses/deviance.js';
import { lossOf, type LossName } from '../../losses/losses.js';
import { balanceModes } from '../../tensor/stacked.js';
import { rowPreconditioner } from './row-preconditioner.js';
import type { SampledView } from '../../handles/views/sampled-view.js';
import { inRanges, type Work } from '../../yield.js';
import { stepWeights } from './step-weights.js';

export interface SampledLoss {
  readonly loss: LossName;
  readonly parameter: number;
  /** Factors ≥ 0: all, none, or those of some modes. */
  readonly nonnegative: boolean | readonly number[];
  /** Times ‖x‖², added to the mean loss. */
  readonly penalty: number;
  /** Of the loss and the values. */
  readonly scale: DevianceScale;
}

/** Predictions that differ from the values by this, relative to their norm, equal them up to rounding. */
const roundoff = 8 * Number.EPSILON;

/**
 * Unknowns up to which JᵀWJ is formed: 600, but fewer where observations are few, whose products then cost less than a
 * factorization; the two cost the same at 10·√count.
 */
const formedLimit = (count: number): number => Math.min(600, 10 * Math.sqrt(count));

/**
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
  const bounded = boundedUnknowns(shape, rank, nonnegative);
  const held = bounded && new Uint8Array(unknowns);
  const preconditioner = isFormed ? undefined : rowPreconditioner(rows, rank, held);
  /** The point of the matrix, and that of the products, which `objective` moves. */
  let x: Float64Array = new Float64Array(unknowns);
  let at: Float64Array = x;
  let mean = 0;

  function* moveTo(point: Float64Array): Work<void> {
    at = point;
    yield* products.moveTo(point, predictions);
  }

  function* objective(point: Float64Array): Work<number> {
    yield* moveTo(point);
    const average = yield* meanLossSteps(loss, parameter, predictions, values);
    return penalty > 0 ? average + penalty * dot(point, point) : average;
  }

  function* linearize(point: Float64Array, gradient: Float64Array): Work<void> {
    x = point;
    yield* inRanges(count, 10, (from, end) => {
      for (let e = from; e < end; e++) slopes[e] = derivative(predictions[e]!, values[e]!, parameter);
    });
    yield* products.transposed(slopes, gradient);
    if (penalty > 0) for (let n = 0; n < unknowns; n++) gradient[n]! += 2 * count * penalty * x[n]!;
    stepWeights(loss, parameter, predictions, values, weights);
    if (held && bounded)
      for (let n = 0; n < unknowns; n++) held[n] = bounded[n] === 1 && x[n]! <= 0 && gradient[n]! > 0 ? 1 : 0;
    if (!preconditioner) return;
    yield* products.rowBlocks(weights, preconditioner.blocks);
    mean = preconditioner.meanDiagonal();
  }

  function* form(matrix: Float64Array): Work<void> {
    yield* products.form(weights, matrix);
    mean = 0;
    for (let n = 0; n < unknowns; n++) mean += matrix[n * unknowns + n]! / unknowns;
  }

  function* damp(mu: number): Work<void> {
    if (at !== x) yield* moveTo(x);
    if (preconditioner) yield* preconditioner.factor(mu);
  }

  return {
    unknowns,
    objective,
    floor: () => scale.best + scale.simplest * roundoff ** 2,
    linearize,
    normalize(point) {
      if (bounded) cutNegative(point, bounded);
      balanceModes(shape, rank, point);
    },
    meanDiagonal: () => mean,
    apply: (v, out) => products.curvature(weights, v, out),
    form: isFormed ? form : undefined,
    damp,
    precondition: preconditioner?.apply,
    iterationFlops: 2 * unknowns * rank,
    held,
    ridge: 2 * count * penalty,
  };
}

/** 1 for unknowns that may not be negative; undefined where all may be. */
function boundedUnknowns(
  shape: readonly number[],
  rank: number,
  nonnegative: boolean | readonly number[],
): Uint8Array | undefined {
  if (nonnegative === false) return undefined;
  const isBounded = shape.flatMap((size, mode) =>
    new Array<number>(size).fill(nonnegative === true || nonnegative.includes(mode) ? 1 : 0),
  );
  return Uint8Array.from({ length: isBounded.length * rank }, (_, n) => isBounded[Math.floor(n / rank)]!);
}

function cutNegative(x: Float64Array, bounded: Uint8Array): void {
  for (let n = 0; n < x.length; n++) if (bounded[n] === 1 && x[n]! < 0) x[n] = 0;
}
