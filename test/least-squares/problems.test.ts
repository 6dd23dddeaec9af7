// Every problem of the engine, by the laws of its interface: the gradient is the slope of the objective, JᵀWJ is one symmetric matrix in
// all its forms, and a step solves the damped normal equations over the unknowns that are free.
import { describe, expect, test } from 'vitest';
import { stepSolver } from '../../src/least-squares/normal-equations.js';
import { cases, random } from './problems.js';
import { finished } from '../../src/yield.js';
import { done } from '../support/pauses.js';

const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, n) => sum + value * b[n]!, 0);

describe.each(Object.entries(cases))('%s', (_, { problem: open, ofObjective }) => {
  const problem = open();
  const { unknowns } = problem;
  const x = random(unknowns, 4);
  // Some unknowns at a bound, for the problems that have one.
  if (problem.held) x.forEach((value, n) => (x[n] = Math.max(value, 0)));
  const gradient = new Float64Array(unknowns);
  const f = (point: Float64Array): number => ofObjective(done(problem.objective(point)));
  done(problem.objective(x));
  done(problem.linearize(x, gradient));

  const unit = (n: number): Float64Array => new Float64Array(unknowns).with(n, 1);
  const column = (v: Float64Array): Float64Array => {
    const out = new Float64Array(unknowns);
    done(problem.apply(v, out));
    return out;
  };
  const largest = Math.max(...gradient.map(Math.abs));

  test('the gradient is the slope of the objective', () => {
    const h = 1e-5;
    gradient.forEach((slope, n) => {
      const central = (f(x.with(n, x[n]! + h)) - f(x.with(n, x[n]! - h))) / (2 * h);
      expect(Math.abs(central - slope)).toBeLessThan(1e-6 * largest);
    });
    done(problem.objective(x));
  });

  test('JᵀWJ is symmetric and positive, and its formed and applied versions agree', () => {
    done(problem.damp?.(0.1));
    const matrix = Array.from({ length: unknowns }, (__, n) => column(unit(n)));
    const size = Math.max(...matrix.map((row, n) => row[n]!));
    const formed = new Float64Array(unknowns * unknowns);
    done(problem.form?.(formed));
    matrix.forEach((row, n) => {
      expect(row[n]).toBeGreaterThanOrEqual(0);
      for (let m = 0; m <= n; m++) {
        expect(Math.abs(row[m]! - matrix[m]![n]!)).toBeLessThan(1e-13 * size);
        if (problem.form) expect(Math.abs(formed[n * unknowns + m]! - row[m]!)).toBeLessThan(1e-13 * size);
      }
    });
  });

  test('a step solves the damped normal equations, and held unknowns stay', () => {
    const solver = stepSolver(problem);
    finished(solver.refresh());
    const step = new Float64Array(unknowns);
    const damping = 0.1;
    expect(finished(solver.solve(gradient, damping, { iterations: 200, cgTolerance: 1e-20 }, step))).toBe(true);
    const mu = damping * problem.meanDiagonal() + (problem.ridge ?? 0);
    const image = column(step);
    step.forEach((value, n) => {
      if (problem.held?.[n] === 1) expect(value).toBe(0);
      else expect(Math.abs(image[n]! + mu * value + gradient[n]!)).toBeLessThan(1e-8 * largest);
    });
    // Downhill.
    expect(product(step, gradient)).toBeLessThan(0);
  });

  test('normalizing a point leaves the objective as it is, where it is not cut off at a bound', () => {
    const before = f(x);
    const point = x.slice();
    problem.normalize?.(point);
    const after = f(point);
    done(problem.objective(x));
    // A penalty on the factors falls when they are balanced.
    if (problem.ridge) expect(after).toBeLessThanOrEqual(before);
    else expect(Math.abs(after - before)).toBeLessThan(1e-12 * Math.abs(before));
  });
});
