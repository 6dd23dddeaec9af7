// decompose() of dense tensors by its default: with and without a rank, in every shape, with reasons, the same bits for the same seed.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  dense,
  factorMatchScore,
  ranks,
  relativeError,
  tuckerToDense,
  type Decomposition,
  type Kruskal,
} from '../../src/index.js';
import { plantedCp, type PlantedCpOptions } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { casesOf } from '../support/all.js';

const targetOf = (options: PlantedCpOptions) => {
  const { tensor, truth } = plantedCp(options);
  return { target: dense(tensor.shape, tensor.data), truth };
};

const problem = { shape: [13, 14, 15], rank: 3, noise: 0.1, seed: 1 };
const { target, truth } = targetOf(problem);

const noiseOf = (shape: readonly number[], seed: number) =>
  dense(shape, randomStream(seed).fillNormal(new Float64Array(sizeOf(shape))));

/** What a result claims, of the tensor that it is about. */
function expectConsistent(result: Decomposition<Kruskal>, of = target): void {
  expect(result.rank).toBe(result.kruskal.weights.length);
  expect(result.kruskal.factors.map(({ rows }) => rows)).toEqual(of.shape);
  expect(Math.abs(result.relativeError - relativeError(result.kruskal, of))).toBeLessThan(1e-12);
  expect(result.algorithm).toBe('compressed');
}

test.each([1, 2, 3])('a few missing cells: rank and components all the same, seed %i', async (seed) => {
  const { tensor, truth: planted } = plantedCp({ ...problem, noise: 0.01, seed });
  const random = randomStream(seed, 9);
  const holes = Float64Array.from(tensor.data, (value) => (random.uniform() < 0.08 ? NaN : value));
  const partly = dense(tensor.shape, holes, { missing: 'nan' });
  const result = await decompose(partly);
  expectConsistent(result, partly);
  expect(result.rank).toBe(3);
  expect(factorMatchScore(result.kruskal, planted)).toBeGreaterThan(0.99);
  // Over the known cells the fit is at least as good as the truth.
  expect(result.relativeError).toBeLessThanOrEqual(relativeError(planted, partly));
});

test('an exact fit that is one of infinitely many is not vouched for', async () => {
  // A core of 3 × 2 × 4 numbers at random, in as many directions of 9 × 9 × 9: 4 components fit it, in infinitely many ways.
  const random = randomStream(1, 11);
  const matrixOf = (rows: number, columns: number) => ({
    rows,
    columns,
    data: random.fillNormal(new Float64Array(rows * columns)),
  });
  const factors = [3, 2, 4].map((columns) => matrixOf(9, columns));
  const core = { shape: [3, 2, 4], data: random.fillNormal(new Float64Array(24)) };
  const { shape, data } = tuckerToDense({ core, factors });
  const { relativeError: error, rank, stop, rankChoice } = await decompose(dense(shape, data));
  expect([rank, stop, rankChoice?.confidence]).toEqual([4, 'stalled', 'open']);
  expect(error).toBeLessThan(1e-9);
});

describe('a rank that is given', () => {
  test.each([1, 2, 3, 5])('%i of 3', async (rank) => {
    const result = await decompose(target, { rank });
    expectConsistent(result);
    expect([result.rank, result.rankChoice]).toEqual([rank, undefined]);
    if (rank === 3) expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.99);
    // The best model of a rank is at least as good as that of one component less.
    if (rank > 1) {
      const below = await decompose(target, { rank: rank - 1 });
      expect(result.relativeError).toBeLessThanOrEqual(below.relativeError);
    }
  });

  test('above what the tensor has without noise: exact, and no component is made up of nothing', async () => {
    const exact = targetOf({ ...problem, noise: 0 });
    const result = await decompose(exact.target, { rank: 5 });
    expect(result.relativeError).toBeLessThan(1e-7);
    expectConsistent(result, exact.target);
  });

  test('that no two starts come to is not called converged', async () => {
    const { stop, advice, starts } = await decompose(noiseOf([9, 10, 11], 4), { rank: 2 });
    expect([stop, starts.agreeing]).toEqual(['stalled', 1]);
    expect(advice).toContain(`Only one way led to these components (1 of ${starts.count} starts`);
  });

  test('above the sizes of all modes', async () => {
    const { target: over, truth: planted } = targetOf({ shape: [4, 4, 4], rank: 5, seed: 2 });
    const result = await decompose(over, { rank: 5 });
    expect(result.relativeError).toBeLessThan(1e-8);
    expect(factorMatchScore(result.kruskal, planted)).toBeGreaterThan(0.999);
    expect(result.stop).toBe('converged');
  });
});

describe('shapes', () => {
  const shapes: readonly (readonly [shape: readonly number[], rank: number])[] = [
    [[2, 20, 21], 2],
    [[200, 5, 6], 3],
    [[1, 12, 13, 1, 14], 2],
    [[5, 6, 13, 8], 3],
    [[3, 4, 3, 4, 3], 3],
    [[2, 2, 2, 2, 2, 2, 2, 2, 2, 2], 2],
    [[3, 3, 3, 3, 3, 3], 3],
    [[2, 3, 2, 3, 2, 3, 2], 2],
    [[2, 2, 2, 2, 2, 2, 2, 2], 2],
    [[3, 2, 2, 2, 2, 2, 2, 2, 2], 2],
  ];

  test.each(casesOf(shapes, 6))('%j, rank %i, with and without noise', async (shape, rank) => {
    for (const noise of [0, 0.02]) {
      const { target: of, truth: planted } = targetOf({ shape, rank, noise, seed: 3 });
      const result = await decompose(of);
      expectConsistent(result, of);
      expect(result.rank).toBe(rank);
      expect(factorMatchScore(result.kruskal, planted)).toBeGreaterThan(0.98);
      if (noise === 0) expect(result.relativeError).toBeLessThan(1e-8);
    }
  });

  test('a matrix: no more than one component is claimed, and any rank is fitted', async () => {
    const { target: matrix } = targetOf({ shape: [12, 15], rank: 3, noise: 0.01, seed: 1 });
    const result = await decompose(matrix, { rank: 3 });
    expectConsistent(result, matrix);
    expect(result.advice).toContain('not unique');
    expect(result.relativeError).toBeLessThan(0.01);
    const free = await decompose(matrix);
    expect(free.relativeError).toBeLessThan(0.011);
  });

  test('27 cells of noise: the strongest component, and that they are too few to tell', async () => {
    const tiny = noiseOf([3, 3, 3], 1);
    const result = await decompose(tiny);
    expectConsistent(result, tiny);
    expect(result.rank).toBe(1);
    expect(result.rankChoice?.confidence).toBe('open');
    expect(result.rankChoice?.reasons[0]).toContain('too few');
    expect(result.stop).toBe('stalled');
  });

  test('one cell, and zeros', async () => {
    const one = await decompose(dense([1, 1, 1], Float64Array.of(-3)));
    expect(one.rank).toBe(1);
    expect(one.kruskal.weights[0]).toBeCloseTo(3, 12);
    expect(one.relativeError).toBeLessThan(1e-15);
    const zero = await decompose(dense([3, 4, 5], new Float64Array(60)));
    expect([zero.rank, zero.relativeError]).toEqual([0, 0]);
  });
});

test.each([
  [[20, 21, 22], 'sure'],
  [[6, 25, 26], 'sure'],
  [[6, 6, 6], 'fair'],
])('noise alone, %j: none, %s', async (shape, confidence) => {
  const noise = noiseOf(shape, 1);
  const result = await decompose(noise);
  expectConsistent(result, noise);
  expect([result.rank, result.relativeError]).toEqual([0, 1]);
  expect(result.rankChoice).toMatchObject({ rank: 0, confidence, verdict: 'no low-rank structure' });
});

test('float32 data are answered as those of float64', async () => {
  const single = dense(problem.shape, Float32Array.from(target.data));
  const result = await decompose(single);
  expect(result.rank).toBe(3);
  // Rounding of 6e-8 per cell.
  expect(factorMatchScore(result.kruskal, (await decompose(target)).kruskal)).toBeGreaterThan(1 - 1e-6);
});

test('a multiple of a tensor has that multiple of its answer, bit by bit for powers of two', async () => {
  const plain = await decompose(target);
  const scaled = await decompose(
    dense(
      problem.shape,
      target.data.map((value) => value * 2 ** 70),
    ),
  );
  expect(Array.from(scaled.kruskal.weights)).toEqual(Array.from(plain.kruskal.weights, (weight) => weight * 2 ** 70));
  expect(scaled.rankChoice).toEqual(plain.rankChoice);
});

describe('options', () => {
  test('finish none: the model of the core, which the finish improves', async () => {
    const before = await decompose(target, { finish: 'none' });
    const after = await decompose(target);
    expectConsistent(before);
    expect(before.rank).toBe(after.rank);
    expect(after.relativeError).toBeLessThanOrEqual(before.relativeError);
    expect(before.history.every(({ phase }) => phase === 'search')).toBe(true);
    expect(after.history.some(({ phase }) => phase === 'polish')).toBe(true);
  });

  test('init: polished as it is', async () => {
    const result = await decompose(target, { init: truth });
    expectConsistent(result);
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(truth, target));
    expect([result.rank, result.rankChoice]).toEqual([3, undefined]);
    const of = await decompose(target, { rank: 3 });
    expect(Math.abs(result.relativeError - of.relativeError)).toBeLessThan(1e-6);
  });

  test('the same seed gives the same bits, another one the same answer', async () => {
    const first = await decompose(target, { seed: 5 });
    const again = await decompose(target, { seed: 5 });
    expect(again.kruskal).toEqual(first.kruskal);
    expect(again.rankChoice).toEqual(first.rankChoice);
    const other = await decompose(target, { seed: 6 });
    expect(factorMatchScore(other.kruskal, first.kruskal)).toBeGreaterThan(0.9999);
  });
});

describe('what is told', () => {
  test('the choice of the rank is plain data', async () => {
    const { rankChoice, rank, stop, advice } = await decompose(target);
    expect(JSON.parse(JSON.stringify(rankChoice))).toEqual(JSON.parse(JSON.stringify(structuredClone(rankChoice))));
    expect(rankChoice).toMatchObject({ rank, confidence: 'sure', verdict: 'rank 3' });
    expect(stop).toBe('converged');
    expect(advice).toContain('rank 3 (sure).');
    for (const { relativeError: error, share, noiseRatio, minCosine, explained } of rankChoice?.candidates ?? []) {
      for (const value of [error, share, noiseRatio, minCosine, explained]) expect(value).toSatisfy(Number.isFinite);
    }
    // The noise is 10 % of the signal, and so nearly of the tensor: σ is known to √(2 / cells).
    expect(Math.abs((rankChoice?.compression.noise ?? 0) / (0.1 / Math.sqrt(1.01)) - 1)).toBeLessThan(0.1);
  });

  test('reports hold the ranks that were looked at so far, and their errors', async () => {
    const { history, relativeError: last } = await decompose(target, { reportModels: true });
    const tables = history.flatMap(({ details }) => (details.ranks ? [details.ranks] : []));
    expect(tables.length).toBeGreaterThan(0);
    tables.slice(1).forEach((table, k) => expect(table.length).toBeGreaterThanOrEqual(tables[k]?.length ?? 0));
    for (const { kruskal, relativeError: reported } of history) {
      if (kruskal) expect(Math.abs(relativeError(kruskal as Kruskal, target) - reported)).toBeLessThan(1e-6);
    }
    expect(history[history.length - 1]?.relativeError).toBeCloseTo(last, 12);
  });

  test('two components that cancel each other are not called converged', async () => {
    // a∘a∘b + a∘b∘a + b∘a∘a has rank 3, and models of rank 2 come as close as one likes.
    const data = Float64Array.of(0, 1, 1, 0, 1, 0, 0, 0);
    const { stop, advice } = await decompose(dense([2, 2, 2], data), { rank: 2 });
    expect(stop).toBe('stalled');
    expect(advice).toMatch(/cancel|Only one way/);
  });
});

describe('a few missing cells are filled for the search, and make no components', () => {
  const grid = [0.002, 0.01, 0.05, 0.09].flatMap((share) => [2, 5, 9, 11].map((seed) => ({ share, seed })));
  test.each(casesOf(grid, 4).map((one) => [one] as const))('%j', async ({ share, seed }) => {
    const { tensor } = plantedCp({ shape: [15, 16, 17], rank: 2, noise: 0.01, seed });
    const random = randomStream(seed, 9);
    const data = Float64Array.from(tensor.data, (value) => (random.uniform() < share ? NaN : value));
    const gaps = dense(tensor.shape, data, { missing: 'nan' });
    const { rank, stop, rankChoice } = await decompose(gaps);
    expect([rank, stop, rankChoice?.rank]).toEqual([2, 'converged', 2]);
    const { rank: same, confidence } = await ranks(gaps);
    expect([same, confidence]).toEqual([2, rankChoice?.confidence]);
  });
});
