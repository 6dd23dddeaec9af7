// How models compare on observations that none of them was fitted to. Both are evaluated on the same ones, so their losses are compared
// pair by pair: what is hard to predict is so for both and drops out, where the spread of the losses themselves would hide all else.
//   a is no worse than b:   mean(φ_a − φ_b) ≤ 2 standard errors
// This is the one-standard-error rule (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2009, sec. 7.10): of all
// models not worse than the best by more than its uncertainty, the smallest. In pairs that uncertainty is many times smaller; two of
// it, as b is the best of several and a component that fits noise predicts better by chance now and then. Held-out observations may
// be as corrupt as the others, so for losses of differences the fifth with the largest φ_a + φ_b does not count: symmetric, so fair.
import { heldOutScore } from '../../analysis/held-out.js';
import { predictUnchecked } from '../../analysis/predict.js';
import { lossOf, type LossName } from '../../losses/losses.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import type { Kruskal } from '../../tensor/kruskal.js';

export interface HeldOutLosses {
  /** One number to rank models by (analysis/held-out.ts). */
  readonly score: number;
  /** `[count]`: φ of every observation held out. */
  readonly losses: Float64Array;
}

/** The share of the observations that counts in a comparison under a loss of differences. */
const counted = 0.8;

/** Standard errors of the mean difference that a smaller model may be worse by. */
const errors = 2;

export function heldOutLosses(held: SampledTarget, model: Kruskal, loss: LossName, parameter: number): HeldOutLosses {
  const { value: phi } = lossOf(loss);
  const predictions = predictUnchecked(model, held);
  const losses = predictions.map((prediction, e) => phi(prediction, held.values[e]!, parameter));
  return { score: heldOutScore(loss, parameter, predictions, held.values), losses };
}

/** Whether a is not worse than b by more than the uncertainty of their comparison. */
export function isNoWorse(a: HeldOutLosses, b: HeldOutLosses, loss: LossName): boolean {
  const together = a.losses.map((value, e) => value + b.losses[e]!);
  const order = Array.from(together.keys()).sort((i, j) => together[i]! - together[j]!);
  const kept = lossOf(loss).kind === 'difference' ? order.slice(0, Math.ceil(counted * order.length)) : order;
  const differences = kept.map((e) => a.losses[e]! - b.losses[e]!);
  const excess = mean(differences);
  const variance = mean(differences.map((difference) => (difference - excess) ** 2));
  return excess <= errors * Math.sqrt(variance / kept.length);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
