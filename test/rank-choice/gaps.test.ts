// Known cells that do not determine a model: every kind of it is said, and no answer is called converged; cells that do are not doubted.
import { describe, expect, test } from 'vitest';
import { decompose, dense, factorMatchScore } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { doubtOfGaps } from '../../src/rank-choice/gaps.js';
import { randomStream } from '../../src/random/stream.js';
import { indexAt } from '../../src/tensor/dense.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';

const shape = [16, 16, 16];
const { tensor, truth } = plantedCp({ shape, rank: 3, noise: 0.1, seed: 1 });
const knownWhere = (isKnown: (index: readonly number[]) => boolean): Uint8Array =>
  Uint8Array.from(tensor.data, (_, at) => Number(isKnown(indexAt(at, shape))));
const half = (i = 0): boolean => i < 8;

const random = randomStream(3);
const undetermined: [string, Uint8Array, RegExp][] = [
  [
    'every other cell: signs',
    knownWhere(([i = 0, j = 0, k = 0]) => (i + j + k) % 2 === 1),
    /blocks that share no scale/,
  ],
  ['two modes in step: scales', knownWhere(([i = 0, j = 0]) => (i + j) % 2 === 1), /blocks that share no scale/],
  ['two corners', knownWhere(([i, j, k]) => half(i) === half(j) && half(j) === half(k)), /blocks that share no scale/],
  [
    'a slice with one cell',
    knownWhere(([i, j, k]) => i !== 5 || (j === 3 && k === 4)),
    /Slice 5 of mode 0 has 1 known cells/,
  ],
];

describe.each(undetermined)('%s', (_, known, words) => {
  test('is said', () => expect(finished(doubtOfGaps({ ...tensor, known }, truth, 0))).toMatch(words));

  test('and no answer is converged', async () => {
    const target = dense(shape, tensor.data, { known });
    for (const options of casesOf([{}, { rank: 3 }, { rank: 3, nonnegative: true }, { init: truth }], 2)) {
      const { stop, rankChoice } = await decompose(target, { backend: 'cpu', ...options });
      expect(stop).not.toBe('converged');
      if (rankChoice) expect(['fair', 'open']).toContain(rankChoice.confidence);
    }
  });
});

test.each<[string, Uint8Array]>([
  ['half of the cells', knownWhere(() => random.uniform() < 0.5)],
  ['one of twelve', knownWhere(() => random.uniform() < 1 / 12)],
  ['a corner is missing', knownWhere(([i, j, k]) => half(i) || half(j) || half(k))],
  ['one more than every other cell', knownWhere(([i = 0, j = 0, k = 0]) => (i + j + k) % 2 === 1 || i + j + k === 0)],
])('%s: no doubt', (_, known) => {
  expect(finished(doubtOfGaps({ ...tensor, known }, truth, 0))).toBeUndefined();
});

test('fewer known cells than free numbers: an exact fit says nothing', async () => {
  const few = plantedCp({ shape: [12, 12, 12], rank: 2, noise: 0.1, seed: 1 }).tensor;
  const draw = randomStream(5);
  const known = Uint8Array.from(few.data, () => Number(draw.uniform() < 0.02));
  for (const place of Array.from({ length: 12 }, (_, i) => i * 157)) known[place] = 1;
  const { stop, advice } = await decompose(dense(few.shape, few.data, { known }), { rank: 2, backend: 'cpu' });
  expect(stop).not.toBe('converged');
  expect(advice).toMatch(/known cells for 68 free numbers/);
});

test('a tensor of two known cells is answered, not refused', async () => {
  const { stop, relativeError } = await decompose(dense([2, 2], [NaN, 1, 2, NaN], { missing: 'nan' }), {
    backend: 'cpu',
  });
  expect(stop).toBe('stalled');
  expect(Number.isFinite(relativeError)).toBe(true);
});

test('exact values with gaps of a pattern: no component more than there are', async () => {
  const exact = plantedCp({ shape, rank: 3, seed: 4 });
  const known = knownWhere(([i = 0, j = 0]) => (i * 7 + j * 3) % 5 >= 3);
  const { rank, kruskal, relativeError, rankChoice } = await decompose(dense(shape, exact.tensor.data, { known }), {
    backend: 'cpu',
  });
  expect([rank, rankChoice?.rank]).toEqual([3, 3]);
  expect(rankChoice?.verdict).toContain('rank 3');
  expect(relativeError).toBeLessThan(1e-12);
  expect(factorMatchScore(kruskal, exact.truth)).toBeGreaterThan(1 - 1e-9);
});

test('cells of two matrices that share a mode are not enough, whatever the noise', async () => {
  const crossed = knownWhere(([i, , k]) => i === 0 || k === 0);
  expect(finished(doubtOfGaps({ ...tensor, known: crossed }, truth, 0))).toMatch(/leave some directions/);
  const noisy = Float64Array.from(tensor.data, (value) => value * (1 + 0.01 * random.normal()));
  for (const data of [tensor.data, noisy]) {
    const { stop } = await decompose(dense(shape, data, { known: crossed }), { rank: 3 });
    expect(stop).not.toBe('converged');
  }
});
