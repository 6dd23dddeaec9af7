// The damped Gauss-Newton loop: one step of a linear problem solves it, conjugate gradients and Cholesky give the same steps, the
// objective never rises, damping grows until it falls, and bounds are kept.
import { describe, expect, test } from 'vitest';
import { conjugateGradients } from '../../src/least-squares/conjugate-gradients.js';
import { dampedGaussNewton, lastReport, type LeastSquaresProblem } from '../../src/least-squares/gauss-newton.js';
import { factorInPlace, solveInPlace } from '../../src/linalg/cholesky.js';
import { cases, linearProblem, random } from './problems.js';
import { finished } from '../../src/yield.js';
import { done, reportsOf } from '../support/pauses.js';

const rows = 12;
const unknowns = 7;
const a = random(rows * unknowns, 1);
const b = random(rows, 2);
const options = { tolerance: 1e-12, maxSteps: 50, precision: () => ({ iterations: 100, cgTolerance: 1e-24 }) };

/** The least-squares solution by the normal equations. */
function solution(): Float64Array {
  const problem = linearProblem(a, b, unknowns, Infinity);
  const matrix = new Float64Array(unknowns * unknowns);
  const right = new Float64Array(unknowns);
  done(problem.form?.(matrix));
  done(problem.objective(new Float64Array(unknowns)));
  done(problem.linearize(new Float64Array(unknowns), right));
  expect(factorInPlace(matrix, unknowns)).toBe(true);
  solveInPlace(matrix, unknowns, right);
  return right.map((value) => -value);
}

const distance = (x: Float64Array, y: Float64Array): number => Math.hypot(...x.map((value, n) => value - y[n]!));

describe.each([
  { by: 'Cholesky', limit: Infinity },
  { by: 'conjugate gradients', limit: 0 },
])('a linear problem, by $by', ({ limit }) => {
  test('is solved by one step, but for the damping', () => {
    const steps = reportsOf(
      dampedGaussNewton(linearProblem(a, b, unknowns, limit), new Float64Array(unknowns), {
        ...options,
        maxSteps: 1,
      }),
    );
    const first = finished(lastReport(steps));
    // Damping is 1e-3 of the mean diagonal; the smallest eigenvalue of AᵀA is a twentieth of it here.
    expect(distance(first.x, solution())).toBeLessThan(0.05 * Math.hypot(...solution()));
  });

  test('is solved to rounding in the end', () => {
    const last = finished(
      lastReport(dampedGaussNewton(linearProblem(a, b, unknowns, limit), new Float64Array(unknowns), options)),
    );
    expect(last.stop).toBe('converged');
    expect(distance(last.x, solution())).toBeLessThan(1e-6);
  });
});

describe('conjugate gradients', () => {
  const problem = linearProblem(a, b, unknowns, Infinity);
  const right = random(unknowns, 3);
  const matrix = new Float64Array(unknowns * unknowns);
  done(problem.form?.(matrix));
  const diagonal = Array.from({ length: unknowns }, (_, n) => matrix[n * unknowns + n]!);
  const byCholesky = right.slice();
  factorInPlace(matrix, unknowns);
  solveInPlace(matrix, unknowns, byCholesky);

  test.each([
    { name: 'without a preconditioner', precondition: undefined },
    {
      name: 'preconditioned by the diagonal',
      precondition: (residual: Float64Array, z: Float64Array) =>
        residual.forEach((value, n) => (z[n] = value / diagonal[n]!)),
    },
  ])('agree with Cholesky $name', ({ precondition }) => {
    const x = random(unknowns, 5);
    const system = { apply: problem.apply.bind(problem), precondition };
    finished(conjugateGradients(unknowns)(system, right, { iterations: 100, cgTolerance: 1e-24 }, x));
    expect(distance(x, byCholesky)).toBeLessThan(1e-9 * Math.hypot(...byCholesky));
  });

  test('keep the number of iterations', () => {
    let products = 0;
    const apply = (v: Float64Array, out: Float64Array): void => {
      products++;
      done(problem.apply(v, out));
    };
    finished(
      conjugateGradients(unknowns)({ apply }, right, { iterations: 3, cgTolerance: 0 }, new Float64Array(unknowns)),
    );
    expect(products).toBe(3);
  });
});

test('damping grows until the objective falls, and reports the steps taken only', () => {
  // f = ½ (x³ − 8)² from 0.1: the undamped step leads to 267, far beyond the minimum at 2.
  const tried: number[] = [];
  let slope = 0;
  const cube: LeastSquaresProblem = {
    unknowns: 1,
    objective(x) {
      tried.push(x[0]!);
      return 0.5 * (x[0]! ** 3 - 8) ** 2;
    },
    linearize(x, gradient) {
      slope = 3 * x[0]! ** 2;
      gradient[0] = slope * (x[0]! ** 3 - 8);
    },
    meanDiagonal: () => slope ** 2,
    apply: (v, out) => void (out[0] = slope ** 2 * v[0]!),
    form: (matrix) => void (matrix[0] = slope ** 2),
  };
  const steps = reportsOf(dampedGaussNewton(cube, Float64Array.of(0.1), { ...options, targetObjective: 1e-20 }));
  const reports = Array.from(steps, ({ step, objective, x }) => ({ step, objective, x: x[0]! }));
  const taken = tried.indexOf(reports[0]!.x);
  expect(taken).toBeGreaterThan(1);
  // The start, then shorter and shorter steps.
  tried.slice(2, taken + 1).forEach((x, n) => expect(Math.abs(x - 0.1)).toBeLessThan(Math.abs(tried[n + 1]! - 0.1)));
  reports.slice(1).forEach((report, n) => expect(report.objective).toBeLessThan(reports[n]!.objective));
  expect(reports.map(({ step }) => step)).toEqual(reports.map((_, n) => n + 1));
  expect(reports[reports.length - 1]!.x).toBeCloseTo(2, 8);
});

describe('stops', () => {
  const open = (): LeastSquaresProblem => linearProblem(a, b, unknowns, Infinity);
  const run = (more: object, problem = open()) =>
    finished(lastReport(dampedGaussNewton(problem, new Float64Array(unknowns), { ...options, ...more })));

  test('at the step limit', () => {
    expect(run({ maxSteps: 1, tolerance: 0 })).toMatchObject({ step: 1, stop: 'stepLimit' });
    expect(run({ maxSteps: 0 })).toMatchObject({ step: 0, stop: 'stepLimit' });
  });

  test('at the target, and at the floor of the problem, without a step', () => {
    const objective = done(open().objective(new Float64Array(unknowns)));
    expect(run({ targetObjective: objective })).toMatchObject({ step: 0, stop: 'converged', objective });
    expect(run({}, { ...open(), floor: () => objective })).toMatchObject({ step: 0, stop: 'converged', objective });
  });

  test('where the start has no finite objective', () => {
    expect(run({}, { ...open(), objective: () => NaN })).toMatchObject({ step: 0, stop: 'converged' });
  });
});

describe.each(Object.entries(cases))('%s', (_, { problem: open, bounded }) => {
  const problem = open();
  const start = random(problem.unknowns, 6);
  const precision = () => ({ iterations: 100, cgTolerance: 1e-10 });
  const reports = Array.from(
    reportsOf(dampedGaussNewton(problem, start, { tolerance: 1e-9, maxSteps: 30, precision })),
    ({ objective, x }) => ({ objective, isNonnegative: x.subarray(0, bounded).every((value) => value >= 0) }),
  );

  test('the objective never rises, and bounds are kept', () => {
    reports.slice(1).forEach(({ objective }, n) => expect(objective).toBeLessThanOrEqual(reports[n]!.objective));
    if (problem.held) expect(reports.every(({ isNonnegative }) => isNonnegative)).toBe(true);
  });
});
