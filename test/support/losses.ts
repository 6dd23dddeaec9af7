// Values and predictions for the laws of a loss, chosen by what its record says of its domain: a new loss needs no line here.
import { lossOf, type LossName } from '../../src/losses/losses.js';

/** Values that the domain holds, and predictions for each, away from kinks and from where a tangent takes over. */
export interface LossPoints {
  readonly values: readonly number[];
  readonly predictions: (value: number) => readonly number[];
}

const offsets = [-7.3, -1.21, -0.37, 0.013, 0.46, 1.9, 30];
const rates = [1e-12, 1e-10, 1e-6, 0.02, 0.4, 1.3, 6.3, 250, 1e4, -1e-11, -2];
const logarithms = [-100, -20, -7, -3, -0.3, -0.2, 0, 0.7, 2.5, 5, 14, 29.9, 30.1, 100];

export function lossPoints(name: LossName): LossPoints {
  const { kind, domain } = lossOf(name);
  if (kind === 'difference') {
    return {
      values: [-3.5, -1, 0, 0.25, 2],
      predictions: (value) => offsets.map((offset) => value + offset),
    };
  }
  const isRate = domain.minPrediction === 0;
  return {
    values: [0, 0.5, 1, 7, isRate ? 300 : 1e6].filter(domain.holds),
    predictions: () => (isRate ? rates : logarithms),
  };
}

/** Numbers turned into values that the loss's domain holds: as they are, counts, or zeros and ones. */
export function valuesFor(name: LossName, numbers: Float64Array): Float64Array {
  const { holds } = lossOf(name).domain;
  if (holds(-0.5)) return numbers;
  return holds(2) ? numbers.map((x) => Math.round(Math.abs(3 * x))) : numbers.map((x) => (x > 0 ? 1 : 0));
}

/** Whether predictions stand for rates, which are positive. */
export const predictsRates = (name: LossName): boolean => lossOf(name).domain.minPrediction === 0;
