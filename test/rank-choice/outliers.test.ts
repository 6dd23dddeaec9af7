// Components that stand in a single cell: they are found by their factors, and are no part of a rank where others remain.
import { describe, expect, test } from 'vitest';
import { decompose, dense, factorMatchScore } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { outlierComponents, withoutOutliers } from '../../src/rank-choice/outliers.js';
import { randomStream } from '../../src/random/stream.js';
import { denseNorm } from '../../src/tensor/dense.js';
import { toDense } from '../../src/tensor/to-dense.js';

/** Unit vectors: component r is cell (r, r, r) with its weight. */
const superdiagonal = (shape: readonly number[], weights: readonly number[]) => ({
  weights: Float64Array.from(weights),
  factors: shape.map((rows) => ({
    rows,
    columns: weights.length,
    data: Float64Array.from({ length: rows * weights.length }, (_, at) =>
      Number(Math.floor(at / weights.length) === at % weights.length),
    ),
  })),
});

describe('outlierComponents', () => {
  /** Three cells in one mode and unit vectors in the others: the part p of the square is in one of them. */
  const withParts = (parts: readonly number[]) => {
    const one = superdiagonal([4, 4, 4], [5, -3, -0.1, 2]);
    const data = new Float64Array(16);
    parts.forEach((part, r) => {
      data[r * 4 + r] = Math.sqrt(part);
      for (const other of [1, 2]) data[((r + other) % 4) * 4 + r] = -Math.sqrt((1 - part) / 2);
    });
    return { ...one, factors: [one.factors[0]!, { rows: 4, columns: 4, data }, one.factors[2]!] };
  };

  test('in noise, those with more than half of their square in one cell, whatever their weight and sign', () => {
    const model = withParts([0.51, 0.49, 1, 0.4]);
    expect(outlierComponents(toDense(model), model, 1)).toEqual([0, 2]);
  });

  test('without noise, those with all of it there, but for the imprecision of a fit', () => {
    const model = withParts([0.51, 1 - 1e-5, 1, 0.99]);
    expect(outlierComponents(toDense(model), model, 1e-6)).toEqual([1, 2]);
  });

  test('none of random components', () => {
    const { truth } = plantedCp({ shape: [9, 9, 9], rank: 5, seed: 1 });
    expect(outlierComponents(toDense(truth), truth, 0.1)).toEqual([]);
  });
});

test.each([6, 12])('the steep corner of 1 / (i + j + k + 1), size %i, is no outlier', async (size) => {
  const data = Float64Array.from({ length: size ** 3 }, (_, at) => {
    const row = Math.floor(at / size);
    return 1 / (Math.floor(row / size) + (row % size) + (at % size) + 1);
  });
  const { rankChoice, relativeError } = await decompose(dense([size, size, size], data));
  expect(rankChoice?.reasons.join(' ')).not.toContain('single cell');
  expect(relativeError).toBeLessThan(1e-3);
});

test.each([0, 0.001])('a tensor of single cells keeps its components, with noise of %f too', async (noise) => {
  const truth = superdiagonal([16, 17, 18], [4, 3, 2]);
  const random = randomStream(1);
  const data = toDense(truth).data.map((value) => value + noise * random.normal());
  const { rank, rankChoice, kruskal } = await decompose(dense([16, 17, 18], data));
  expect([rank, rankChoice?.rank]).toEqual([3, 3]);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.999);
});

test.each([1, 2, 3])('one wrong cell in a tensor of rank 3 in noise counts as no component (seed %i)', async (seed) => {
  const shape = [20, 21, 22];
  const { tensor, truth } = plantedCp({ shape, rank: 3, noise: 0.1, seed });
  const data = Float64Array.from(tensor.data);
  data[1234 * seed] = 3;
  const { rank, rankChoice, kruskal } = await decompose(dense(shape, data));
  expect([rank, rankChoice?.rank]).toEqual([3, 3]);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.99);
  expect(rankChoice?.reasons.join(' ')).toContain('One further component is a single cell');
  expect(rankChoice?.confidence).toBe('good');
});

describe('outlying cells beside components that are plain', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
  ])('%i components, cells: %i', async (rank, cells) => {
    const { tensor } = plantedCp({ shape: [10, 10, 10], rank, seed: 2, noise: 0.01 });
    const data = Float64Array.from(tensor.data);
    for (let cell = 0; cell < cells; cell++) data[137 + 411 * cell]! += denseNorm(tensor) / 2;
    const result = await decompose(dense(tensor.shape, data), { backend: 'cpu' });
    expect([result.rank, result.rankChoice?.confidence, result.stop]).toEqual([rank, 'good', 'converged']);
    expect(result.rankChoice?.reasons[0]).toMatch(/single cells? far from what surrounds/);
    // What comes after the cells, too.
    expect(result.rankChoice?.reasons[1]).toContain(`Rank ${rank + cells + 1}: its gain is what noise would give`);
  });
});

test('outlying cells are set to what the other components have there', () => {
  const factor = (...data: number[]) => ({ rows: 2, columns: 2, data: Float64Array.from(data) });
  const model = {
    weights: Float64Array.of(2, 7),
    factors: [factor(1, 0, 3, 1), factor(5, 1, 1, 0), factor(1, 0, 2, -1)],
  };
  const { data } = withoutOutliers({ shape: [2, 2, 2], data: new Float64Array(8).fill(9) }, model, [1]);
  // Cell (1, 0, 1) of the second component has 2 · 3 · 5 · 2 of the first.
  expect(Array.from(data)).toEqual([9, 9, 9, 9, 9, 60, 9, 9]);
});
