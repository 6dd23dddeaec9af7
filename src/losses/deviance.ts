// Losses on a scale of their own: how far predictions are from the best possible, as a share of how far the simplest prediction is.
//   deviance   D(p) = mean φ(p_e, y_e) − mean φ(s(y_e), y_e),  s(y) the prediction of the smallest loss for y
//   relative   √(D(p) / D(p₀)),  p₀ the simplest prediction: 0 for losses of differences, the best constant for likelihoods.
// Where all counts or binaries are alike that constant leaves no deviance; there D(p₀) is 1 nat.
// For squared errors that is the relative error ‖p − y‖ / ‖y‖. (Deviance: McCullagh & Nelder, Generalized Linear Models, 1989, sec. 2.3.)
import { finished, inRanges, type Work } from '../yield.js';
import { lossOf, type LossName } from './losses.js';

/** mean φ(predictions, values) */
export const meanLoss = (
  loss: LossName,
  parameter: number,
  predictions: ArrayLike<number>,
  values: ArrayLike<number>,
): number => finished(meanLossSteps(loss, parameter, predictions, values));

/** The same with pauses. */
export const meanLossSteps = (
  loss: LossName,
  parameter: number,
  predictions: ArrayLike<number>,
  values: ArrayLike<number>,
): Work<number> => meanOver(loss, parameter, (e) => predictions[e]!, values);

/** What it takes to evaluate a loss, in flops. */
const lossFlops = 20;

function* meanOver(
  loss: LossName,
  parameter: number,
  predictionAt: (e: number) => number,
  values: ArrayLike<number>,
): Work<number> {
  const { value: phi } = lossOf(loss);
  let sum = 0;
  yield* inRanges(values.length, lossFlops, (from, end) => {
    for (let e = from; e < end; e++) sum += phi(predictionAt(e), values[e]!, parameter);
  });
  return sum / values.length;
}

export interface DevianceScale {
  /** Mean loss of the best possible predictions. */
  readonly best: number;
  /** Deviance of the simplest prediction. */
  readonly simplest: number;
}

export const devianceScale = (loss: LossName, parameter: number, values: Float64Array): DevianceScale =>
  finished(devianceScaleSteps(loss, parameter, values));

/** The same with pauses. */
export function* devianceScaleSteps(loss: LossName, parameter: number, values: Float64Array): Work<DevianceScale> {
  const record = lossOf(loss);
  const best = yield* meanOver(loss, parameter, (e) => record.saturated(values[e]!), values);
  if (record.kind === 'likelihood' && values.every((value) => value === values[0])) return { best, simplest: 1 };
  const constant = record.kind === 'likelihood' ? record.constantFor(meanOf(values)) : 0;
  return { best, simplest: (yield* meanOver(loss, parameter, () => constant, values)) - best };
}

/** √(D / D₀) of a mean loss; without a scale (all values 0, a loss of differences) 0 for the best and Infinity for any other. */
export function relativeDeviance(mean: number, { best, simplest }: DevianceScale): number {
  const deviance = Math.max(0, mean - best);
  if (simplest > 0) return Math.sqrt(deviance / simplest);
  return deviance === 0 ? 0 : Infinity;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
