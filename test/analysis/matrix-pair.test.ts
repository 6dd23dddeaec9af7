// Two components with a common column in a mode are a matrix together: it is said, and said of no others.
import { describe, expect, test } from 'vitest';
import { matrixPair } from '../../src/analysis/matrix-pair.js';
import { decompose, dense, factorMatchScore } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { toDense } from '../../src/tensor/to-dense.js';
import type { Kruskal } from '../../src/tensor/kruskal.js';

/** Three random components, the first two with the same column in some modes. */
function withEqualColumns(shape: readonly number[], modes: readonly number[], seed: number): Kruskal {
  const { truth } = plantedCp({ shape, rank: 3, seed });
  for (const mode of modes) {
    const { data, rows } = truth.factors[mode]!;
    for (let i = 0; i < rows; i++) data[i * 3 + 1] = data[i * 3]!;
  }
  return truth;
}

/** With noise of this part of the norm. */
function withNoise(model: Kruskal, noise: number, seed: number) {
  const { shape, data } = toDense(model);
  const random = randomStream(seed, 5);
  const scale = noise * Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  return dense(
    shape,
    data.map((value) => value + scale * random.normal()),
  );
}

describe('matrixPair', () => {
  test('finds the pair and its mode', () => {
    expect(matrixPair(withEqualColumns([6, 7, 8], [1], 1), 0)).toEqual({ components: [0, 1], modes: [1] });
  });

  test('three modes must be left: one equal column of four is no matrix, two are', () => {
    expect(matrixPair(withEqualColumns([6, 7, 8, 9], [1], 1), 0)).toBeUndefined();
    expect(matrixPair(withEqualColumns([6, 7, 8, 9], [1, 2], 1), 0)).toEqual({ components: [0, 1], modes: [1, 2] });
  });

  test('columns that noise does not tell apart are equal', () => {
    const model = withEqualColumns([6, 7, 8], [], 1);
    expect(matrixPair(model, 0)).toBeUndefined();
    expect(matrixPair(model, 10 * model.weights[0]! ** 2)).toBeDefined();
  });

  test('a matrix has no such pair: all of its components are mixed', () => {
    expect(matrixPair(withEqualColumns([6, 7, 1], [0], 1), 0)).toBeUndefined();
  });
});

test.each([0, 0.01, 0.1])('the rank is found, and the two are not vouched for, with noise of %f', async (noise) => {
  const result = await decompose(withNoise(withEqualColumns([20, 21, 22], [0], 1), noise, 1));
  expect([result.rank, result.rankChoice?.confidence, result.stop]).toEqual([3, 'fair', 'stalled']);
  const [, first, second] = /The components (\d) and (\d) are equal in mode 0/.exec(result.advice ?? '') ?? [];
  const { data } = result.kruskal.factors[0]!;
  const column = (number = '0') => data.filter((_, at) => at % 3 === Number(number) - 1);
  const others = column(second);
  const cosine = column(first).reduce((sum, value, i) => sum + value * others[i]!, 0);
  expect(Math.abs(cosine)).toBeGreaterThan(0.99);
  for (const algorithm of ['compressed', 'als'] as const) {
    const given = await decompose(withNoise(withEqualColumns([20, 21, 22], [0], 1), noise, 1), { rank: 3, algorithm });
    expect(given.stop).toBe('stalled');
    expect(given.advice).toMatch(/together they are a matrix|cancel each other/);
  }
});

test('nonnegative ones are not vouched for either, but with a fixed mode', async () => {
  const model = withEqualColumns([20, 21, 22], [0], 1);
  const positive = {
    ...model,
    factors: model.factors.map((one) => ({ ...one, data: one.data.map((x) => Math.abs(x)) })),
  };
  const target = withNoise(positive, 0.01, 1);
  const { stop, advice } = await decompose(target, { rank: 3, nonnegative: true });
  expect([stop, advice]).toEqual(['stalled', expect.stringContaining('together they are a matrix')]);
  const fixed = await decompose(target, { init: positive, fixed: [1] });
  expect(fixed.stop).toBe('converged');
});

test('components with cosines of 0.9 in all modes are told apart', async () => {
  const { tensor } = plantedCp({ shape: [20, 20, 20], rank: 5, collinearity: 0.9, noise: 0.01, seed: 1 });
  const { rank, rankChoice } = await decompose(tensor);
  expect(rank).toBe(5);
  expect(rankChoice?.reasons.join(' ')).not.toContain('matrix');
});

test('wrong cells in one slice are no components that can be trusted', async () => {
  const { tensor } = plantedCp({ shape: [20, 21, 22], rank: 3, noise: 0.1, seed: 1 });
  const data = Float64Array.from(tensor.data);
  for (let n = 0; n < 6; n++) data[4 * 21 * 22 + n * 3 * 22 + n * 2] = 3;
  const { rankChoice, stop } = await decompose(dense(tensor.shape, data));
  expect(['fair', 'open']).toContain(rankChoice?.confidence);
  expect(stop).not.toBe('converged');
});

describe('three components whose columns lie in a plane in two modes', () => {
  // Kruskal's ranks of 2, 2 and 3 are too few for three components: mixtures of them fit as well.
  const { truth } = plantedCp({ shape: [20, 21, 22], rank: 3, seed: 4 });
  for (const mode of [0, 1]) {
    const { data, rows } = truth.factors[mode]!;
    for (let i = 0; i < rows; i++) data[i * 3 + 2] = (data[i * 3]! + data[i * 3 + 1]!) / Math.SQRT2;
  }

  test.each([0, 0.01, 0.05])('with noise of %f', async (noise) => {
    const target = withNoise(truth, noise, 1);
    for (const options of [{}, { rank: 3 }, { rank: 3, algorithm: 'als' }] as const) {
      const { stop, rankChoice } = await decompose(target, options);
      expect(stop).not.toBe('converged');
      expect(['fair', 'open', undefined]).toContain(rankChoice?.confidence);
    }
  });
});

test('a cell far from the others does not hide which columns differ', async () => {
  const { tensor, truth } = plantedCp({ shape: [14, 15, 16], rank: 3, noise: 0.01, seed: 1 });
  const data = Float64Array.from(tensor.data);
  data[777] = 30 * Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0));
  const { kruskal, stop, advice } = await decompose(dense(tensor.shape, data));
  expect(advice).not.toContain('matrix');
  expect(stop).toBe('converged');
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.99);
});

test('a fixed mode in which two components are equal leaves them a matrix', async () => {
  const model = withEqualColumns([12, 13, 14], [0], 1);
  const { stop, advice } = await decompose(withNoise(model, 0.01, 1), { init: model, fixed: [0] });
  expect([stop, advice]).toEqual(['stalled', expect.stringContaining('together they are a matrix')]);
});
