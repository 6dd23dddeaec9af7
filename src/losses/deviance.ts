// Losses on a scale of their own: how far predictions are from the best possible, as a share of how far the simplest prediction is.
//   deviance   D(p) = mean φ(p_e, y_e) − mean φ(s(y_e), y_e),  s(y) the prediction that suits y best
//   relative   √(D(p) / D(p₀)),  p₀ the simplest prediction: 0 for losses of differences, the best constant for counts and binaries.
// Where all counts or binaries are alike that constant leaves no deviance; there D(p₀) is 1 nat.
// For squared errors that is the relative error ‖p − y‖ / ‖y‖. (Deviance: McCullagh & Nelder, Generalized Linear Models, 1989, sec. 2.3.)
import { lossOf, type LossName } from './losses.js';

/** Losses that grow by a power of the factor when predictions, values and parameter are all multiplied by it. */
export const isHomogeneous = (loss: LossName): boolean => loss === 'l2' || loss === 'l1' || loss === 'huber';

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
  readonly least: number;
  /** Deviance of the simplest prediction. */
  readonly simplest: number;
}

export function devianceScale(loss: LossName, parameter: number, values: Float64Array): DevianceScale {
  const least = meanLoss(
    loss,
    parameter,
    values.map((value) => saturated(loss, value)),
    values,
  );
  if (!isHomogeneous(loss) && values.every((value) => value === values[0])) return { least, simplest: 1 };
  const constant = simplestPrediction(loss, values);
  return { least, simplest: meanLoss(loss, parameter, new Float64Array(values.length).fill(constant), values) - least };
}

/** √(D / D₀) of a mean loss; without a scale (all values 0, a loss of differences) 0 for the best and Infinity for any other. */
export function relativeDeviance(mean: number, { least, simplest }: DevianceScale): number {
  const deviance = Math.max(0, mean - least);
  if (simplest > 0) return Math.sqrt(deviance / simplest);
  return deviance === 0 ? 0 : Infinity;
}

/** A prediction that tells 0 from 1, or a count of 0, as surely as floats do. */
const certain = 30;

function saturated(loss: LossName, value: number): number {
  if (loss === 'bernoulliLogit') return value > 0.5 ? certain : -certain;
  return loss === 'poissonLog' ? Math.max(Math.log(value), -certain) : value;
}

function simplestPrediction(loss: LossName, values: Float64Array): number {
  if (isHomogeneous(loss)) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (loss === 'poisson') return mean;
  if (loss === 'poissonLog') return Math.max(Math.log(mean), -certain);
  return Math.max(-certain, Math.min(certain, Math.log(mean / (1 - mean))));
}
