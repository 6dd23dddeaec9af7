// The float64 finish of a CP model of observed entries or measurements: damped Gauss-Newton (Levenberg-Marquardt) on all
// factors at once, minimizing the mean loss Σ_e φ(prediction_e, value_e) / count of any loss; no tensor is formed.
//   (JᵀWJ + μI) δ = −Jᵀφ',   W by step-weights.ts, the system by normal-equations.ts
// A step is taken when it lowers the loss. Nonnegative factors are kept so by projection: unknowns at 0 that the gradient holds
// there stay, the others move by the system's step and are cut at 0 (Bertsekas, "Projected Newton methods", SIAM J. Control
// Optim. 20 (1982)); with enough damping that lowers the loss, or the point is stationary.
import { devianceScale, meanLoss, relativeDeviance } from '../../losses/deviance.js';
import { defaultLoss, defaultParameter, lossOf, type LossName } from '../../losses/losses.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import { modeOffsets } from '../../tensor/coordinate.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { fixSigns, normalize } from '../../tensor/normalize.js';
import { absorbWeights, stackFactors, unstackFactors } from '../../tensor/stacked.js';
import { stepWeights } from './step-weights.js';
import { formedLimit, normalEquations } from './normal-equations.js';
import { sampledView, type SampledView } from './sampled-view.js';

export interface PolishSampledOptions {
  /** Default 'l2', squared errors. */
  readonly loss?: LossName;
  /** Of the loss, where it has one: Huber's β. Default: the loss's own. */
  readonly lossParameter?: number;
  /** Stop when an accepted step lowers the loss by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps. Default 60. */
  readonly maxSteps?: number;
  /** Factors ≥ 0. What is negative in the start is cut off first. Default false. */
  readonly nonnegative?: boolean;
  /** Stop at a mean loss of this or less. Default: none is small enough. */
  readonly enough?: number;
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

/** Relative to the mean diagonal of JᵀWJ: damping at the start, and beyond which no step helps. */
const firstDamping = 1e-3;
const hopelessDamping = 1e8;

/** Where predictions equal the values to this, relative to their norm, they do so to rounding. */
const roundoff = 8 * Number.EPSILON;

/** Yields the model after every accepted step, at least once; the loss never rises. A start of no finite loss ends at once. */
export function* polishSampled(
  target: SampledTarget | SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): Generator<PolishSampledReport, PolishSampledReport> {
  const {
    loss = defaultLoss,
    tolerance = 1e-9,
    maxSteps = 60,
    nonnegative = false,
    enough = -Infinity,
    ridge = 0,
  } = options;
  const record = lossOf(loss);
  const parameter = options.lossParameter ?? defaultParameter(loss);
  const view = 'ofRank' in target ? target : sampledView(target);
  const { shape, count, values } = view;
  const rank = start.weights.length;
  const products = view.ofRank(rank);
  let x = startPoint(start, nonnegative);
  let trial: Float64Array = x.slice();
  const [gradient, step] = [x.slice(), x.slice()];
  const free = new Uint8Array(x.length).fill(1);
  const predictions = new Float64Array(count);
  const [slopes, weights] = [predictions.slice(), predictions.slice()];
  const system = normalEquations(products, x.length / Math.max(rank, 1), rank, formedLimit(count));
  const scale = devianceScale(loss, parameter, values);
  const penalty = (ridge * scale.simplest) / squaredFactors(shape, values);

  /** Mean loss at a point, with the ridge; leaves its predictions. */
  function lossAt(point: Float64Array): number {
    products.moveTo(point, predictions);
    const mean = meanLoss(loss, parameter, predictions, values);
    return penalty > 0 ? mean + penalty * squaredNorm(point) : mean;
  }

  function linearize(): void {
    for (let e = 0; e < count; e++) slopes[e] = record.derivative(predictions[e]!, values[e]!, parameter);
    products.transposed(slopes, gradient);
    // The system is that of the sum of losses, not of their mean.
    if (penalty > 0) for (let n = 0; n < x.length; n++) gradient[n]! += 2 * count * penalty * x[n]!;
    stepWeights(loss, parameter, predictions, values, weights);
    if (nonnegative) for (let n = 0; n < x.length; n++) free[n] = x[n]! <= 0 && gradient[n]! > 0 ? 0 : 1;
    system.prepare(weights, gradient, free);
  }

  /** Moves x by the first step, with rising damping, that lowers the loss; undefined when none does. */
  function improve(now: number, damping: number): { loss: number; damping: number } | undefined {
    linearize();
    for (let tried = damping, growth = 4; tried < hopelessDamping; tried *= growth, growth *= 2) {
      if (!system.solve(tried, 2 * count * penalty, step)) continue;
      for (let n = 0; n < x.length; n++) trial[n] = x[n]! + step[n]!;
      if (nonnegative) cutNegative(trial);
      balance(shape, rank, trial);
      const next = lossAt(trial);
      if (next < now) {
        [x, trial] = [trial, x];
        return { loss: next, damping: tried };
      }
      products.moveTo(x, predictions);
    }
    return undefined;
  }

  balance(shape, rank, x);
  let now = lossAt(x);
  let damping = firstDamping;
  for (let taken = 0; ; taken++) {
    const mayMove =
      taken < maxSteps && rank > 0 && Number.isFinite(now) && now > enough && relativeDeviance(now, scale) > roundoff;
    const next = mayMove ? improve(now, damping) : undefined;
    const settled = next ? now - next.loss < tolerance * Math.abs(now) || next.loss <= enough : taken < maxSteps;
    if (next) {
      now = next.loss;
      damping = Math.max(next.damping / 9, Number.EPSILON);
    }
    const done = taken + (next ? 1 : 0);
    const stop = settled ? 'converged' : done >= maxSteps ? 'stepLimit' : undefined;
    const kruskal = unstackFactors(shape, rank, x)[0] ?? start;
    const mean = penalty > 0 ? now - penalty * squaredNorm(x) : now;
    const report = { step: done, loss: mean, relativeError: relativeDeviance(mean, scale), kruskal, stop } as const;
    yield report;
    if (stop) return report;
  }
}

/** The last report of `polishSampled`. */
export function polishedSampled(
  target: SampledTarget | SampledView,
  start: Kruskal,
  options: PolishSampledOptions = {},
): PolishSampledReport {
  const steps = polishSampled(target, start, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function squaredNorm(x: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n]! * x[n]!;
  return sum;
}

/** Σ ‖w^k‖² over the modes of one balanced component as large as the values suggest the tensor to be: order · ‖W‖^{2/order}. */
function squaredFactors(shape: readonly number[], values: Float64Array): number {
  const cells = shape.reduce((product, rows) => product * rows, 1);
  return shape.length * ((squaredNorm(values) / values.length) * cells) ** (1 / shape.length) || 1;
}

/** The stacked factors, weights inside. Signs are fixed before negative entries go, so that pairs of them do not count. */
function startPoint(start: Kruskal, nonnegative: boolean): Float64Array {
  const x = stackFactors([absorbWeights(nonnegative ? fixSigns(normalize(start)) : start)]);
  if (nonnegative) cutNegative(x);
  return x;
}

function cutNegative(x: Float64Array): void {
  for (let n = 0; n < x.length; n++) if (x[n]! < 0) x[n] = 0;
}

/**
 * Gives the columns of every component the geometric mean of their norms, taken by logarithms so that hundreds of modes do not
 * overflow. A component with a zero column stays as it is.
 */
function balance(shape: readonly number[], rank: number, x: Float64Array): void {
  const offsets = modeOffsets(shape);
  const norms = new Float64Array(shape.length);
  for (let c = 0; c < rank; c++) {
    let logarithms = 0;
    for (let k = 0; k < shape.length; k++) {
      let squares = 0;
      for (let row = offsets[k]!; row < offsets[k + 1]!; row++) squares += x[row * rank + c]! ** 2;
      norms[k] = Math.sqrt(squares);
      logarithms += Math.log(norms[k]!);
    }
    const norm = Math.exp(logarithms / shape.length);
    if (!(norm > 0 && norm < Infinity)) continue;
    for (let k = 0; k < shape.length; k++) {
      const scale = norm / norms[k]!;
      for (let row = offsets[k]!; row < offsets[k + 1]!; row++) x[row * rank + c]! *= scale;
    }
  }
}
