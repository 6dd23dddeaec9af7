// Losses on a scale of their own: how far predictions are from the best possible, as a share of how far the simplest prediction is.
//   deviance   D(p) = mean φ(p_e, y_e) − mean φ(s(y_e), y_e),  s(y) the prediction of the smallest loss for y
//   relative   √(D(p) / D(p₀)),  p₀ the simplest prediction: 0 for losses of differences, the best constant for likelihoods.
// Where all counts or binaries are alike that constant leaves no deviance; there D(p₀) is 1 nat.
// For squared errors that is the relative error ‖p − y‖ / ‖y‖. (Deviance: McCullagh & Nelder, Generalized Linear Models, 1989, sec. 2.3.)
import { lossOf, type LossName } from './losses.js';

/** mean φ(predictions, values) */
export function meanLoss(
  loss: LossName,
  parameter: number,
  predictions: ArrayLike<number>,
  values: ArrayLike<number>,
): number {
  const { value: phi } = lossOf(loss);
  let sum = 0;
  for (let e = 0; e < values.length; e++) sum += phi(predictions[e]!, values[e]!, parameter);
  return sum / values.length;
}

export interface DevianceScale {
  /** Mean loss of the best possible predictions. */
  readonly best: number;
  /** Deviance of the simplest prediction. */
  readonly simplest: number;
}

export function devianceScale(loss: LossName, parameter: number, values: Float64Array): DevianceScale {
  const record = lossOf(loss);
  const best = meanLoss(loss, parameter, values.map(record.saturated), values);
  if (record.kind === 'likelihood' && values.every((value) => value === values[0])) return { best, simplest: 1 };
  const constant = record.kind === 'likelihood' ? record.constantFor(meanOf(values)) : 0;
  return { best, simplest: meanLoss(loss, parameter, new Float64Array(values.length).fill(constant), values) - best };
}

/** √(D / D₀) of a mean loss; without a scale (all values 0, a loss of differences) 0 for the best and Infinity for any other. */
export function relativeDeviance(mean: number, { best, simplest }: DevianceScale): number {
  const deviance = Math.max(0, mean - best);
  if (simplest > 0) return Math.sqrt(deviance / simplest);
  return deviance === 0 ? 0 : Infinity;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
