// The float64 finish of a CP model of observed entries or measurements: damped Gauss-Newton on all factors at once, minimizing the
// mean loss Σ_e φ(prediction_e, value_e) / count of any loss; no tensor is formed (sampled-problem.ts).
import type { CgLimits } from '../../least-squares/conjugate-gradients.js';
import { dampedGaussNewton, lastReport } from '../../least-squares/gauss-newton.js';
import { dot } from '../../linalg/dot.js';
import { devianceScaleSteps, relativeDeviance } from '../../losses/deviance.js';
import { defaultLoss, defaultParameter, type LossName } from '../../losses/losses.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { sizeOf } from '../../tensor/shape.js';
import { euclideanNorm } from '../../tensor/square-sum.js';
import { fixSigns, normalize } from '../../tensor/normalize.js';
import { absorbWeights, stackFactors, unstackFactors } from '../../tensor/stacked.js';
import type { Work } from '../../yield.js';
import { sampledProblem } from './sampled-problem.js';
import type { SampledView } from '../../handles/views/sampled-view.js';

export interface PolishSampledOptions {
  /** Default 'l2', squared errors. */
  readonly loss?: LossName;
  /** Of the loss, where it has one: Huber's β. Default: the loss's own. */
  readonly lossParameter?: number;
  /** Stop when an accepted step lowers the loss by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps. Default 60. */
  readonly maxSteps?: number;
  /** Factors ≥ 0, all or those of some modes. What is negative in the start is cut off first. Default false. */
  readonly nonnegative?: boolean | readonly number[];
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

const precision: CgLimits = { iterations: 100, cgTolerance: 1e-8 };

/** Yields the model after every accepted step, at least once, and pauses; the loss never rises. A start of no finite loss ends at once. */
export function* polishSampled(
  view: SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): Generator<PolishSampledReport | undefined, void> {
  const {
    loss = defaultLoss,
    tolerance = 1e-9,
    maxSteps = 60,
    nonnegative = false,
    targetLoss = -Infinity,
    ridge = 0,
  } = options;
  const parameter = options.lossParameter ?? defaultParameter(loss);
  const { shape, values } = view;
  const rank = start.weights.length;
  const scale = yield* devianceScaleSteps(loss, parameter, values);
  const penalty = (ridge * scale.simplest) / squaredFactors(shape, values);
  const problem = sampledProblem(view, rank, { loss, parameter, nonnegative, penalty, scale });
  const steps = dampedGaussNewton(problem, startPoint(start, nonnegative === true), {
    tolerance,
    maxSteps,
    targetObjective: targetLoss,
    precision: () => precision,
  });
  for (const report of steps) {
    if (!report) {
      yield;
      continue;
    }
    const { step, objective, x, stop } = report;
    const mean = penalty > 0 ? objective - penalty * dot(x, x) : objective;
    const kruskal = unstackFactors(shape, rank, x)[0] ?? start;
    yield { step, loss: mean, relativeError: relativeDeviance(mean, scale), kruskal, stop };
  }
}

/** The last report of `polishSampled`. */
export const polishedSampled = (
  view: SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): Work<PolishSampledReport> => lastReport(polishSampled(view, start, options));

/** Σ ‖w^k‖² over the modes of one balanced component as large as the values suggest the tensor to be: order · ‖W‖^{2/order}. */
function squaredFactors(shape: readonly number[], values: Float64Array): number {
  const norm = euclideanNorm(values) * Math.sqrt(sizeOf(shape) / values.length);
  return shape.length * norm ** (2 / shape.length) || 1;
}

/** The stacked factors, weights inside. Signs are fixed before negative entries go, so that pairs of them do not count. */
const startPoint = (start: Kruskal, nonnegative: boolean): Float64Array =>
  stackFactors([absorbWeights(nonnegative ? fixSigns(normalize(start)) : start)]);
