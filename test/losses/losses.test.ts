// Laws of every loss of the table: its derivative is the slope of its value and tells on which side of the value the prediction's
// mean lies, it is least where they meet, its curvature is what Gauss-Newton needs, and all is finite for every prediction.
import { describe, expect, test } from 'vitest';
import { lossNames } from '../../shaders/lib/losses.js';
import { largestLogRate, leastRate, lossOf, losses, type LossName } from '../../src/losses/losses.js';

const names = Object.keys(losses) as LossName[];

/** Values that the domain holds, and predictions for each, away from kinks and from where a tangent takes over. */
interface Points {
  readonly values: readonly number[];
  readonly predictions: (value: number) => readonly number[];
}

const differences: Points = {
  values: [-3.5, -1, 0, 0.25, 2],
  predictions: (value) => [-7.3, -1.21, -0.37, 0.013, 0.46, 1.9, 30].map((offset) => value + offset),
};

const points: Readonly<Record<LossName, Points>> = {
  l2: differences,
  l1: differences,
  huber: differences,
  poisson: {
    values: [0, 0.5, 1, 7, 300],
    predictions: () => [1e-12, 1e-10, 1e-6, 0.02, 0.4, 1.3, 6.3, 250, 1e4, -1e-11, -2],
  },
  poissonLog: { values: [0, 0.5, 7, 1e6], predictions: () => [-100, -7, -0.3, 0, 2.5, 14, 29.9, 30.1, 100] },
  bernoulliLogit: { values: [0, 1], predictions: () => [-100, -20, -3, -0.2, 0, 0.7, 5, 30, 100] },
};

/** The prediction that stands for a value. */
const link = (name: LossName, value: number): number => {
  if (name === 'poissonLog') return Math.log(value);
  return name === 'bernoulliLogit' ? Math.log(value / (1 - value)) : value;
};

describe.each(names)('%s', (name) => {
  const { value: phi, derivative, curvature, mean, domain, parameter } = lossOf(name);
  const { values, predictions } = points[name];
  const parameters = parameter ? [parameter.default, 0.3, 2.5] : [0];
  const cases = parameters.flatMap((p) =>
    values.flatMap((value) => predictions(value).map((prediction) => ({ prediction, value, p }))),
  );

  test('takes its values and predictions', () => {
    expect(values.every(domain.holds)).toBe(true);
    expect([NaN, Infinity, -Infinity].some(domain.holds)).toBe(false);
    expect(domain.leastPrediction).toBe(name === 'poisson' ? 0 : -Infinity);
  });

  test('derivative = central difference', () => {
    for (const { prediction, value, p } of cases) {
      // Rounding leaves u |φ| / step, the cubic term step² φ‴ / 6; a rate changes on its own scale.
      const step = 1e-5 * (name === 'poisson' ? Math.abs(prediction) + leastRate : 1);
      const rise = phi(prediction + step, value, p) - phi(prediction - step, value, p);
      const slope = derivative(prediction, value, p);
      const rounding = (2 ** -52 * (Math.abs(phi(prediction, value, p)) + value * Math.abs(prediction))) / step;
      const error = Math.abs(rise / (2 * step) - slope);
      expect(error, JSON.stringify({ prediction, value, p })).toBeLessThan(1e-8 * (1 + Math.abs(slope)) + 2 * rounding);
    }
  });

  test('slopes towards the value', () => {
    for (const { prediction, value, p } of cases) {
      if (prediction < domain.leastPrediction) continue;
      const side = Math.sign(mean(prediction) - value);
      const slope = Math.sign(derivative(prediction, value, p));
      // A mean that is rounded to its value may lie on either side of it; at a rate of 0, downhill is outside.
      if (side !== 0) expect(slope, JSON.stringify({ prediction, value, p })).toBe(side);
    }
  });

  test('is least where the mean is the value', () => {
    for (const { prediction, value, p } of cases) {
      const best = Math.max(-700, Math.min(700, link(name, value)));
      expect(mean(best)).toBeCloseTo(value, value > 1e5 ? 3 : 12);
      if (prediction >= domain.leastPrediction) {
        expect(phi(best, value, p)).toBeLessThanOrEqual(phi(prediction, value, p));
      }
      expect(Math.abs(derivative(best, value, p))).toBeLessThan(name === 'poisson' && value === 0 ? 2 : 1e-8);
      if (differences.values === values) expect(phi(best, value, p)).toBe(0);
    }
  });

  test('curvature is the second derivative, or what stands for it', () => {
    for (const { prediction, value, p } of cases) {
      const weight = curvature(prediction, value, p);
      const label = JSON.stringify({ prediction, value, p });
      expect(weight, label).toBeGreaterThanOrEqual(0);
      if (name === 'l1' || name === 'huber') {
        // The parabola with this slope at the prediction, and its mirror image, lies above the loss.
        expect(weight * (prediction - value), label).toBeCloseTo(derivative(prediction, value, p), 12);
        for (const other of predictions(value)) {
          const [from, to] = [prediction - value, other - value];
          const above = phi(prediction, value, p) + 0.5 * weight * (to * to - from * from);
          expect(above, label).toBeGreaterThanOrEqual(phi(other, value, p) - 1e-12);
        }
      } else if (name === 'poisson') {
        // A Fisher step from any rate arrives at the value.
        const arrived = prediction - derivative(prediction, value, p) / weight;
        if (prediction >= 0) expect(arrived, label).toBeCloseTo(value, 9);
      } else if (name !== 'poissonLog' || prediction < largestLogRate) {
        const step = 1e-5;
        const rise = derivative(prediction + step, value, p) - derivative(prediction - step, value, p);
        const rounding = (2 ** -52 * (value + Math.abs(derivative(prediction, value, p)))) / step;
        expect(Math.abs(rise / (2 * step) - weight), label).toBeLessThan(1e-9 * (1 + weight) + rounding);
      }
    }
  });

  test('is finite for every prediction', () => {
    for (const prediction of [0, -0, 1e-300, 100, -100, 1e4, -1e4, 1e100, -1e100]) {
      for (const value of values) {
        for (const p of parameters) {
          expect(phi(prediction, value, p)).toSatisfy(Number.isFinite);
          expect(derivative(prediction, value, p)).toSatisfy(Number.isFinite);
          expect(curvature(prediction, value, p)).toSatisfy(Number.isFinite);
          expect(mean(prediction)).toSatisfy(Number.isFinite);
        }
      }
    }
  });
});

test("Huber's loss is smooth where its pieces meet", () => {
  const { value, derivative } = losses.huber;
  for (const beta of [0.3, 1, 4]) {
    expect(value(beta * (1 - 1e-12), 0, beta)).toBeCloseTo(value(beta, 0, beta), 11);
    expect(derivative(beta * (1 - 1e-12), 0, beta)).toBeCloseTo(derivative(beta, 0, beta), 11);
  }
});

test('the tangents meet the losses of counts with their value and slope', () => {
  const { poisson, poissonLog } = losses;
  for (const count of [0, 3, 1e6]) {
    const [below, above] = [largestLogRate * (1 - 1e-13), largestLogRate * (1 + 1e-13)];
    const scale = Math.exp(largestLogRate);
    expect(Math.abs(poissonLog.value(above, count) - poissonLog.value(below, count)) / scale).toBeLessThan(1e-10);
    expect(Math.abs(poissonLog.derivative(above, count) - poissonLog.derivative(below, count)) / scale).toBeLessThan(
      1e-10,
    );
    expect(poisson.value(-1e-25, count)).toBeCloseTo(poisson.value(1e-25, count), 8);
    expect(poisson.derivative(-1e-25, count) / poisson.derivative(1e-25, count)).toBeCloseTo(1, 12);
  }
});

test('l1 gives an entry that is met no more than a million times the weight of one missed by as much as its size', () => {
  const { curvature } = losses.l1;
  expect(curvature(2, 2)).toBeCloseTo(1 / 4e-6, 6);
  expect(curvature(2e-3, 2e-3)).toBeCloseTo(1 / 4e-9, 3);
  expect(curvature(0, 0)).toBe(1e12);
});

test('values: counts from 0 on, whole or not, and zeros and ones', () => {
  expect([0, 1, 2.5, 1e12].every(lossOf('poisson').domain.holds)).toBe(true);
  expect([-1, -1e-9, 1e14].some(lossOf('poissonLog').domain.holds)).toBe(false);
  expect([0.5, -1, 2].some(lossOf('bernoulliLogit').domain.holds)).toBe(false);
});

test('the WGSL table has the same losses', () => {
  expect([...lossNames].sort()).toEqual([...names].sort());
});
