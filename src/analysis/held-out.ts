// How well a model predicts what it was not fitted to, as one number to choose by. Held-out entries may be as corrupt as the others,
// so for losses of differences the worst fifth of them does not count:
//   score = √(mean of the smallest 80 % of (p_e − y_e)²) / √(mean of the smallest 80 % of y_e²)       (trimmed: Rousseeuw, JASA 79, 1984)
// Where most values are near 0, all count. For counts and binaries, where rare values are the signal, it is the relative deviance of all (src/losses/deviance.ts).
import { InputError } from '../errors.js';
import { devianceScale, meanLoss, relativeDeviance } from '../losses/deviance.js';
import { lossOf, requireLoss, type LossName } from '../losses/losses.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { requireFloat64 } from '../tensor/require.js';

/** The share of held-out entries that counts. */
const counted = 0.8;

/** Where most values are near 0 beside a few, those few are the signal: four fifths of Gaussian values have 0.66 of their norm. */
const rare = 0.2;

/**
 * How well values that were not fitted are predicted: 0 where every prediction is right, about 1 where nothing was learned. For losses of
 * differences √(Σ (predictions − values)² / Σ values²), each over the smallest 80 % of its terms, or over all where most values are
 * near 0; for likelihoods the relative deviance. `parameter`: that of the loss, Huber's β; others ignore it. O(count log count).
 *
 * @example
 * ```ts
 * import { heldOutScore } from 'polyadic';
 *
 * const values = Float64Array.of(1, -2, 3);
 * console.log(heldOutScore('l2', 0, values, values), heldOutScore('l2', 0, new Float64Array(3), values)); // 0 1
 * ```
 * @throws InputError for an unknown loss, and for lists that are empty or of different lengths.
 */
export function heldOutScore(
  loss: LossName,
  parameter: number,
  predictions: Float64Array,
  values: Float64Array,
): number {
  requireLoss('heldOutScore', loss);
  requirePairs('heldOutScore', predictions, values);
  if (lossOf(loss).kind === 'likelihood') {
    return relativeDeviance(meanLoss(loss, parameter, predictions, values), devianceScale(loss, parameter, values));
  }
  const residuals = predictions.map((prediction, e) => prediction - values[e]!);
  const share = trimmedNorm(values, counted) < rare * trimmedNorm(values, 1) ? 1 : counted;
  return trimmedNorm(residuals, share) / (trimmedNorm(values, share) || 1);
}

/**
 * Median of |predictions − values|, in the units of the data.
 *
 * @example
 * ```ts
 * import { medianError } from 'polyadic';
 *
 * console.log(medianError(Float64Array.of(1, 2, 3), Float64Array.of(1, 2.5, 9))); // 0.5
 * ```
 * @throws InputError for lists that are empty or of different lengths.
 */
export function medianError(predictions: Float64Array, values: Float64Array): number {
  requirePairs('medianError', predictions, values);
  const sizes = predictions.map((prediction, e) => Math.abs(prediction - values[e]!)).sort();
  const middle = sizes.length >> 1;
  return sizes.length % 2 === 1 ? sizes[middle]! : (sizes[middle - 1]! + sizes[middle]!) / 2;
}

/** Standard deviation of Gaussian residuals with the median that these have: a few gross errors do not change it. */
export const robustDeviation = (predictions: Float64Array, values: Float64Array): number =>
  1.4826 * medianError(predictions, values);

function requirePairs(who: string, predictions: Float64Array, values: Float64Array): void {
  requireFloat64(who, 'predictions', predictions);
  requireFloat64(who, 'values', values);
  if (predictions.length === values.length && values.length > 0) return;
  throw new InputError(
    `${who}: expected as many predictions as values, at least one, got ${predictions.length} and ${values.length}. Give one prediction per value.`,
  );
}

function trimmedNorm(values: Float64Array, share: number): number {
  const sizes = values.map(Math.abs).sort();
  const count = Math.max(1, Math.floor(share * sizes.length));
  return euclideanNorm(sizes.subarray(0, count)) / Math.sqrt(count);
}
