// Degeneracy: the product of cosines by hand, with the signs of weights, and that a fit without a best approximation shows it.
import { expect, test } from 'vitest';
import { degeneracy } from '../../src/analysis/degeneracy.js';
import { polishCp } from '../../src/compaction/polish-cp.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { randomStart } from '../../src/rank-choice/starts.js';
import { kruskal, symmetricKruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';

/** Unit columns (1, 0) and (c, √(1 − c²)), of any length. */
const pairWithCosine = (cosine: number, length = 1) =>
  matrix(2, 2, [1, length * cosine, 0, length * Math.sqrt(1 - cosine ** 2)]);
const modelOf = (weights: readonly number[]) =>
  kruskal(weights, [pairWithCosine(0.8), pairWithCosine(0.5, 3), pairWithCosine(-0.9)]);

test('the product of the cosines of all modes, with the signs of the weights', () => {
  // 0.8 · 0.5 · −0.9; the second component has a norm of 3 · weight. Rounding of a few products: 1e-15.
  const same = degeneracy(modelOf([2, 5]));
  expect(same.cosine).toBeCloseTo(-0.36, 14);
  expect(same.components).toEqual([0, 1]);
  expect(same.norm).toBeCloseTo(2, 14);
  expect(degeneracy(modelOf([2, -0.5])).cosine).toBeCloseTo(0.36, 14);
  expect(degeneracy(modelOf([2, -0.5])).norm).toBeCloseTo(1.5, 14);
});

test('the worst of several pairs is named', () => {
  const columns = [1, 0, 0.9, -0.9, 0, 1, Math.sqrt(0.19), Math.sqrt(0.19)];
  const { cosine, components } = degeneracy(symmetricKruskal(3, [1, 1, 1, 1], matrix(4, 2, toRows(columns))));
  // Vectors (1, 0) and (−0.9, 0.43): 0.9³. The two long ones make −(0.81 − 0.19)³.
  expect(cosine).toBeCloseTo(-(0.9 ** 3), 14);
  expect(components).toEqual([0, 3]);
});

const toRows = (columns: readonly number[]): number[] => [0, 1, 2, 3].flatMap((r) => [columns[r]!, columns[4 + r]!]);

test('nothing to say of fewer than two components; orthogonal ones do not cancel', () => {
  expect(degeneracy(kruskal([], [matrix(2, 0), matrix(3, 0)]))).toEqual({ cosine: 1, components: undefined, norm: 0 });
  expect(degeneracy(plantedCp({ shape: [4, 5], rank: 1, seed: 1 }).truth).components).toBeUndefined();
  const eye = matrix(2, 2, [1, 0, 0, 1]);
  expect(degeneracy(kruskal([3, 2], [eye, eye, eye])).cosine).toBeCloseTo(0, 15);
});

test('the fit of rank 2 to the W tensor, which has no best one, is degenerate; that of two planted components is not', () => {
  const w = Float64Array.of(0, 1, 1, 0, 1, 0, 0, 0);
  const fitted = (shape: number[], data: Float64Array) => {
    let last = randomStart({ shape, data }, 2, randomStream(1));
    for (const report of polishCp({ shape, data }, last, { tolerance: 1e-9, maxSteps: 60 }))
      last = report?.kruskal ?? last;
    return degeneracy(last);
  };
  const worst = fitted([2, 2, 2], w);
  expect(worst.cosine).toBeLessThan(-0.99);
  expect(worst.norm).toBeGreaterThan(3 * Math.sqrt(3));
  const { tensor, truth } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1 });
  expect(fitted([6, 5, 4], Float64Array.from(tensor.data)).cosine).toBeCloseTo(degeneracy(truth).cosine, 5);
});
