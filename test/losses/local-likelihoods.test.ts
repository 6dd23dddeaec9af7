// The Gaussians that stand for likelihoods: they have the slope of E log p(y | x) by the mean of x, and where they come from a bound, that is
// one and touches where it should.
import { expect, test } from 'vitest';
import { likelihoodOf } from '../../src/losses/local-likelihoods.js';
import type { LocalLoss } from '../../src/losses/local.js';

const values = Float64Array.of(0, 1, 1, 0, 1, 3, 0.4);
const binary = Float64Array.of(0, 1, 1, 0, 1);
const noise = 0.7;

const cases: [LocalLoss, boolean][] = [
  ['studentT', false],
  ['studentT', true],
  ['bernoulliLogit', false],
  ['poissonLog', false],
  ['poisson', false],
];

test.each(cases)('%s: the slope of the likelihood (for the last fit: %o)', (loss, knowsModel) => {
  const given = loss === 'bernoulliLogit' ? binary : values;
  const { at, learn } = likelihoodOf(loss, given, { parameter: undefined, knowsModel });
  // Of losses without a noise of their own σ² is what weights are relative to.
  const unit = learn(noise, false).noise || noise;
  const of = (y: number, m: number, v: number) => ({ ...at(y, m, v, loss === 'studentT' ? noise : unit) });
  for (const y of given) {
    for (const m of [0.3, 0.9, 2.5]) {
      for (const v of [0, 0.2]) {
        const step = 1e-5;
        const slope = (of(y, m + step, v).logLikelihood - of(y, m - step, v).logLikelihood) / (2 * step);
        const { weight, value } = of(y, m, v);
        const gaussian = (weight * (value - m)) / (loss === 'studentT' ? noise : unit);
        // The variance of a rate is a part of its second-order term, whose slope Fisher scoring leaves out.
        const left = loss === 'poisson' ? (0.5 * v) / m ** 2 : 0;
        expect(Math.abs(gaussian + left - slope), JSON.stringify({ y, m, v })).toBeLessThan(1e-7);
        expect(weight).toBeGreaterThan(0);
      }
    }
  }
});

/** E f(x) for x ~ N(m, v), by the trapezoidal rule, which is exact to rounding for smooth functions. */
function expectation(f: (x: number) => number, m: number, v: number): number {
  let sum = 0;
  let weights = 0;
  for (let k = -400; k <= 400; k++) {
    const weight = Math.exp(-0.5 * (k / 50) ** 2);
    sum += weight * f(m + (k / 50) * Math.sqrt(v));
    weights += weight;
  }
  return sum / weights;
}

test('bounds of zeros and ones lie below, and touch where the model is certain', () => {
  const { at } = likelihoodOf('bernoulliLogit', binary, { parameter: undefined, knowsModel: false });
  const logP = (y: number) => (x: number) => y * x - Math.max(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  for (const y of [0, 1]) {
    for (const m of [-3, 0.1, 2]) {
      for (const v of [0.1, 1, 4]) {
        expect(at(y, m, v, 1).logLikelihood).toBeLessThanOrEqual(expectation(logP(y), m, v) + 1e-12);
      }
      expect(at(y, m, 0, 1).logLikelihood).toBeCloseTo(logP(y)(m), 12);
    }
  }
});

test("that of Student's t too; its density is one", () => {
  const { at } = likelihoodOf('studentT', values, { parameter: undefined, knowsModel: false });
  const logP = (x: number) => at(0, x, 0, noise).logLikelihood;
  for (const m of [0, 1, 5]) expect(at(0, m, 0.5, noise).logLikelihood).toBeLessThan(expectation(logP, m, 0.5));
  // With x = tan u the density falls as 1 / x⁵, and its integral is that of a periodic function.
  const points = 2000;
  let integral = 0;
  for (let k = 0; k < points; k++) {
    const u = ((k + 0.5) / points - 0.5) * Math.PI;
    integral += ((Math.PI / points) * Math.exp(logP(Math.tan(u)))) / Math.cos(u) ** 2;
  }
  expect(integral).toBeCloseTo(1, 10);
});

test('values are expected to be as surprising as they are', () => {
  const { surprise } = likelihoodOf('poisson', values, { parameter: undefined, knowsModel: false });
  let square = 0;
  let expected = 0;
  // Counts of rate 2, with their probabilities.
  for (let y = 0, p = Math.exp(-2); y < 60; p *= 2 / ++y) {
    const [one, itsMean] = surprise(y, 2, 0, 1);
    square += p * one;
    expected += p * itsMean;
  }
  expect(square).toBeCloseTo(expected, 10);
});
