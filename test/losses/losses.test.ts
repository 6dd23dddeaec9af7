// The laws of all losses, and what is particular to one.
import { expect, test } from 'vitest';
import { lossNames, lossOf } from '../../src/losses/losses.js';
import { maxLogRate } from '../../src/losses/poisson-log.js';
import { losses } from '../../src/losses/table.js';
import { describeLoss } from './laws.js';

lossNames.forEach(describeLoss);

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
    const below = maxLogRate * (1 - 1e-13);
    const above = maxLogRate * (1 + 1e-13);
    const scale = Math.exp(maxLogRate);
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
