// Split-half validation: yes for the planted rank, no for one component too many and for one that few slices have.
import { describe, expect, test } from 'vitest';
import { factored, dense, splitHalf, toDense, type DenseTarget, type SplitHalfOptions } from '../src/index.js';
import { addNoise, plantedCp } from '../src/problems/index.js';

const shape = [12, 10, 8];
const { tensor, truth } = plantedCp({ shape, rank: 2, seed: 3, noise: 0.1 });
const target = dense(shape, tensor.data);

test('halves have the planted components in common', async () => {
  const { rank, mode, pairs, similarity, smallest } = await splitHalf(target, 2);
  expect([rank, mode, pairs.length]).toEqual([2, 0, 3]);
  expect(similarity).toBe('equal');
  expect(smallest).toBe(Math.min(...pairs.map((pair) => pair.congruence.smallest)));
  for (const { slices, fits } of pairs) {
    expect(slices.map((half) => half.length)).toEqual([6, 6]);
    expect(slices.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(fits.map(({ stop }) => stop)).toEqual(['converged', 'converged']);
    expect(fits[0].kruskal.factors.map(({ rows }) => rows)).toEqual([6, 10, 8]);
  }
});

test('a tensor as other libraries hold it has the same halves', async () => {
  const { pairs, smallest } = await splitHalf({ shape, data: async () => Promise.resolve(tensor.data) }, 1);
  const expected = await splitHalf(target, 1);
  expect([pairs.map(({ slices }) => slices), smallest]).toEqual([
    expected.pairs.map(({ slices }) => slices),
    expected.smallest,
  ]);
});

test('no two of the three pairs have a half in common, and the seed says which slices go together', async () => {
  const halves = async (seed: number) => (await splitHalf(target, 1, { seed })).pairs.flatMap(({ slices }) => slices);
  const first = await halves(1);
  expect(new Set(first.map(String)).size).toBe(6);
  expect(await halves(1)).toEqual(first);
  expect(await halves(2)).not.toEqual(first);
});

test('without noise the congruence is 1, in every mode that is halved', async () => {
  const exact = dense(shape, toDense(truth).data);
  // The fits miss at most 1e-9 of the tensor, whose components have unit norms like it: their columns are off by that times the condition
  // of two random columns, far below 1e3, and a cosine by its square.
  for (const mode of [0, 1, 2]) expect((await splitHalf(exact, 2, { mode })).smallest).toBeGreaterThan(1 - 1e-12);
});

test('one component too many fits other noise in every half', async () => {
  const { similarity, pairs } = await splitHalf(target, 3);
  expect(similarity).toBe('different');
  // The two planted ones are still there.
  for (const { congruence } of pairs) {
    const perComponent = [0, 1, 2].map((r) => Math.min(...congruence.byMode.data.subarray(3 * r, 3 * r + 3)));
    expect(perComponent.filter((value) => value > 0.95).length).toBeGreaterThanOrEqual(2);
  }
});

test('a component that a single slice has is not in both halves', async () => {
  const [first, ...others] = truth.factors as [(typeof truth.factors)[0], ...typeof truth.factors];
  const single = { ...first, data: first.data.map((value, at) => (at % 2 === 0 ? value : Number(at === 1))) };
  const lone = addNoise(toDense({ ...truth, factors: [single, ...others] }), { level: 0.05, seed: 1 });
  expect((await splitHalf(dense(shape, lone.data), 2, { mode: 0 })).similarity).toBe('different');
});

test('missing cells are left out of both halves', async () => {
  const data = tensor.data.map((value, at) => (at % 37 === 5 ? NaN : value));
  expect((await splitHalf(dense(shape, data, { missing: 'nan' }), 2)).similarity).toBe('equal');
});

describe('bad input', () => {
  const matrix = dense([6, 7], new Float64Array(42).fill(1));
  const flat = dense([3, 3, 3], new Float64Array(27).fill(1));
  const asked: [string, DenseTarget, SplitHalfOptions][] = [
    ['splitHalf: expected three or more modes', matrix, {}],
    ['splitHalf: expected 4 or more slices to halve, got 3', flat, {}],
    ['splitHalf: expected mode to be an integer from 0 to 2, got 3', target, { mode: 3 }],
    ['splitHalf: expected a known option', target, { fold: 3 } as SplitHalfOptions],
  ];
  test.each(asked)('%s', async (message, given, options) => {
    await expect(splitHalf(given, 2, options)).rejects.toThrow(message);
  });
  test('another kind of target', async () => {
    const symmetric = factored({ order: 3, dim: 2, weights: [1], vectors: [1, 0] }) as unknown as DenseTarget;
    await expect(splitHalf(symmetric, 2)).rejects.toThrow('splitHalf: expected a dense target, got a factored one');
  });
});

test('progress counts the fits, and an abort ends the work with its reason', async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const done = splitHalf(target, 2, {
    signal: controller.signal,
    onProgress: (progress) => {
      seen.push(progress.done, progress.count);
      if (progress.done === 3) controller.abort(new Error('enough'));
    },
  });
  await expect(done).rejects.toThrow('enough');
  expect(seen).toEqual([1, 6, 2, 6, 3, 6]);
});
