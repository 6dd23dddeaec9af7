// Standard deviations of predicted entries: by the formula, and as large as errors are.
import { expect, test } from 'vitest';
import { decompose, deviationTensor, observed, predict, predictWithDeviation } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { matrix } from '../../src/tensor/matrix.js';
import { casesOf } from '../support/all.js';

const variational = { algorithm: 'variational', backend: 'cpu', seed: 1 } as const;

/** All cells of a shape, with values that do not matter. */
function everyCell(shape: readonly number[]) {
  const size = shape.reduce((a, b) => a * b);
  const cells = Array.from({ length: size }, (_, at) =>
    shape.map((rows, k) => Math.floor(at / shape.slice(k + 1).reduce((a, b) => a * b, 1)) % rows),
  );
  return observed(shape, cells.flat(), new Float64Array(size).fill(1));
}

test('of one component with independent rows: E a² E b² − (E a)² (E b)²', () => {
  const kruskal = { weights: Float64Array.of(2), factors: [matrix(1, 1, [3]), matrix(2, 1, [1, 5])] };
  // Variances 0.5 of a, 0.1 and 0.2 of b.
  const secondMoment = { weights: Float64Array.of(4), factors: [matrix(1, 1, [9.5]), matrix(2, 1, [1.1, 25.2])] };
  const posterior = { secondMoment, noise: 1, inflation: 1 };
  const { means, deviations } = predictWithDeviation({ kruskal, posterior }, everyCell([1, 2]));
  expect(Array.from(means)).toEqual([6, 30]);
  expect(deviations[0]).toBeCloseTo(Math.sqrt(4 * (9.5 * 1.1 - 9)), 12);
  expect(deviations[1]).toBeCloseTo(Math.sqrt(4 * (9.5 * 25.2 - 225)), 12);
  expect(Array.from(deviationTensor({ kruskal, posterior }))).toEqual(Array.from(deviations));
});

test('90 % intervals hold the truth about that often, in the units of the data', async () => {
  const shape = [12, 11, 1, 10];
  let inside = 0;
  let count = 0;
  for (const seed of casesOf([1, 2, 3, 4, 5, 6], 3)) {
    const { target, truth } = plantedObserved({ shape, rank: 2, share: 0.3, noise: 0.2, seed });
    const scaled = observed(
      shape,
      target.indices,
      target.values.map((value) => 1e4 * value),
    );
    const result = await decompose(scaled, variational);
    expect([result.rank, result.stop]).toEqual([2, 'converged']);
    const all = everyCell(shape);
    const right = predict(truth, all);
    const { means, deviations } = predictWithDeviation(result, all);
    means.forEach((mean, e) => {
      if (Math.abs(mean - 1e4 * right[e]!) < 1.645 * deviations[e]!) inside++;
      count++;
    });
  }
  // Of 90 %. The errors of the cells of one problem hang together: 62 unknowns each, so 180 and more independent ones, ± 2.3 % each.
  expect(inside / count).toBeGreaterThan(0.8);
  expect(inside / count).toBeLessThan(0.97);
});

test('an exact fit leaves nothing open', async () => {
  const { target } = plantedObserved({ shape: [10, 9, 8], rank: 2, share: 0.5, seed: 2 });
  const result = await decompose(target, variational);
  const { means, deviations } = predictWithDeviation(result, target);
  const largest = means.reduce((max, mean) => Math.max(max, Math.abs(mean)), 0);
  expect(result.posterior?.noise).toBe(0);
  deviations.forEach((deviation) => expect(deviation).toBeLessThan(1e-7 * largest));
});

test('other algorithms have no posterior', async () => {
  const { target } = plantedObserved({ shape: [5, 4, 3], rank: 1, share: 0.8, seed: 2 });
  const result = await decompose(target, { algorithm: 'completion', backend: 'cpu', starts: 1, maxSteps: 50 });
  expect(() => predictWithDeviation(result, target)).toThrow(/expected a result with a posterior/);
});
