import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { orthogonal, plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { columnProducts, rowProducts } from '../../src/tensor/matrix.js';
import { denseNorm, subtract } from '../../src/tensor/dense.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { expectClose } from '../support/close.js';

/** Row-major Gram matrix with ones on the diagonal and `cosine` elsewhere. */
const equiangular = (rank: number, cosine: number): number[] =>
  Array.from({ length: rank * rank }, (_, at) => (at % (rank + 1) === 0 ? 1 : cosine));

describe('plantedCp', () => {
  it('gives the tensor of its truth, with noise of exactly the size asked for', () => {
    const options = { shape: [4, 5, 6], rank: 3, seed: 9, weights: [2, -1, 0.5] };
    const { tensor, truth } = plantedCp(options);
    expect(tensor).toEqual(toDense(truth));
    const noisy = plantedCp({ ...options, noise: 0.25 });
    expect(noisy.truth).toEqual(truth);
    expectClose(denseNorm(subtract(noisy.tensor, tensor)) / denseNorm(tensor), 0.25, 1e-13);
  });
  it('makes columns of one cosine in every mode', () => {
    const { truth } = plantedCp({ shape: [6, 5, 8], rank: 4, seed: 1, collinearity: 0.9 });
    for (const factor of truth.factors) expectClose(columnProducts(factor, factor).data, equiangular(4, 0.9), 1e-13);
  });
  it.each([
    ['rank above a dimension', { collinearity: 0.5, rank: 4 }, /rank ≤ 3 with a common collinearity/],
    ['cosine 1', { collinearity: 1 }, /below 1, got 1/],
    ['too negative a cosine', { collinearity: -0.9, rank: 3 }, /above −1\/\(rank − 1\)/],
    ['negative noise', { noise: -1 }, /noise to be a finite number ≥ 0, got -1/],
    ['one weight too many', { weights: [1, 2, 3] }, /weights to be 2 finite numbers/],
    ['an empty shape', { shape: [] }, /at least one mode/],
    ['a misspelled option', { colinearity: 0.5 }, /got colinearity/],
    ['a fractional seed', { seed: 0.5 }, /seed to be an integer/],
  ])('refuses %s', (_, change, message) => {
    const make = (): unknown => plantedCp({ shape: [3, 4], rank: 2, seed: 1, ...change });
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe('plantedSymmetric', () => {
  it('draws unit directions and weights in the range, signs mixed; overcomplete too', () => {
    const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 50, seed: 2, weightRange: [1, 3] });
    const gram = rowProducts(truth.vectors, truth.vectors).data;
    expectClose(
      Array.from({ length: 50 }, (_, r) => gram[r * 51] ?? NaN),
      new Array<number>(50).fill(1),
      1e-14,
    );
    truth.weights.forEach((weight) => expect(Math.abs(Math.abs(weight) - 2)).toBeLessThanOrEqual(1));
    expect(new Set(truth.weights.map(Math.sign)).size).toBe(2);
  });
  it('keeps the directions when only the weights change', () => {
    const options = { order: 4, dim: 7, rank: 3, seed: 5 };
    const { truth } = plantedSymmetric(options);
    const geometric = plantedSymmetric({ ...options, ratio: 3, mixedSigns: false }).truth;
    expect(geometric.vectors).toEqual(truth.vectors);
    expectClose(geometric.weights, [1, 1 / 3, 1 / 9], 1e-15);
  });
  it('makes directions of one cosine', () => {
    for (const cosine of [-0.2, 0, 0.9]) {
      const { vectors } = plantedSymmetric({ order: 3, dim: 20, rank: 4, seed: 3, cosine }).truth;
      expectClose(rowProducts(vectors, vectors).data, equiangular(4, cosine), 1e-13);
    }
  });
  it.each([
    [{ cosine: 0.5, rank: 9 }, /rank ≤ 5/],
    [{ weightRange: [2, 1] as const }, /0 < least ≤ most, got \[2, 1\]/],
    [{ ratio: 0.5 }, /ratio to be a finite number ≥ 1, got 0.5/],
    [{ order: 0 }, /order to be an integer ≥ 1, got 0/],
  ])('refuses %o', (change, message) => {
    expect(() => plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 1, ...change })).toThrow(message);
  });
});

describe('orthogonal', () => {
  it('has orthonormal directions and the weights asked for, up to full rank', () => {
    const { truth } = orthogonal({ order: 3, dim: 8, rank: 8, seed: 1, ratio: 1.2 });
    expectClose(rowProducts(truth.vectors, truth.vectors).data, equiangular(8, 0), 1e-14);
    truth.weights.forEach((weight, r) => expectClose(weight, 1.2 ** -r, 1e-15));
    expect(() => orthogonal({ order: 3, dim: 8, rank: 9, seed: 1 })).toThrow(/rank ≤ 8 with orthonormal directions/);
  });
  it('gives the same problem for the same seed and another for another', () => {
    const make = (seed: number): unknown => orthogonal({ order: 3, dim: 5, rank: 2, seed });
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });
});
