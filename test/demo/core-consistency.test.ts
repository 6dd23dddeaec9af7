// Core consistency: 100 % at the true rank of an exact tensor, whatever the weights; low with a component too many; the value of the
// definition, by the Tucker core written out, where the model does not fit.
import { expect, test } from 'vitest';
import { coreConsistency } from '../../demo/views/tensor/core-consistency.js';
import { chooseRank, type RankFit } from '../../demo/views/tensor/rank.js';
import { decompose, dense, kruskal, toDense } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';

const shape = [6, 5, 4];
const { tensor, truth } = plantedCp({ shape, rank: 3, seed: 2, weights: [3, -2, 0.5] });

test('100 percent for the components that made the tensor', () => {
  expect(coreConsistency(dense(shape, tensor.data), truth)).toBeCloseTo(100, 9);
});

test('missing cells do not count', () => {
  const data = Float64Array.from(tensor.data, (value, at) => (at % 7 === 0 ? NaN : value));
  expect(coreConsistency(dense(shape, data, { missing: 'nan' }), truth)).toBeCloseTo(100, 9);
});

test('by hand: a 2 × 2 × 2 core beside orthonormal factors is the data itself', () => {
  // Factors are unit matrices, so G = X: (1 − 0.5² − 0.25²/…) with X = superdiagonal + 0.5 at (0, 1, 0) and 0.25 at (1, 1, 0).
  const data = [1, 0, 0.5, 0, 0, 0, 0.25, 1];
  const unit = { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) };
  const model = kruskal([1, 1], [unit, unit, unit]);
  expect(coreConsistency(dense([2, 2, 2], data), model)).toBeCloseTo(100 * (1 - (0.5 ** 2 + 0.25 ** 2) / 2), 12);
  // A weight belongs to the first factor: the core is divided by it.
  const doubled = kruskal([2, 1], [unit, unit, unit]);
  const core = [0.5, 0, 0.25, 0, 0, 0, 0.25, 1];
  const squares = core.reduce((sum, value, at) => sum + (value - (at === 0 || at === 7 ? 1 : 0)) ** 2, 0);
  expect(coreConsistency(dense([2, 2, 2], data), doubled)).toBeCloseTo(100 * (1 - squares / 2), 12);
});

test('factors without an inverse have none', () => {
  const twice = kruskal(
    [1, 1],
    shape.map((size) => ({ rows: size, columns: 2, data: new Float64Array(2 * size).fill(1) })),
  );
  expect(coreConsistency(dense(shape, toDense(twice).data), twice)).toBeUndefined();
});

test('the rule takes the true rank of a noisy tensor', async () => {
  const noisy = plantedCp({ shape: [10, 9, 8], rank: 3, seed: 4, noise: 0.05 }).tensor;
  const target = dense(noisy.shape, noisy.data);
  const fits: RankFit[] = [];
  for (let rank = 1; rank <= 4; rank++) {
    const {
      kruskal: model,
      relativeError,
      starts,
    } = await decompose(target, { rank, seed: 1, starts: 8, backend: 'cpu' });
    const value = coreConsistency(target, model);
    const fit = { rank, relativeError, starts: starts.count, agreeing: starts.agreeing };
    fits.push(value === undefined ? fit : { ...fit, coreConsistency: value });
  }
  expect(chooseRank(fits)).toBe(3);
  expect(fits[2]?.coreConsistency).toBeGreaterThan(90);
});
