// Core consistency where the Tucker core can be written out by hand.
import { expect, test } from 'vitest';
import { coreConsistency, denseTensor, kruskal } from '../../src/index.js';

/** Digits: the ridge of 1e-14 in every pseudo-inverse changes the core by as much, and the percentage by a few hundred times that. */
const digits = 10;

test('a 2 × 2 × 2 core beside orthonormal factors is the data itself', () => {
  // Factors are unit matrices, so G = X: the superdiagonal, 0.5 at (0, 1, 0) and 0.25 at (1, 1, 0).
  const data = [1, 0, 0.5, 0, 0, 0, 0.25, 1];
  const unit = { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) };
  const tensor = denseTensor([2, 2, 2], data);
  const model = kruskal([1, 1], [unit, unit, unit]);
  expect(coreConsistency(tensor, model)).toBeCloseTo(100 * (1 - (0.5 ** 2 + 0.25 ** 2) / 2), digits);
  // A weight belongs to the first factor: the core is divided by it.
  const core = [0.5, 0, 0.25, 0, 0, 0, 0.25, 1];
  const squares = core.reduce((sum, value, at) => sum + (value - (at === 0 || at === 7 ? 1 : 0)) ** 2, 0);
  const doubled = kruskal([2, 1], [unit, unit, unit]);
  expect(coreConsistency(tensor, doubled)).toBeCloseTo(100 * (1 - squares / 2), digits);
});
