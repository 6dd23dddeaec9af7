// Exact tensors of any size: their rank is found where fewer free numbers than cells fit them, and nothing is claimed where nearly any
// tensor of the size is fitted as well.
import { describe, expect, test } from 'vitest';
import { decompose, dense } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { casesOf } from '../support/all.js';

const seeds = casesOf([1, 2, 3], 1);

describe.each([
  ['as many components as each mode has entries', [3, 3, 3], 3],
  ['a core of two in each mode', [3, 3, 3], 2],
  ['a core of two in long modes', [30, 40, 50], 2],
  ['more components than a mode has entries', [2, 6, 6], 4],
  ['a cube', [4, 4, 4], 4],
  ['a brick', [3, 4, 5], 4],
])('%s, %j', (_, shape, rank) => {
  test.each(seeds)('rank %#', async (seed) => {
    const { tensor } = plantedCp({ shape, rank, seed });
    const result = await decompose(tensor);
    expect([result.rank, result.rankChoice?.confidence, result.stop]).toEqual([rank, 'sure', 'converged']);
  });
});

test('beyond the directions of all modes no rank is proved, and none is called good', async () => {
  const { rank, rankChoice } = await decompose(plantedCp({ shape: [4, 4, 4], rank: 5, seed: 1 }).tensor);
  expect([rank, rankChoice?.confidence]).toEqual([5, 'fair']);
  expect(rankChoice?.reasons).toContain(
    'No fit of 4 components was exact, but no mode has 5 directions to prove that none is.',
  );
});

describe('noise that is fitted exactly says nothing', () => {
  const noise = (shape: readonly number[], seed: number) =>
    randomStream(seed).fillNormal(new Float64Array(shape.reduce((product, size) => product * size, 1)));

  test.each(casesOf([1, 2, 3, 4], 2))('2 × 2 × 2, seed %i', async (seed) => {
    const { rankChoice, stop } = await decompose(dense([2, 2, 2], noise([2, 2, 2], seed)));
    expect([rankChoice?.confidence, stop]).toEqual(['open', 'stalled']);
  });

  test.each(casesOf([1, 2, 3, 4], 2))('2 × 3 × 3 with a slice of zeros, or centered, seed %i', async (seed) => {
    const values = noise([2, 3, 3], seed);
    const padded = Float64Array.of(...values, ...new Float64Array(9));
    const centered = Float64Array.of(...values, ...values.subarray(0, 9).map((value, at) => -value - values[9 + at]!));
    for (const data of [padded, centered]) {
      const { rankChoice } = await decompose(dense([3, 3, 3], data));
      expect(rankChoice?.confidence).toBe('open');
    }
  });
});

test('an error that comes down without reaching rounding is no exact fit', async () => {
  // A smooth function: each component more takes most of what is left, down to rounding.
  const data = Float64Array.from(
    { length: 512 },
    (_, at) => 1 / (Math.floor(at / 64) + (Math.floor(at / 8) % 8) + (at % 8) + 1),
  );
  const { rankChoice } = await decompose(dense([8, 8, 8], data));
  expect(rankChoice?.confidence).toBe('fair');
});

describe('exact fits that are not the only ones are not vouched for', () => {
  test.each([
    // All with fewer free numbers than cells; tangent spaces of the second and third are known to be defective.
    ['several models of as many numbers as cells', [3, 3, 20], 5],
    ['a family of models', [2, 2, 2, 2], 3],
    ['a family of models', [3, 4, 4], 5],
  ])('%s, %j', async (_, shape, rank) => {
    const { tensor } = plantedCp({ shape, rank, seed: 2 });
    for (const options of [{}, { rank }]) {
      const { stop, rankChoice } = await decompose(tensor, options);
      expect(stop).not.toBe('converged');
      expect(['fair', 'open', undefined]).toContain(rankChoice?.confidence);
    }
  });
});

test.each([1e-7, 1e-9, 1e-11])('one component with noise of %f, below what a spectrum shows', async (noise) => {
  const { tensor } = plantedCp({ shape: [12, 11, 10], rank: 1, seed: 2, noise });
  const { rank, rankChoice, stop } = await decompose(tensor);
  expect([rank, rankChoice?.confidence, stop]).toEqual([1, 'good', 'converged']);
});

test.each([
  [1, 1, 5],
  [3, 1],
  [2, 2, 2],
])('one component in %j × %j × %j cells is sure', async (...sizes) => {
  const shape = sizes.filter((size): size is number => size !== undefined);
  const { rank, rankChoice } = await decompose(plantedCp({ shape, rank: 1, seed: 1 }).tensor);
  expect([rank, rankChoice?.confidence]).toEqual([1, 'sure']);
});
