// The deviance of predictions, on the scale of what the simplest prediction leaves.
import { expect, test } from 'vitest';
import { observed, predictionError } from '../../src/index.js';
import { devianceScale, meanLoss, relativeDeviance } from '../../src/losses/deviance.js';
import type { LossName } from '../../src/losses/losses.js';

const relative = (loss: LossName, predictions: number[], values: number[]): number =>
  relativeDeviance(meanLoss(loss, 0, predictions, values), devianceScale(loss, 0, Float64Array.from(values)));

test('of squared errors it is the relative error', () => {
  expect(relative('l2', [1, 2, 4], [1, 2, 2])).toBeCloseTo(2 / 3, 14);
  expect(relative('l2', [0, 0], [0, 0])).toBe(0);
  expect(relative('l2', [1, 0], [0, 0])).toBe(Infinity);
});

test('of the best constant for counts and binaries it is 1', () => {
  expect(relative('poisson', [2, 2], [1, 3])).toBeCloseTo(1, 14);
  expect(relative('poissonLog', [Math.log(2), Math.log(2)], [1, 3])).toBeCloseTo(1, 14);
  expect(relative('bernoulliLogit', [0, 0], [0, 1])).toBeCloseTo(1, 14);
});

// −ln(1 − 1/(1 + e^5)) = 0.0067 nats an entry; e^−5 = 0.0067 nats; 2 − 3 ln 2 − (3 − 3 ln 3) = 0.216 nats.
test.each<[LossName, number, number, number]>([
  ['bernoulliLogit', -5, 0, Math.log1p(Math.exp(-5))],
  ['bernoulliLogit', 5, 1, Math.log1p(Math.exp(-5))],
  ['poissonLog', -5, 0, Math.exp(-5)],
  ['poisson', 2, 3, 3 * Math.log(3 / 2) - 1],
])('%s: where all values are alike it is √nats (prediction %d, value %d)', (loss, prediction, value, nats) => {
  expect(relative(loss, [prediction, prediction], [value, value])).toBeCloseTo(Math.sqrt(nats), 6);
});

test('predictions of zeros have their root mean square for an error', () => {
  const model = {
    weights: Float64Array.of(-5),
    factors: [1, 1].map(() => ({ rows: 1, columns: 1, data: Float64Array.of(1) })),
  };
  const zero = observed([1, 1], [0, 0], [0]);
  expect(predictionError(model, zero)).toBe(5);
  expect(predictionError(model, zero, 'bernoulliLogit')).toBeCloseTo(1 / (1 + Math.exp(5)), 15);
});
