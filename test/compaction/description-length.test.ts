// Components pay for themselves by description length: noise does not, structure does, and a model as large as the tensor never.
import { expect, test } from 'vitest';
import { descriptionLength, worthlessGrowth } from '../../src/compaction/description-length.js';
import { packedLength } from '../../src/tensor/symmetric.js';

const sizes = { order: 3, dim: 20 };

test('the growth that is worth nothing leaves the length as it is', () => {
  const error = 0.01;
  const grown = error * worthlessGrowth(sizes, 6);
  expect(descriptionLength(sizes, 5, grown)).toBeCloseTo(descriptionLength(sizes, 6, error), 8);
});

test('a component that explains what any direction of pure noise would does not pay, one of ten times the noise does', () => {
  const entries = packedLength(sizes.order, sizes.dim);
  // The best rank-one fit to symmetric noise takes about (2.5 √dim)² of its `entries` units of variance, at order 3.
  const best = 1 - (2.5 * Math.sqrt(sizes.dim)) ** 2 / 6 / entries;
  expect(descriptionLength(sizes, 6, 0.01 * Math.sqrt(best))).toBeGreaterThan(descriptionLength(sizes, 5, 0.01));
  expect(descriptionLength(sizes, 6, 0.001)).toBeLessThan(descriptionLength(sizes, 5, 0.01));
});

test('a model with as many numbers as the tensor says nothing, however exact', () => {
  for (const components of [15, 16]) {
    expect(descriptionLength({ order: 3, dim: 8 }, components, 1e-16)).toBe(Infinity);
    expect(worthlessGrowth({ order: 3, dim: 8 }, components)).toBe(Infinity);
  }
});
