// What reads a whole tensor in a float64 finish: with and without a residual it is the same error and the same gradient.
import { describe, expect, test } from 'vitest';
import { cpProductsOnCpu } from '../../src/compaction/cp-products-on-cpu.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { cpResidual, mttkrpAll } from '../../src/tensor/cp-products.js';
import { denseNorm, type DenseTensor } from '../../src/tensor/dense.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { absorbWeights, modeViews, stackFactors } from '../../src/tensor/stacked.js';
import { done } from '../support/pauses.js';

/** The error and the gradient by the residual. */
function byResidual({ shape, data }: DenseTensor, rank: number, x: Float64Array) {
  const residual = new Float64Array(data.length);
  cpResidual(shape, rank, modeViews(shape, rank, x), data, residual);
  const gradient = new Float64Array(x.length);
  mttkrpAll(shape, rank, modeViews(shape, rank, x), residual, modeViews(shape, rank, gradient));
  return { norm: euclideanNorm(residual), gradient };
}

/** What the function gives at some stacked factors. */
function found(target: DenseTensor, rank: number, x: Float64Array) {
  const products = cpProductsOnCpu(target, rank);
  const norm = done(products.norm(x));
  const gradient = new Float64Array(x.length);
  done(products.gradient(x, gradient));
  return { norm, gradient };
}

/** The planted factors, each entry off by `distance` times a normal number. */
function near(shape: readonly number[], rank: number, distance: number, seed: number) {
  const { tensor, truth } = plantedCp({ shape, rank, seed });
  const random = randomStream(seed + 1);
  const x = stackFactors([absorbWeights(truth)]).map((value) => value + distance * random.normal());
  return { tensor, x };
}

describe.each([[[7]], [[9, 8]], [[7, 6, 5]], [[40, 3, 20]], [[6, 5, 4, 3]], [[3, 2, 3, 2, 4]]])('shape %j', (shape) => {
  // From models far away to ones of which no difference of squares has a digit left.
  test.each([3, 0.3, 1e-2, 1e-4, 1e-8, 0])('factors off by %f', (distance) => {
    const rank = 3;
    const { tensor, x } = near(shape, rank, distance, 5);
    const expected = byResidual(tensor, rank, x);
    const { norm, gradient } = found(tensor, rank, x);
    // Ten digits of the squared error, which a half of that has as well.
    expect(Math.abs(norm - expected.norm)).toBeLessThanOrEqual(1e-10 * expected.norm);
    const off = euclideanNorm(gradient.map((value, at) => value - expected.gradient[at]!));
    // Rounding of the terms that a gradient is the difference of. Where the error is small both make a residual, and have the same bits.
    const sizes = modeViews(shape, rank, x).map(euclideanNorm);
    const ofModel = sizes.reduce((product, size) => product * size, 1);
    const terms = ((denseNorm(tensor) + ofModel) * ofModel) / Math.min(...sizes);
    const rounding = 10 * Number.EPSILON * shape.length * terms;
    expect(off).toBeLessThanOrEqual(expected.norm < 1e-4 * denseNorm(tensor) ? 0 : rounding);
  });
});

test.each([1e-170, 1e170])('numbers of %f, whose squares are no float64', (size) => {
  const { tensor, x } = near([6, 5, 4], 2, 0.3, 5);
  const scaled = { shape: tensor.shape, data: tensor.data.map((value) => value * size) };
  const atScale = x.map((value) => value * Math.cbrt(size));
  const { norm } = found(scaled, 2, atScale);
  expect(norm / size).toBeCloseTo(byResidual(tensor, 2, x).norm, 9);
});

test('where cells are missing the error is that of the known ones', () => {
  const { tensor, x } = near([6, 5, 4], 2, 0.3, 5);
  const known = new Uint8Array(tensor.data.length).fill(1);
  known.fill(0, 10, 30);
  const residual = new Float64Array(tensor.data.length);
  cpResidual(tensor.shape, 2, modeViews(tensor.shape, 2, x), tensor.data, residual, known);
  expect(found({ ...tensor, known } as DenseTensor, 2, x).norm).toBe(euclideanNorm(residual));
});
