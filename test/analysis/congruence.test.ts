// Tucker's congruence of two models, mode by mode: by hand, on copies that are the same tensor, and where components differ.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { congruence } from '../../src/analysis/congruence.js';
import { InputError } from '../../src/errors.js';
import { plantedCp } from '../../src/problems/index.js';
import { kruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import { selectComponents } from '../../src/tensor/normalize.js';
import { kruskalPair } from '../support/arbitraries.js';

const { truth } = plantedCp({ shape: [5, 4, 6], rank: 3, seed: 2, weights: [3, -2, 0.5] });
const withFactor = (mode: number, change: (value: number, component: number) => number) => ({
  ...truth,
  factors: truth.factors.map((factor, k) =>
    k === mode ? { ...factor, data: factor.data.map((value, at) => change(value, at % 3)) } : factor,
  ),
});

test('1 in every mode for a copy with another order, other weights, and two modes that change sign', () => {
  const moved = selectComponents(truth, [2, 0, 1]);
  const factors = moved.factors.map((factor, mode) => ({
    ...factor,
    data: factor.data.map((value) => value * (mode === 1 ? 4 : -1)),
  }));
  const { permutation, byMode, smallest, similarity } = congruence(truth, { weights: moved.weights, factors });
  expect(Array.from(permutation)).toEqual([1, 2, 0]);
  expect([byMode.rows, byMode.columns]).toEqual([3, 3]);
  // A cosine is a sum of at most 6 products of unit columns: 1e-15 each.
  expect(smallest).toBeGreaterThan(1 - 1e-14);
  expect(similarity).toBe('equal');
});

test.each([
  [0.96, 'equal'],
  [0.9, 'similar'],
  [0.5, 'different'],
] as const)('one column turned to a cosine of %d is seen where it is, and is %s', (cosine, expected) => {
  const first = kruskal([1], [matrix(2, 1, [1, 0]), matrix(3, 1, [1, 2, 2])]);
  const second = kruskal([7], [matrix(2, 1, [cosine, Math.sqrt(1 - cosine ** 2)]), matrix(3, 1, [1, 2, 2])]);
  const { byMode, smallest, similarity } = congruence(first, second);
  expect(byMode.data[0]).toBeCloseTo(cosine, 14);
  expect(byMode.data[1]).toBeCloseTo(1, 14);
  expect(smallest).toBeCloseTo(cosine, 14);
  expect(similarity).toBe(expected);
});

test('the negative of a component is no partner, unless a mode is skipped, where signs cannot be told', () => {
  const negative = withFactor(0, (value, component) => (component === 1 ? -value : value));
  expect(congruence(truth, negative).smallest).toBe(0);
  expect(congruence(truth, negative, { skip: 0 }).smallest).toBeGreaterThan(1 - 1e-14);
});

test('models of different ranks are different, and the components that both have are found', () => {
  const fewer = selectComponents(truth, [0, 2]);
  const { permutation, smallest } = congruence(truth, fewer);
  expect(Array.from(permutation)).toEqual([0, -1, 1]);
  expect(smallest).toBe(0);
  expect(congruence(fewer, truth).smallest).toBe(0);
  expect(congruence(selectComponents(truth, []), selectComponents(truth, [])).smallest).toBe(1);
});

test('a skipped mode may have another size; other modes may not, and the mode must exist', () => {
  const short = { ...truth, factors: [matrix(2, 3), ...truth.factors.slice(1)] };
  expect(congruence(truth, short, { skip: 0 }).smallest).toBeGreaterThan(1 - 1e-14);
  expect(() => congruence(truth, short)).toThrow(InputError);
  expect(() => congruence(truth, truth, { skip: 3 })).toThrow('expected skip to be one mode');
});

test('the same both ways, between 0 and 1', () => {
  fc.assert(
    fc.property(kruskalPair, ([a, b]) => {
      const { smallest } = congruence(a, b);
      expect(smallest).toBeGreaterThanOrEqual(0);
      expect(smallest).toBeLessThanOrEqual(1);
      if (a.weights.length === 1 && b.weights.length === 1) expect(congruence(b, a).smallest).toBeCloseTo(smallest, 12);
    }),
  );
});
