// The gradient and JᵀJ against finite differences of the tensor itself, and the two solvers against each other.
import { describe, expect, test } from 'vitest';
import { factoredView } from '../../src/handles/views/factored-view.js';
import { symmetricProblem } from '../../src/compaction/symmetric-problem.js';
import { stepSolver } from '../../src/least-squares/normal-equations.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { done } from '../support/pauses.js';

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const combine = (a: Float64Array, b: Float64Array, scale: number): Float64Array =>
  a.map((value, i) => value + scale * b[i]!);

describe.each([2, 3, 4, 5])('order %i', (order) => {
  const dim = 4;
  const { truth } = plantedSymmetric({ order, dim, rank: 3, seed: order });
  const random = randomStream(order);
  const signs = new Float64Array([1, -1]);
  const x = random.fillNormal(new Float64Array(2 * dim));
  const direction = random.fillNormal(new Float64Array(2 * dim));
  const tensorAt = (point: Float64Array): Float64Array =>
    toDense({ order, weights: signs, vectors: { rows: 2, columns: dim, data: point } }).data;
  const slope = (v: Float64Array): Float64Array => {
    const h = 1e-5;
    const ahead = tensorAt(combine(x, v, h));
    const behind = tensorAt(combine(x, v, -h));
    return ahead.map((value, i) => (value - behind[i]!) / (2 * h));
  };
  const problem = symmetricProblem(factoredView(truth), signs);
  const gradient = new Float64Array(x.length);
  done(problem.linearize(x, gradient));

  test('the gradient is the slope of half the squared error', () => {
    const residual = combine(tensorAt(x), toDense(truth).data, -1);
    const expected = inner(slope(direction), residual);
    expect(Math.abs(inner(gradient, direction) - expected)).toBeLessThan(1e-7 * Math.abs(expected) + 1e-7);
  });

  test('JᵀJ is made of slopes of the model', () => {
    const product = new Float64Array(x.length);
    done(problem.apply(direction, product));
    const along = slope(direction);
    product.forEach((value, n) => {
      const unit = new Float64Array(x.length);
      unit[n] = 1;
      const expected = inner(slope(unit), along);
      expect(Math.abs(value - expected)).toBeLessThan(1e-7 * inner(along, along));
    });
  });

  test('factorization and conjugate gradients solve the same system', () => {
    const byProducts = symmetricProblem(factoredView(truth), signs, 0);
    done(byProducts.linearize(x, gradient));
    const limits = { iterations: 300, cgTolerance: 1e-10 };
    const [a, b, image] = [0, 1, 2].map(() => new Float64Array(x.length)) as [Float64Array, Float64Array, Float64Array];
    const factoring = stepSolver(problem);
    done(factoring.refresh());
    expect(done(factoring.solve(gradient, 0.1, limits, a))).toBe(true);
    expect(done(stepSolver(byProducts).solve(gradient, 0.1, limits, b))).toBe(true);
    const difference = combine(a, b, -1);
    expect(inner(difference, difference)).toBeLessThan(1e-6 * inner(a, a));
    // (JᵀJ + μI) a = −g for some μ > 0: what is left is along a.
    done(problem.apply(a, image));
    const rest = combine(image, gradient, 1);
    expect(-inner(rest, a) / Math.sqrt(inner(rest, rest) * inner(a, a))).toBeCloseTo(1, 10);
  });
});
