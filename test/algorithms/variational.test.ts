// Completion by variational inference: exact without noise and without a rank, right in rank with noise, and nothing in noise alone.
import { describe, expect, test } from 'vitest';
import { decompose, factorMatchScore, observed, predictEntries, relativeError } from '../../src/index.js';
import type { ObservedTarget } from '../../src/index.js';
import { plantedObserved, type PlantedObservedOptions } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { casesOf } from '../support/all.js';

const variational = { algorithm: 'variational', backend: 'cpu' } as const;

const mapped = ({ shape, indices, values }: ObservedTarget, change: (value: number, e: number) => number) =>
  observed(shape, indices, values.map(change));

describe('without noise', () => {
  const problems: Omit<PlantedObservedOptions, 'seed'>[] = [
    { shape: [10, 10, 10], rank: 3, share: 0.2 },
    { shape: [20, 20, 20], rank: 3, share: 0.05 },
    { shape: [8, 8, 8, 8], rank: 2, share: 0.05 },
    { shape: [20, 20, 20], rank: 3, share: 0.3, weights: [1, 1e-2, 1e-4] },
    { shape: [30, 20], rank: 2, share: 0.5 },
  ];

  test.each(problems)('the rank and the tensor: %o', async (problem) => {
    for (const seed of casesOf([0, 1, 2, 3], 2)) {
      const { target, truth } = plantedObserved({ ...problem, seed });
      const result = await decompose(target, { ...variational, seed });
      expect([seed, result.rank, result.stop]).toEqual([seed, problem.rank, 'converged']);
      expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-9);
      if (problem.shape.length > 2) expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(1 - 1e-6);
    }
  });

  test.each([1, 20, 300])('an offset of %d standard deviations is one component more', async (offset) => {
    const { target, truth } = plantedObserved({ shape: [15, 15, 15], rank: 2, share: 0.3, seed: 3 });
    const { values } = target;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    const shifted = mapped(target, (value) => value + offset * deviation);
    const { kruskal, rank, stop } = await decompose(shifted, { ...variational, seed: 1 });
    expect([rank, stop]).toEqual([3, 'converged']);
    const cells = Uint32Array.from({ length: 3 * 15 ** 3 }, (_, at) => {
      const cell = Math.floor(at / 3);
      return Math.floor(cell / 15 ** (2 - (at % 3))) % 15;
    });
    const right = predictEntries(truth, cells);
    predictEntries(kruskal, cells).forEach((value, cell) => {
      expect(Math.abs(value - offset * deviation - right[cell]!)).toBeLessThan(1e-8 * deviation * 10);
    });
  });

  test('a model that is given is where it begins', async () => {
    const { target, truth } = plantedObserved({ shape: [10, 9, 8], rank: 2, share: 0.4, seed: 2 });
    const { rank, stop, kruskal } = await decompose(target, { ...variational, init: truth });
    expect([rank, stop]).toEqual([2, 'converged']);
    expect(relativeError(kruskal, truth)).toBeLessThan(1e-12);
  });
});

describe('with noise', () => {
  test.each([0.01, 0.1, 0.3])(
    'of %d of the values: the rank, and an error as small as the noise allows',
    async (noise) => {
      const shape = [15, 14, 13];
      const rank = 3;
      const { target, truth } = plantedObserved({ shape, rank, share: 0.3, seed: 4 });
      const { values, count } = target;
      const deviation = noise * Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / count);
      const random = randomStream(8);
      const noisy = mapped(target, (value) => value + deviation * random.normal());
      const result = await decompose(noisy, { ...variational, seed: 1 });
      expect([result.rank, result.stop]).toEqual([rank, 'converged']);
      expect(result.starts.agreeing).toBeGreaterThanOrEqual(2);
      // Least squares errs by σ √(unknowns / count) on average; 1.5 times that is more than four deviations of it for 120 unknowns.
      const unknowns = rank * (15 + 14 + 13 - 2);
      const size = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / count);
      expect(relativeError(result.kruskal, truth)).toBeLessThan((1.5 * deviation * Math.sqrt(unknowns / count)) / size);
    },
  );

  test('noise alone has no component', async () => {
    for (const seed of casesOf([1, 2, 3, 4, 5, 6], 3)) {
      const random = randomStream(seed);
      const { target } = plantedObserved({ shape: [12, 11, 10], rank: 1, share: 0.5, seed });
      const result = await decompose(
        mapped(target, () => random.normal()),
        { ...variational, seed },
      );
      expect([seed, result.rank, result.stop]).toEqual([seed, 0, 'stalled']);
    }
  });
});

test('a rank that is given is the rank at most', async () => {
  const { target, truth } = plantedObserved({ shape: [10, 10, 10], rank: 3, share: 0.5, seed: 5 });
  const three = await decompose(target, { ...variational, rank: 3, seed: 1 });
  expect([three.rank, relativeError(three.kruskal, truth) < 1e-9]).toEqual([3, true]);
  const two = await decompose(target, { ...variational, rank: 2, seed: 1 });
  expect(two.rank).toBe(2);
  expect(two.relativeError).toBeGreaterThan(1e-3);
});

test('fewer values than unknowns are never called exact', async () => {
  const { target } = plantedObserved({ shape: [10, 10, 10], rank: 3, share: 0.07, seed: 6 });
  const { rank, stop, relativeError: error } = await decompose(target, { ...variational, seed: 1 });
  expect(stop === 'converged' && rank >= 3 && error < 1e-9).toBe(false);
});

test('measurements are refused, with the way out', async () => {
  const { sensing } = await import('../../src/index.js');
  const values = new Float64Array(4).fill(1);
  const data = randomStream(1).fillNormal(new Float64Array(4 * 8));
  const target = sensing([2, 2, 2], data, values);
  await expect(decompose(target, variational)).rejects.toThrow(
    /variational: expected single entries, got measurements/,
  );
});
