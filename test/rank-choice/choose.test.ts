// The choice of a rank: up and down in white noise, by a scan where the residual has structure.
import { describe, expect, test } from 'vitest';
import { compress, type Compression } from '../../src/compression/compress.js';
import { factorMatchScore } from '../../src/analysis/match.js';
import { plantedCp } from '../../src/problems/index.js';
import { isIdentifiable } from '../../src/rank-choice/choose.js';
import { candidatesOf, findRank, fitRank, visibleFrom } from '../../src/rank-choice/rank-choice.js';
import { randomStream } from '../../src/random/stream.js';
import type { DenseTensor } from '../../src/tensor/dense.js';
import { normalize, strongest } from '../../src/tensor/normalize.js';
import { finished } from '../../src/yield.js';
import { addUnevenNoise } from '../../bench/reproduce/rank-noise.js';
import { casesOf } from '../support/all.js';
import { squaredDistance } from '../support/squared-distance.js';

const search = { seed: 1, starts: 6 };
const find = (tensor: DenseTensor) => finished(findRank(tensor, search));

describe('isIdentifiable', () => {
  const of = (shape: readonly number[]): Compression =>
    finished(
      compress(
        { shape, data: randomStream(1).fillNormal(new Float64Array(shape.reduce((a, b) => a * b, 1))) },
        { seeksNoise: false },
      ),
    );

  test('one component always; more of a matrix only where it is known to be one', () => {
    const inOneDirection = plantedCp({ shape: [6, 7, 8], rank: 1, seed: 1 }).tensor;
    expect(isIdentifiable(finished(compress(inOneDirection)), 1)).toBe(true);
    expect(isIdentifiable(of([6, 7]), 6)).toBe(true);
    expect(isIdentifiable(of([6, 7]), 7)).toBe(false);
    // Three modes, of which one has a single direction left.
    const slices = plantedCp({ shape: [6, 7], rank: 6, seed: 1 }).tensor.data;
    const data = Float64Array.from({ length: 3 * 42 }, (_, at) => (1 + Math.floor(at / 42)) * slices[at % 42]!);
    expect(isIdentifiable(finished(compress({ shape: [3, 6, 7], data })), 2)).toBe(false);
  });

  test('no more free numbers than cells', () => {
    // 3 · 3 − 2 = 7 numbers per component, 27 cells.
    expect(isIdentifiable(of([3, 3, 3]), 3)).toBe(true);
    expect(isIdentifiable(of([3, 3, 3]), 4)).toBe(false);
  });
});

test('the error of a found model is that on the full tensor', () => {
  for (const noise of [0, 0.1]) {
    const { tensor } = plantedCp({ shape: [12, 13, 14], rank: 3, noise, seed: 2 });
    for (const { fit, kruskal, compression } of [find(tensor), finished(fitRank(tensor, 2, search))]) {
      const exact = squaredDistance(tensor, kruskal);
      expect(Math.abs(fit.squaredError - exact)).toBeLessThan(1e-12 * compression.squaredNorm);
    }
  }
});

test('candidates are in the order of their ranks, and the error never rises', () => {
  const { tensor } = plantedCp({ shape: [12, 13, 14], rank: 4, noise: 0.2, seed: 3 });
  const candidates = candidatesOf(find(tensor).fits);
  expect(candidates.length).toBeGreaterThan(0);
  candidates.slice(1).forEach((one, k) => expect(one.rank).toBeGreaterThan(candidates[k]?.rank ?? Infinity));
  for (const { share, explained, relativeError } of candidates) {
    expect(share).toBeGreaterThan(-1e-3);
    expect(explained).toBeCloseTo(1 - relativeError ** 2, 12);
  }
});

test('what is called visible is found, and what is far below is not', () => {
  const shape = [20, 22, 24];
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  for (const seed of casesOf(seeds, 2)) {
    const one = find(plantedCp({ shape, rank: 1, noise: 0.1, seed }).tensor);
    const weight = visibleFrom(one);
    const weak = (times: number) =>
      find(plantedCp({ shape, rank: 2, noise: 0.1, seed, weights: [1, times * weight] }).tensor);
    expect(weak(1).fit.rank).toBe(2);
    expect(weak(0.4).fit.rank).toBe(1);
  }
});

describe('where the residual has structure', () => {
  // Of five equal components, the ones that a smaller model takes are up to the start: ranks 2 to 4 are all refused as unstable.
  test.each(casesOf([3, 2, 1, 4], 1))(
    'all equal components are found, although no smaller number of them is stable (seed %i)',
    (seed) => {
      const equal = 5;
      const weights = [...new Array<number>(equal).fill(1), ...Array.from({ length: 60 }, (_, r) => 0.08 * 0.95 ** r)];
      const { tensor, truth } = plantedCp({ shape: [16, 17, 18], rank: weights.length, seed, weights });
      const { fit, kruskal, isWhite } = find(tensor);
      expect(isWhite).toBe(false);
      expect(fit.rank).toBeGreaterThanOrEqual(equal);
      expect(factorMatchScore(strongest(normalize(kruskal), equal), strongest(truth, equal))).toBeGreaterThan(0.99);
    },
  );
});

test('a scan of short modes ends where even its last rank leaves too much for nine tenths to be taken', () => {
  const data = randomStream(1001).fillNormal(new Float64Array(8 * 9 * 10));
  const { fit, fits } = find({ shape: [8, 9, 10], data });
  expect(fit.rank).toBe(0);
  expect(Math.max(...fits.known.keys())).toBe(3);
});

test.each([
  [[6, 6, 6], 8, 0],
  [[6, 6, 6], 8, 0.001],
  [[4, 4, 4, 4], 8, 0],
])('more components than the dimensions are found by the scan: %j, rank %i, noise %f', (shape, rank, noise) => {
  for (const seed of casesOf([2000, 2001], 1))
    expect(find(plantedCp({ shape, rank, noise, seed }).tensor).fit.rank).toBe(rank);
});

test('what is left of heavy tails after a component went as noise is compared again', () => {
  const { tensor } = plantedCp({ shape: [30, 40, 50], rank: 2, seed: 1001 });
  const noisy = addUnevenNoise(tensor, { kind: 't', freedom: 3 }, { level: 0.1, seed: 1001 });
  expect(find(noisy).fit.rank).toBe(2);
});
