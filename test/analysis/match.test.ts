import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorMatchScore, matchComponents } from '../../src/analysis/match.js';
import { InputError } from '../../src/errors.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { kruskal, symmetricKruskal, symmetricToKruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import { normalize, selectComponents } from '../../src/tensor/normalize.js';
import { kruskalPair, symmetricPair } from '../support/arbitraries.js';
import { expectClose } from '../support/close.js';

const seeds = fc.integer({ min: 0, max: 1e6 });

describe('factorMatchScore', () => {
  it('is between 0 and 1 and symmetric in its arguments', () => {
    fc.assert(
      fc.property(fc.oneof(kruskalPair, symmetricPair), fc.boolean(), ([a, b], weightPenalty) => {
        const score = factorMatchScore(a, b, { weightPenalty });
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(factorMatchScore(b, a, { weightPenalty })).toBeCloseTo(score, 12);
      }),
    );
  });
  it('is 1 for a permuted, rescaled, sign-flipped copy, and finds the permutation', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { truth } = plantedCp({ shape: [5, 4, 6], rank: 4, seed, weights: [3, 1, -2, 0.5] });
        const order = [2, 0, 3, 1];
        const moved = selectComponents(truth, order);
        const factors = moved.factors.map((factor, mode) => ({
          ...factor,
          data: factor.data.map((value) => value * ([-2, 3, -0.5][mode] ?? NaN)),
        }));
        const copy = { weights: moved.weights.map((weight) => weight / 3), factors };
        const { score, permutation, perComponent } = matchComponents(truth, copy);
        expectClose(score, 1, 1e-12);
        expectClose(perComponent, [1, 1, 1, 1], 1e-12);
        permutation.forEach((j, i) => expect(order[j]).toBe(i));
      }),
    );
  });
  it('is the same for symmetric tensors and for them as general ones', () => {
    fc.assert(
      fc.property(symmetricPair, ([a, b]) => {
        const score = factorMatchScore(a, b);
        expect(factorMatchScore(symmetricToKruskal(a), b)).toBeCloseTo(score, 10);
        expect(factorMatchScore(symmetricToKruskal(a), symmetricToKruskal(b))).toBeCloseTo(score, 10);
      }),
    );
  });
  it('takes the sign of the product: an odd vector flips with its weight, an even component has its own sign', () => {
    const flipped = (order: number, weight: number, vector: number): number =>
      factorMatchScore(
        symmetricKruskal(order, [1], matrix(1, 1, [1])),
        symmetricKruskal(order, [weight], matrix(1, 1, [vector])),
      );
    expect(flipped(3, -1, -1)).toBe(1);
    expect(flipped(3, 1, -1)).toBe(0);
    expect(flipped(4, 1, -1)).toBe(1);
    expect(flipped(4, -1, 1)).toBe(0);
  });
  it('multiplies by the weight penalty unless told not to', () => {
    const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 4 });
    const half = { ...truth, weights: truth.weights.map((weight) => weight / 2) };
    expectClose(factorMatchScore(truth, half), 0.5, 1e-12);
    expectClose(factorMatchScore(truth, half, { weightPenalty: false }), 1, 1e-12);
  });
  it('counts a component without partner as 0', () => {
    const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 4, seed: 4 });
    const part = selectComponents(truth, [3, 1]);
    expectClose(factorMatchScore(truth, part), 0.5, 1e-12);
    expect(Array.from(matchComponents(truth, part).permutation)).toEqual([-1, 1, -1, 0]);
    expect(Array.from(matchComponents(part, truth).permutation)).toEqual([3, 1]);
    const none = selectComponents(truth, []);
    expect(factorMatchScore(none, truth)).toBe(0);
    expect(factorMatchScore(none, none)).toBe(1);
  });
  it('is the product of cosines for one component: cos 60° in each of three modes is 1/8', () => {
    const e = kruskal(
      [1],
      [1, 2, 3].map(() => matrix(2, 1, [1, 0])),
    );
    const rotated = kruskal(
      [1],
      [1, 2, 3].map(() => matrix(2, 1, [1, Math.sqrt(3)])),
    );
    expectClose(factorMatchScore(e, rotated, { weightPenalty: false }), 1 / 8, 1e-14);
    expectClose(factorMatchScore(e, rotated, { weightPenalty: false, skip: 1 }), 1 / 4, 1e-14);
    expectClose(factorMatchScore(e, rotated), 1 / 8 / 8, 1e-14); // weights 1 and 2³
    expectClose(factorMatchScore(e, normalize(rotated), { skip: 0 }), 1 / 4 / 8, 1e-14);
  });
  it('refuses different shapes and modes that are not there', () => {
    const a = plantedSymmetric({ order: 3, dim: 2, rank: 1, seed: 0 }).truth;
    const b = plantedSymmetric({ order: 3, dim: 3, rank: 1, seed: 0 }).truth;
    expect(() => factorMatchScore(a, b)).toThrow(/\[2, 2, 2\] and \[3, 3, 3\]/);
    for (const skip of [-1, 3, 0.5]) expect(() => factorMatchScore(a, a, { skip })).toThrow(InputError);
  });
});
