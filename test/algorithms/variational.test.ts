// Completion by variational inference: exact without noise and without a rank, right in rank with noise, and nothing in noise alone.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  factorMatchScore,
  observed,
  predictEntries,
  predictWithDeviation,
  relativeError,
} from '../../src/index.js';
import type { ObservedTarget } from '../../src/index.js';
import { variational as algorithm } from '../../src/algorithms/variational.js';
import { plantedCp, plantedObserved, type PlantedObservedOptions } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { unconstrained } from '../../src/tensor/constraints.js';
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
    for (const seed of casesOf([1, 0, 2, 3], 1)) {
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
      // Deviations of 0 would say that all entries are known to be 0.
      expect(result.posterior).toBeUndefined();
    }
  });
});

test('values that are plentiful: a search on some of them, and the model of all', async () => {
  const shape = [30, 30, 30];
  const { target, truth } = plantedObserved({ shape, rank: 2, share: 0.7, noise: 0.2, seed: 3 });
  // More than 200 for each of the 88 unknowns of a component.
  expect(target.count).toBeGreaterThan(200 * 88);
  const { rank, stop, kruskal } = await decompose(target, { ...variational, seed: 1 });
  expect([rank, stop]).toEqual([2, 'converged']);
  // Least squares of all values errs by 0.2 √(176 / 18,900) on average, of a tenth of them by three times as much.
  expect(relativeError(kruskal, truth)).toBeLessThan(1.5 * 0.2 * Math.sqrt(176 / target.count));
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

describe('what fits the known values and may be wrong elsewhere is not vouched for', () => {
  const stopOf = async (target: ObservedTarget) => (await decompose(target, { ...variational, seed: 1 })).stop;

  /** All cells of a shape but some, with values. */
  function cellsOf(shape: readonly number[], isKnown: (cell: number[]) => boolean, value: (cell: number[]) => number) {
    const cells = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => {
      const cell: number[] = [];
      for (let k = shape.length - 1, rest = at; k >= 0; k--) {
        cell.unshift(rest % shape[k]!);
        rest = Math.floor(rest / shape[k]!);
      }
      return cell;
    });
    const known = cells.filter(isKnown);
    return { cells, target: observed(shape, known.flat(), known.map(value)) };
  }

  test('a row that is known only where the model is 0', async () => {
    const value = ([i = 0, j = 0]: number[]): number => (i + 1) * [1, 2, 3, 0, 0, 0][j]!;
    const { target } = cellsOf([6, 6], ([i = 0, j = 0]) => i < 5 || j > 2, value);
    expect(await stopOf(target)).toBe('stalled');
  });

  test('sparse factors, which few values leave open: converged only where the tensor is right', async () => {
    const shape = [8, 7, 6];
    let converged = 0;
    for (const seed of casesOf(
      Array.from({ length: 24 }, (_, n) => (n + 6) % 24),
      6,
    )) {
      const random = randomStream(seed);
      const factors = shape.map((rows) =>
        Array.from({ length: rows * 2 }, () => (random.uniform() < 0.6 ? 1 + Math.floor(3 * random.uniform()) : 0)),
      );
      const value = (cell: number[]): number =>
        [0, 1].reduce((sum, r) => sum + cell.reduce((product, i, k) => product * factors[k]![2 * i + r]!, 1), 0);
      const share = 0.18 + 0.15 * random.uniform();
      const { cells, target } = cellsOf(shape, () => random.uniform() < share, value);
      const { kruskal, stop } = await decompose(target, { ...variational, seed });
      if (stop !== 'converged') continue;
      converged++;
      const predictions = predictEntries(kruskal, cells.flat());
      const missed = cells.reduce((sum, cell, at) => sum + (value(cell) - predictions[at]!) ** 2, 0);
      const size = cells.reduce((sum, cell) => sum + value(cell) ** 2, 0);
      expect([seed, Math.sqrt(missed / size) < 1e-6]).toEqual([seed, true]);
    }
    expect(converged).toBeGreaterThan(0);
  });

  test('fewer values than unknowns', async () => {
    const value = ([i = 0]: number[]): number => 2 * Math.sin(i + 1) * [1, 5, -3, 0.2][i % 4]!;
    const { target } = cellsOf([30, 4], ([i = 0, j]) => i % 4 === j, value);
    const { stop, advice } = await decompose(target, { ...variational, seed: 0 });
    expect(stop).toBe('stalled');
    expect(advice).toMatch(/\d+ values for the \d+ unknowns|values speak for no component|another search/);
  });

  test('a row without a value', async () => {
    const { target } = plantedObserved({ shape: [9, 8, 7], rank: 2, share: 0.5, seed: 3 });
    const more = observed([10, 8, 7], target.indices, target.values);
    const result = await decompose(more, { ...variational, seed: 1 });
    const { stop, advice } = result;
    expect(stop).toBe('stalled');
    expect(advice).toContain('1 of 10 indices of mode 0 have no value');
    // An entry of that row may be as large as any; one of another row is known to rounding.
    const { deviations } = predictWithDeviation(result, observed([10, 8, 7], [9, 0, 0, 0, 0, 0], [0, 0]));
    const size = Math.sqrt(target.values.reduce((sum, value) => sum + value ** 2, 0) / target.count);
    expect(deviations[0]).toBeGreaterThan(size / 10);
    expect(deviations[1]).toBeLessThan(1e-6 * size);
  });

  test.each([0, 0.1])('rows without values change nothing about the others, with noise %d', async (noise) => {
    const { target } = plantedObserved({ shape: [9, 8, 7], rank: 2, share: 0.5, seed: 3, noise });
    const spread = observed(
      [30, 8, 7],
      target.indices.map((index, at) => (at % 3 === 0 ? 3 * index + 1 : index)),
      target.values,
    );
    const one = await decompose(target, { ...variational, seed: 1 });
    const other = await decompose(spread, { ...variational, seed: 1 });
    expect([one.stop, other.stop, other.rank]).toEqual(['converged', 'stalled', one.rank]);
    expect(other.advice).toContain('21 of 30 indices of mode 0 have no value');
    const predictions = predictWithDeviation(one, target);
    const spreadOut = predictWithDeviation(other, spread);
    const size = Math.sqrt(target.values.reduce((sum, value) => sum + value ** 2, 0) / target.count);
    spreadOut.means.forEach((mean, e) => expect(Math.abs(mean - predictions.means[e]!)).toBeLessThan(1e-12 * size));
    spreadOut.deviations.forEach((deviation, e) =>
      expect(Math.abs(deviation - predictions.deviations[e]!)).toBeLessThan(1e-6 * size),
    );
  });

  test.each([1, 2])('little is known of an index beside %i that have values', async (days) => {
    // Of a normal law of unknown size, and of what is drawn from it.
    let held = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const { tensor } = plantedCp({ shape: [8, 7, 6], rank: 1, seed });
      const cells = Array.from(tensor.data.keys()).map((at) => [Math.floor(at / 42), Math.floor(at / 6) % 7, at % 6]);
      const known = cells.filter(([, , day = 0]) => day < days);
      const target = observed(
        [8, 7, 6],
        known.flat(),
        known.map(([i = 0, j = 0, k = 0]) => tensor.data[(i * 7 + j) * 6 + k]!),
      );
      const result = await decompose(target, { ...variational, seed: 1, rank: 1 });
      const at = [3, 2, 4];
      const { means, deviations } = predictWithDeviation(result, observed([8, 7, 6], at, [0]));
      if (Math.abs(means[0]! - tensor.data[(3 * 7 + 2) * 6 + 4]!) < 1.645 * deviations[0]!) held++;
    }
    expect(held).toBeGreaterThan(5);
  });

  test('values that are all alike are known everywhere', async () => {
    const { target } = cellsOf(
      [6, 5, 4],
      ([i = 0, j = 0, k = 0]) => (i + j + k) % 2 === 0,
      () => 7,
    );
    const { rank, stop, relativeError: error } = await decompose(target, { ...variational, seed: 1 });
    expect([rank, stop, error < 1e-12]).toEqual([1, 'converged', true]);
  });

  test('gross errors among exact values', async () => {
    const { target } = plantedObserved({ shape: [8, 7, 6], rank: 2, share: 0.45, seed: 4 });
    const largest = target.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expect(await stopOf(mapped(target, (value, e) => (e % 50 === 7 ? value + 5 * largest : value)))).toBe('stalled');
  });
});

describe('limits', () => {
  test('few sweeps are not called converged', async () => {
    const { target } = plantedObserved({ shape: [7, 6, 5], rank: 1, share: 0.6, seed: 4, noise: 0.1 });
    for (const maxSteps of [1, 3]) {
      expect((await decompose(target, { ...variational, seed: 1, maxSteps })).stop).toBe('stepLimit');
    }
  });

  test('fewer values than one component has unknowns are said at once, whatever the size', async () => {
    const { target } = plantedObserved({ shape: [50_000, 50_000, 10], rank: 1, share: 1e-7, seed: 4 });
    const { rank, stop, advice } = await decompose(target, { ...variational, seed: 1 });
    expect([rank, stop]).toEqual([0, 'stalled']);
    expect(advice).toMatch(/2500 values for the \d+ unknowns of one component/);
  });

  test('more memory than 8 GiB is refused, in bytes', () => {
    const target = { shape: [1000, 1000, 1000], count: 2e8, values: [] } as unknown as ObservedTarget;
    const problem = { entries: target } as Parameters<NonNullable<typeof algorithm.check>>[0];
    expect(() =>
      algorithm.check?.(problem, { kind: 'variational' }, { starts: 1, constraints: unconstrained }),
    ).toThrow(/up to 8\.0 GiB, got one of 11\.2 GiB \(\d+ bytes for 200000000 entries of order 3\)/);
  });
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

test.each([2, 3, 6])(
  'one and a half values per unknown, problem %i: exact, by least squares from more components',
  async (seed) => {
    const unknowns = 3 * (10 + 10 + 10 - 2);
    const share = (1.5 * unknowns) / 1000;
    const { target, truth } = plantedObserved({ shape: [10, 10, 10], rank: 3, share, seed: 9200 + seed });
    const result = await decompose(target, { backend: 'cpu', seed });
    expect(result.rank).toBe(3);
    expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-8);
  },
);
