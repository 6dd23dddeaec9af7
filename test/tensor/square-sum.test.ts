// Norms of numbers of any size: the scaled sum is the plain one where that is right, and right where the plain one overflows or
// vanishes. Every norm and every error of the public API is the same for a tensor and for 2^k times it.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  compact,
  decompose,
  dense,
  denseNorm,
  heldOutScore,
  indexAt,
  norm,
  observed,
  packSymmetric,
  predictionError,
  projectOnTangentSpace,
  relativeError,
  symmetricNorm,
  tangentResidualFloor,
  toDense,
  type Kruskal,
  type SymmetricKruskal,
} from '../../src/index.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { factored } from '../../src/targets/factored.js';
import { problemOf } from '../../src/handles/problem.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { kruskalPair, symmetricPair } from '../support/arbitraries.js';
import { casesOf } from '../support/all.js';

const plain = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const entries = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-20 ? 0 : x)));

describe('euclideanNorm', () => {
  it('is the plain sum, bit for bit, where that neither overflows nor vanishes', () => {
    fc.assert(
      fc.property(entries, (values) => {
        expect(euclideanNorm(values)).toBe(plain(values));
      }),
    );
  });

  it('scales with the numbers, from 1e-300 to 1e300', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: -900, max: 900 }), (values, exponent) => {
        const size = plain(values);
        const scaled = euclideanNorm(values.map((x) => x * 2 ** exponent));
        expect(Math.abs(scaled / 2 ** exponent - size)).toBeLessThanOrEqual(4 * Number.EPSILON * size);
      }),
    );
  });

  it.each([
    [[3e300, 4e300], 5e300],
    [[3e-300, -4e-300], 5e-300],
    [[3e-310, 4e-310], 5e-310],
    [[1e300, 1, 1e-300], 1e300],
    [[1, 1e-300, 1e-200], 1],
    [[0, -0], 0],
    [[], 0],
    [[1e308, 1e308, 1e308, 1e308], Infinity],
  ])('of %j is %d', (values, expected) => {
    if (expected === Infinity || expected === 0) expect(euclideanNorm(values)).toBe(expected);
    else expect(Math.abs(euclideanNorm(values) / expected - 1)).toBeLessThan(1e-14);
  });

  it('is NaN where a number is', () => {
    for (const other of [1, 1e300, 1e-300]) expect(euclideanNorm([other, NaN])).toBeNaN();
  });
});

const scales = fc.constantFrom(2 ** -980, 2 ** -520, 2 ** 520, 2 ** 980);
const times = <K extends Kruskal | SymmetricKruskal>(model: K, factor: number): K => ({
  ...model,
  weights: model.weights.map((weight) => weight * factor),
});

/** Every vector times the factor, which the weight takes back. */
function lengthened(model: SymmetricKruskal, factor: number): SymmetricKruskal {
  const data = model.vectors.data.map((value) => value * factor);
  const weights = model.weights.map((weight) => weight * factor ** -model.order);
  return { ...model, weights, vectors: { ...model.vectors, data } };
}

describe('norms and errors at 2^±980', () => {
  it('of Kruskal tensors', () => {
    fc.assert(
      fc.property(fc.oneof(kruskalPair, symmetricPair), scales, ([a, b], factor) => {
        expect(norm(times(b, factor)) / factor).toBe(norm(b));
        const there = relativeError(times(a, factor), times(b, factor));
        const here = relativeError(a, b);
        if (Number.isFinite(here)) expect(Math.abs(there - here)).toBeLessThanOrEqual(1e-12 * (1 + here));
      }),
    );
  });

  it('of vectors that are long or short themselves', () => {
    fc.assert(
      fc.property(symmetricPair, fc.constantFrom(2 ** -250, 2 ** 250), ([a, b], factor) => {
        fc.pre(norm(b) > 1e-3);
        const there = relativeError(a, lengthened(b, factor));
        const here = relativeError(a, b);
        expect(Math.abs(norm(lengthened(b, factor)) / norm(b) - 1)).toBeLessThan(1e-12);
        expect(Math.abs(there - here)).toBeLessThanOrEqual(1e-12 * (1 + here));
      }),
    );
  });

  test.each([1e-300, 1e-160, 1e160, 1e300])('of tensors of entries of about %d', (size) => {
    const { tensor, truth } = plantedCp({ shape: [4, 3, 5], rank: 2, seed: 1 });
    const large = { shape: tensor.shape, data: tensor.data.map((value) => value * size) };
    const close = (got: number, expected: number) => expect(Math.abs(got / expected - 1)).toBeLessThan(1e-12);
    close(denseNorm(large) / size, denseNorm(tensor));
    const half = times(truth, size / 2);
    for (const model of [half, toDense(half)]) {
      close(relativeError(model, dense(large.shape, large.data)), 0.5);
      close(relativeError(model, times(truth, size)), 0.5);
    }
    const known = observed([2, 2], [0, 0, 1, 1], [size, 2 * size]);
    const ones = {
      weights: Float64Array.of(size),
      factors: [0, 1].map(() => ({ rows: 2, columns: 1, data: Float64Array.of(1, 1) })),
    };
    close(predictionError(ones, known), 1 / Math.sqrt(5));
    close(heldOutScore('l2', 0, new Float64Array(5).fill(size), new Float64Array(5).fill(2 * size)), 0.5);
  });

  test.each([1e-300, 1e-160, 1e160, 1e300])('of symmetric tensors of entries of about %d', (size) => {
    const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 2, seed: 1 });
    const packed = packSymmetric(toDense(truth), 1e-14);
    const large = { ...packed, data: packed.data.map((value) => value * size) };
    expect(Math.abs(symmetricNorm(large) / size / symmetricNorm(packed) - 1)).toBeLessThan(1e-12);
    const target = factored({ ...times(truth, size), dim: 4 });
    const { kruskal, relativeError: error } = compact(target, times(truth, 0.9 * size));
    expect(error).toBeLessThan(1e-12);
    expect(
      Math.abs(
        (kruskal.weights[0] ?? 0) / size / (compact(factored({ ...truth, dim: 4 }), truth).kruskal.weights[0] ?? 0) - 1,
      ),
    ).toBeLessThan(1e-10);
    const near = projectOnTangentSpace(truth, truth.vectors);
    const far = projectOnTangentSpace(times(truth, size), truth.vectors);
    expect(Math.abs(far.relativeResidual - near.relativeResidual)).toBeLessThan(tangentResidualFloor);
    expect((far.coefficients.data[0] ?? 0) / size).toBeCloseTo(near.coefficients.data[0] ?? 0, 10);
  });

  test.each([5e-324, 1e-310, 1e-300, 1e300, 1.7e308])(
    'a target of entries %d has a scale with a finite inverse',
    (size) => {
      for (const target of [dense([2, 2], [size, 0, 0, size]), observed([2, 2], [0, 0], [size])]) {
        const { scale } = problemOf(target);
        expect(scale > 0 && Number.isFinite(scale) && Number.isFinite(1 / scale)).toBe(true);
      }
    },
  );

  test('a factored target of more numbers than a call has arguments', () => {
    const dim = 300_000;
    const vectors = new Float64Array(dim).fill(1);
    expect(problemOf(factored({ order: 2, dim, weights: [1], vectors })).scale).toBe(2 ** 18);
  });

  const sizes = [1e-300, 1e160, 1e300];
  test.each([
    ...sizes.map((size) => ['cpu', size] as const),
    ...casesOf(sizes, 1).map((size) => ['webgpu', size] as const),
  ])('decompose answers on %s for entries of about %d, all known, partly known or listed', async (backend, size) => {
    const { tensor } = plantedCp({ shape: [4, 3, 5], rank: 1, seed: 1 });
    const data = tensor.data.map((value) => value * size);
    const known = Uint8Array.from(data, (_, cell) => (cell % 7 === 3 ? 0 : 1));
    const cells = Array.from(data.keys());
    const listed = observed(
      tensor.shape,
      cells.flatMap((cell) => indexAt(cell, tensor.shape)),
      data,
    );
    const options = { rank: 1, seed: 1, backend };
    for (const target of [dense(tensor.shape, data), dense(tensor.shape, data, { known }), listed]) {
      const { relativeError: error, kruskal } = await decompose(target, options);
      expect(error).toBeLessThan(1e-10);
      expect(relativeError(kruskal, dense(tensor.shape, data))).toBeLessThan(1e-10);
    }
  });
});
