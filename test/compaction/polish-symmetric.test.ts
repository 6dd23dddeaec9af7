// The polish never climbs, converges quadratically at an exact solution, and stops at a stationary point elsewhere.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../src/analysis/match.js';
import { factoredView } from '../../src/handles/views/factored-view.js';
import { symmetricProblem } from '../../src/compaction/symmetric-problem.js';
import { polished, polishSymmetric } from '../../src/compaction/polish-symmetric.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { modelOf, partsOf, perturbed } from './starts.js';
import { finished } from '../../src/yield.js';
import { reportsOf } from '../support/pauses.js';

describe.each([
  { order: 3, dim: 10, rank: 4 },
  { order: 4, dim: 8, rank: 10 },
  // 900 unknowns: conjugate gradients.
  { order: 3, dim: 30, rank: 30 },
])('order $order, dim $dim, rank $rank', ({ order, dim, rank }) => {
  const { truth } = plantedSymmetric({ order, dim, rank, seed: 2 });
  const random = randomStream(2);
  const start = modelOf(
    order,
    partsOf(truth).map(({ weight, vector }) => ({ weight: weight * 1.1, vector: perturbed(vector, 0.1, random) })),
  );
  const reports = [...reportsOf(polishSymmetric(factoredView(truth), start))];
  const last = reports[reports.length - 1]!;

  test('the error never rises', () => {
    const errors = reports.map(({ relativeError }) => relativeError);
    errors.slice(1).forEach((error, i) => expect(error).toBeLessThanOrEqual(errors[i]!));
  });

  test('it converges to the truth in a few steps', () => {
    expect(last.stop).toBe('converged');
    expect(last.relativeError).toBeLessThan(1e-13);
    expect(last.step).toBeLessThan(20);
    expect(factorMatchScore(last.kruskal, truth)).toBeGreaterThan(1 - 1e-10);
  });
});

test('with too few components it ends where the gradient vanishes', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 4 });
  const start = modelOf(3, partsOf(truth).slice(0, 2));
  const { kruskal, stop, relativeError } = finished(
    polished(factoredView(truth), start, { tolerance: 1e-14, maxSteps: 500 }),
  );
  expect(stop).toBe('converged');
  expect(relativeError).toBeGreaterThan(0.01);
  const x = kruskal.vectors.data.map((value, at) => value * Math.cbrt(Math.abs(kruskal.weights[Math.floor(at / 6)]!)));
  const gradient = new Float64Array(x.length);
  symmetricProblem(factoredView(truth), kruskal.weights.map(Math.sign)).linearize(x, gradient);
  expect(Math.hypot(...gradient)).toBeLessThan(1e-5);
});

test('the step limit is kept and reported', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 4 });
  const start = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 5 }).truth;
  expect(finished(polished(factoredView(truth), start, { maxSteps: 2 }))).toMatchObject({ step: 2, stop: 'stepLimit' });
});

test('it stops where the error is small enough, and leaves an exact model alone', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 10, rank: 4, seed: 2 });
  const start = { ...truth, weights: truth.weights.map((weight) => 1.1 * weight) };
  const { relativeError, step, stop } = finished(polished(factoredView(truth), start, { targetError: 0.2 }));
  expect({ step, stop }).toEqual({ step: 0, stop: 'converged' });
  expect(relativeError).toBeCloseTo(0.1, 12);
  expect(finished(polished(factoredView(truth), truth)).step).toBe(0);
});
