// Evidence grows with what a model explains beyond its share of the numbers: noise adds none, structure does, and a model as large
// as the tensor has none.
import { expect, test } from 'vitest';
import { evidence, freeEntries, maxComponents, noiseEnergy } from '../../src/compaction/evidence.js';
import { packedLength } from '../../src/tensor/symmetric.js';

const sizes = { order: 3, dim: 20 };

test('a component that explains what the best fit to pure noise would adds no evidence, one of ten times the noise does', () => {
  // The best rank-one fit to symmetric noise takes about (1.66 √dim)² units of variance, at order 3.
  const best = 1 - (1.66 * Math.sqrt(sizes.dim)) ** 2 / freeEntries(sizes, 5);
  expect(evidence(sizes, 6, 0.01 * Math.sqrt(best))).toBeLessThan(evidence(sizes, 5, 0.01));
  expect(evidence(sizes, 6, 0.001)).toBeGreaterThan(evidence(sizes, 5, 0.01));
});

test('a model that explains no more than its share of the numbers has no evidence', () => {
  const share = (5 * sizes.dim) / packedLength(sizes.order, sizes.dim);
  expect(evidence(sizes, 5, Math.sqrt(1 - share))).toBe(0);
  expect(evidence(sizes, 5, Math.sqrt(1 - share / 2))).toBe(0);
  expect(evidence(sizes, 5, Math.sqrt(1 - 2 * share))).toBeGreaterThan(0);
  expect(evidence(sizes, 0, 1)).toBe(0);
});

test('a model with as many numbers as the tensor has no evidence, however exact; an exact one of fewer numbers has all', () => {
  for (const components of [15, 16]) {
    expect(freeEntries({ order: 3, dim: 8 }, components)).toBeLessThanOrEqual(0);
    expect(evidence({ order: 3, dim: 8 }, components, 1e-16)).toBe(0);
  }
  expect(evidence({ order: 3, dim: 8 }, 14, 0)).toBe(Infinity);
  expect(maxComponents({ order: 3, dim: 8 })).toBe(16);
});

test('equal orthogonal components explain shares that single ones of them cannot speak for', () => {
  // Eight of weight 1 in eight dimensions: each explains an eighth with a fifteenth of the numbers.
  const few = evidence({ order: 3, dim: 8 }, 1, Math.sqrt(7 / 8));
  expect(few).toBeLessThan(2);
  expect(evidence({ order: 3, dim: 8 }, 8, 0.01)).toBeGreaterThan(100 * few);
});

test('the energy of noise that a fit may take is that of a Gaussian maximum, with three deviations on top', () => {
  expect(noiseEnergy({ order: 3, dim: 12 })).toBe((6 + 3) ** 2);
});
