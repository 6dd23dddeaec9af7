// Laws of every loss of the table: its derivative is the slope of its value and tells on which side of the value the prediction's
// mean lies, its minimum is where they meet, its curvature is what Gauss-Newton needs, all is finite for every prediction, and the
// GPU computes what its record says.
import { describe, expect, test } from 'vitest';
import { defaultParameter, lossOf, type LossName } from '../../src/losses/losses.js';
import { lossPoints } from '../support/losses.js';
import { expectParity } from '../support/parity.js';

export function describeLoss(name: LossName): void {
  describe(name, () => {
    const record = lossOf(name);
    const { value: phi, derivative, curvature, mean, saturated, domain, parameter } = record;
    const { values, predictions } = lossPoints(name);
    const parameters = parameter ? [parameter.default, 0.3, 2.5] : [0];
    const cases = parameters.flatMap((p) =>
      values.flatMap((value) => predictions(value).map((prediction) => ({ prediction, value, p }))),
    );

    test('takes its values and predictions', () => {
      expect(values.length).toBeGreaterThan(1);
      expect(values.every(domain.holds)).toBe(true);
      expect([NaN, Infinity, -Infinity].some(domain.holds)).toBe(false);
    });

    test('derivative = central difference', () => {
      for (const { prediction, value, p } of cases) {
        // Rounding leaves u |φ| / step, the cubic term step² φ‴ / 6; a rate changes on its own scale.
        const step = 1e-5 * (domain.minPrediction === 0 ? Math.abs(prediction) + 1e-10 : 1);
        const rise = phi(prediction + step, value, p) - phi(prediction - step, value, p);
        const slope = derivative(prediction, value, p);
        const rounding = (2 ** -52 * (Math.abs(phi(prediction, value, p)) + value * Math.abs(prediction))) / step;
        const error = Math.abs(rise / (2 * step) - slope);
        expect(error, JSON.stringify({ prediction, value, p })).toBeLessThan(
          1e-8 * (1 + Math.abs(slope)) + 2 * rounding,
        );
      }
    });

    test('slopes towards the value', () => {
      for (const { prediction, value, p } of cases) {
        if (prediction < domain.minPrediction) continue;
        const side = Math.sign(mean(prediction) - value);
        const slope = Math.sign(derivative(prediction, value, p));
        // A mean that is rounded to its value may lie on either side of it; at a rate of 0, downhill is outside.
        if (side !== 0) expect(slope, JSON.stringify({ prediction, value, p })).toBe(side);
      }
    });

    test('has its minimum where the mean is the value', () => {
      for (const { prediction, value, p } of cases) {
        const best = predictionOfMean(mean, value);
        expect(mean(best)).toBeCloseTo(value, value > 1e5 ? 3 : 12);
        expect(mean(saturated(value))).toBeCloseTo(value, value > 1e5 ? 3 : 12);
        if (prediction >= domain.minPrediction) {
          expect(phi(best, value, p)).toBeLessThanOrEqual(phi(prediction, value, p));
        }
        // A rate of 0 is the end of the domain, not a place where the slope is 0.
        const atTheEnd = domain.minPrediction === 0 && value === 0;
        expect(Math.abs(derivative(best, value, p))).toBeLessThan(atTheEnd ? 2 : 1e-8);
        if (record.kind === 'difference') expect(phi(best, value, p)).toBe(0);
      }
    });

    test('its constant prediction has the mean asked for', () => {
      if (record.kind === 'difference') return;
      for (const value of [0.1, 0.5, 0.9]) expect(mean(record.constantFor(value))).toBeCloseTo(value, 12);
    });

    test('multiples of a loss of differences are the loss of multiples', () => {
      if (record.kind === 'likelihood') return;
      const degree = Math.log2(phi(8, 2, 2) / phi(4, 1, 1));
      for (const { prediction, value, p } of cases) {
        expect(phi(4 * prediction, 4 * value, 4 * p) / 4 ** degree).toBeCloseTo(phi(prediction, value, p), 10);
      }
      const scale = (factor: number): number => record.residualScale(factor ** degree * 0.7, factor * 0.4);
      expect(scale(8) / scale(1)).toBeCloseTo(8, 12);
    });

    test('curvature is the Fisher information, or bounds a robust loss from above', () => {
      for (const { prediction, value, p } of cases) {
        const weight = curvature(prediction, value, p);
        const label = JSON.stringify({ prediction, value, p });
        expect(weight, label).toBeGreaterThanOrEqual(0);
        if (record.kind === 'difference' && record.isRobust) {
          // The parabola with this slope at the prediction, and its mirror image, lies above the loss.
          expect(weight * (prediction - value), label).toBeCloseTo(derivative(prediction, value, p), 12);
          for (const other of predictions(value)) {
            const from = prediction - value;
            const to = other - value;
            const above = phi(prediction, value, p) + 0.5 * weight * (to * to - from * from);
            expect(above, label).toBeGreaterThanOrEqual(phi(other, value, p) - 1e-12);
          }
        } else if (domain.minPrediction === 0) {
          // A Fisher step from any rate arrives at the value.
          const arrived = prediction - derivative(prediction, value, p) / weight;
          if (prediction >= 0) expect(arrived, label).toBeCloseTo(value, 9);
        } else if (prediction < 30) {
          // Where φ″ does not depend on the value it is the Fisher information; at 30 a tangent takes over.
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

    test.each(values)('its WGSL text is value and derivative of the record, for value %d', async (value) => {
      for (const p of parameters) {
        // One prediction per batch item, so that none hides in a mean behind a larger one.
        const prediction = Float64Array.from(predictions(value));
        const batch = prediction.length;
        await expectParity({
          inputs: { prediction, values: Float64Array.of(value) },
          record: (scope, arrays) => {
            const derivatives = scope.array('derivative', batch);
            const means = scope.array('mean', batch);
            const range = { batch, first: 0, count: 1 };
            scope.lossObserved({ ...arrays, ...range, loss: name, parameter: p, derivative: derivatives, mean: means });
            return { derivative: derivatives, mean: means };
          },
          // Against a wrong formula, not against lost digits: functions such as exp(30) may be off by 60 roundings.
          roundings: 1000,
          magnitudes: {
            derivative: prediction.map((x) => 1 + Math.abs(derivative(x, value, p))),
            mean: prediction.map((x) => 1 + Math.abs(phi(x, value, p)) + Math.abs(x * derivative(x, value, p))),
          },
        });
      }
    });

    test('its parameter is positive, and grows with the values and with the residuals', () => {
      if (!parameter) {
        expect(defaultParameter(name)).toBe(0);
        return;
      }
      expect(parameter.default).toBeGreaterThan(0);
      expect(parameter.forValues(6) / parameter.forValues(3)).toBeCloseTo(2, 14);
      expect(parameter.forResiduals(0, 1)).toBeGreaterThan(0);
      expect(parameter.forResiduals(0.2, 1)).toBeGreaterThan(parameter.forResiduals(0.1, 1));
    });
  });
}

/** The prediction of this mean, by bisection; where it is infinite, −700 or 700. */
function predictionOfMean(mean: (prediction: number) => number, value: number): number {
  let low = -700;
  let high = 700;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) return low;
    if (mean(middle) <= value) low = middle;
    else high = middle;
  }
}
