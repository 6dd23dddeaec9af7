// Laws of every loss of the table: its derivative is the slope of its value, it is least and 0 at the observed value.
import { describe, expect, test } from 'vitest';
import { lossNames } from '../../shaders/lib/losses.js';
import { lossOf, losses, type LossName } from '../../src/losses/losses.js';

const names = Object.keys(losses) as LossName[];
const values = [-3.5, -1, 0, 0.25, 2];
// Away from the kinks of every loss at these parameters, so that the central difference sees one smooth piece.
const offsets = [-7.3, -1.21, -0.37, 0.013, 0.46, 1.9, 30];
const step = 1e-6;

describe.each(names)('%s', (name) => {
  const { value: phi, derivative, domain, parameter } = lossOf(name);
  const parameters = parameter ? [parameter.default, 0.3, 2.5] : [0];
  const allowed = values.filter((value) => domain.holds(value));

  test.each(parameters)('derivative = finite difference at parameter %f', (p) => {
    for (const value of allowed) {
      for (const offset of offsets) {
        const prediction = Math.max(value + offset, domain.leastPrediction + 2 * step);
        const slope = (phi(prediction + step, value, p) - phi(prediction - step, value, p)) / (2 * step);
        expect(derivative(prediction, value, p)).toBeCloseTo(slope, 6);
      }
    }
  });

  test.each(parameters)('is 0 with slope 0 at the value and not below it elsewhere, parameter %f', (p) => {
    for (const value of allowed) {
      expect(phi(value, value, p)).toBe(0);
      expect(derivative(value, value, p)).toBeCloseTo(0, 15);
      for (const offset of offsets) {
        expect(phi(value + offset, value, p)).toBeGreaterThan(0);
        expect(Math.sign(derivative(value + offset, value, p))).toBe(Math.sign(offset));
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

test('the WGSL table has the same losses', () => {
  expect([...lossNames].sort()).toEqual([...names].sort());
});
