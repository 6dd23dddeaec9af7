// Evidence grows with what a model explains beyond its share of the numbers: noise adds none, structure does, and a model as large
// as the tensor has none.
import { expect, test } from 'vitest';
import {
  evidence,
  freeEntries,
  isCrowded,
  isFull,
  isRival,
  isTooFull,
  maxComponents,
  mayBeNoise,
  noiseEnergy,
} from '../../src/compaction/evidence.js';
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

test('how full a model makes a tensor, by its share of the 70 independent entries: half, two thirds, all', () => {
  const of = { order: 4, dim: 5 };
  const whichAre = (is: typeof isFull): number[] =>
    Array.from(Array(16).keys()).filter((components) => is(of, components));
  expect(whichAre(isCrowded)[0]).toBe(8);
  expect(whichAre(isTooFull)[0]).toBe(10);
  expect(whichAre(isFull)[0]).toBe(14);
  // Exactly half, or a third, of the entries free is not yet too few.
  expect([13, 14].map((components) => isCrowded({ order: 3, dim: 11 }, components))).toEqual([false, true]);
  expect([8, 9].map((components) => isTooFull({ order: 3, dim: 7 }, components))).toEqual([false, true]);
  // A component more than the one would fit any tensor of 4 entries, although it has no more than half of the numbers.
  expect(isTooFull({ order: 3, dim: 2 }, 1)).toBe(true);
  expect(isCrowded({ order: 3, dim: 2 }, 1)).toBe(false);
});

test('a larger model is a rival where it explains more than noise and its numbers could, and may be noise where it explains less', () => {
  const smaller = { components: 5, relativeError: 0.01 };
  const free = freeEntries(sizes, 6);
  const larger = (parts: number) => {
    // It explains so many times what the best fit to noise is sure to stay below.
    const left = 1 / (1 + (parts * noiseEnergy(sizes)) / free);
    return { components: 6, relativeError: 0.01 * Math.sqrt(left) };
  };
  const verdicts = (parts: number) => [
    isRival(sizes, larger(parts), smaller),
    mayBeNoise(sizes, larger(parts), smaller),
  ];
  expect(verdicts(0.9)).toEqual([false, true]);
  // The noise level is itself uncertain: in between neither is said.
  expect(verdicts(1.01)).toEqual([false, false]);
  expect(verdicts(1.5)).toEqual([true, false]);
});

test('a model with fewer components, or one that fits any tensor, is nobody’s rival', () => {
  const exact = { components: 3, relativeError: 1e-9 };
  expect(isRival(sizes, exact, { components: 2, relativeError: 0.1 })).toBe(true);
  expect(isRival(sizes, exact, { components: 3, relativeError: 0.1 })).toBe(false);
  const full = { components: 16, relativeError: 1e-9 };
  expect(isRival({ order: 3, dim: 8 }, full, { components: 2, relativeError: 0.1 })).toBe(false);
  expect(mayBeNoise({ order: 3, dim: 8 }, full, { components: 2, relativeError: 0.1 })).toBe(true);
});
