// Tensors with many missing cells: what is filled in is as near to the truth as the noise, has its size, and is exact where the values are;
// and the rank is found, or the answer says that it is not known.
import { describe, expect, test } from 'vitest';
import { decompose, dense, factorMatchScore } from '../../src/index.js';
import { plantedCp, type PlantedCpOptions } from '../../src/problems/index.js';
import { fillMany } from '../../src/rank-choice/fill-many.js';
import { randomStream } from '../../src/random/stream.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';

const rms = (values: readonly number[]): number => Math.hypot(...values) / Math.sqrt(values.length);

function withGaps(problem: PlantedCpOptions, share: number) {
  const { tensor, truth } = plantedCp(problem);
  const random = randomStream(problem.seed ?? 0, 9);
  const known = Uint8Array.from(tensor.data, () => Number(random.uniform() >= share));
  const data = tensor.data.map((value, at) => (known[at] === 1 ? value : 0));
  return { shape: tensor.shape, data, known, whole: tensor.data, truth };
}

test('what is filled in differs from the truth by the noise, made anew, and known cells stay', () => {
  const noise = 0.1;
  const { whole, truth, known, ...target } = withGaps({ shape: [20, 25, 30], rank: 3, noise, seed: 5 }, 0.4);
  const { tensor, isExact } = finished(fillMany({ ...target, known }, 0));
  const clean = toDense(truth).data;
  const missing = Array.from(known.keys()).filter((at) => known[at] === 0);
  const expected = rms(Array.from(whole, (value, at) => value - clean[at]!));
  const made = rms(missing.map((at) => tensor.data[at]! - clean[at]!));
  // The model is fitted to 9000 values with 225 unknowns, so its own error is a sixth of the noise: √(1 + 2/36) of it together, and the
  // standard error of 6000 numbers' root mean square is one percent.
  expect(made / expected).toBeGreaterThan(0.95);
  expect(made / expected).toBeLessThan(1.1);
  expect(tensor.data.every((value, at) => known[at] === 0 || value === whole[at])).toBe(true);
  expect(isExact).toBe(false);
});

test('values without noise are filled in exactly', () => {
  const { whole, known, ...target } = withGaps({ shape: [12, 14, 16], rank: 2, seed: 3 }, 0.5);
  const { tensor, isExact } = finished(fillMany({ ...target, known }, 0));
  expect(isExact).toBe(true);
  expect(rms(Array.from(tensor.data, (value, at) => value - whole[at]!)) / rms(Array.from(whole))).toBeLessThan(1e-9);
});

test('the same seed gives the same numbers', () => {
  const { known, ...target } = withGaps({ shape: [8, 9, 10], rank: 2, noise: 0.1, seed: 1 }, 0.3);
  const filled = (seed: number): Float64Array =>
    Float64Array.from(finished(fillMany({ ...target, known }, seed)).tensor.data);
  expect(filled(4)).toEqual(filled(4));
  expect(filled(4)).not.toEqual(filled(5));
});

const grid = [
  { shape: [30, 40, 50], rank: 3, noise: 0.1, share: 0.3 },
  { shape: [14, 10, 12], rank: 2, noise: 0.01, share: 0.7 },
  { shape: [10, 12, 14, 16], rank: 4, noise: 0, share: 0.5 },
  { shape: [30, 40, 50], rank: 5, noise: 0.01, share: 0.7 },
  { shape: [10, 12, 14, 16], rank: 2, noise: 0.3, share: 0.15 },
];

describe.each(casesOf(grid, 3))('$shape, rank $rank, noise $noise, $share of the cells missing', (one) => {
  test('the rank and the components, with the word good', async () => {
    const { share, ...problem } = one;
    const { shape, data, known, truth } = withGaps({ ...problem, seed: 8 }, share);
    const { rank, kruskal, stop, rankChoice } = await decompose(dense(shape, data, { known }), { backend: 'cpu' });
    expect([rank, stop, rankChoice?.confidence]).toEqual([one.rank, 'converged', 'good']);
    expect(rankChoice?.reasons.join(' ')).toContain('were filled');
    // With 30 % noise, at 85 % of 26,880 cells for 104 unknowns, factors are off by about 0.3 · √(104 / 22,800) · √2 = 3 % of their norm.
    expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.97);
  });
});

test('two components that are there, of which few cells show one: not clear', async () => {
  const weights = [1, 0.25];
  const { shape, data, known } = withGaps({ shape: [14, 10, 12], rank: 2, noise: 0.15, weights, seed: 2 }, 0.75);
  const { rank, stop, rankChoice } = await decompose(dense(shape, data, { known }), { backend: 'cpu' });
  const isFound = rank === 2;
  // Either answer is honest; one component with no word of doubt is not.
  expect(isFound || stop === 'stalled').toBe(true);
  expect(isFound || rankChoice?.confidence !== 'good').toBe(true);
});
