// Whitening against its definition: mean and covariance of what comes out, the way back, and what cannot be white.
import { describe, expect, test } from 'vitest';
import { matrix, moments, whiten } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { expectClose } from '../support/close.js';

/** x = A s + shift with variances from 1 to 1e6. */
function mixed(count: number, dim: number, seed: number) {
  const random = randomStream(seed, 0);
  const mixing = random.fillNormal(new Float64Array(dim * dim));
  const data = new Float64Array(count * dim);
  for (let t = 0; t < count; t++) {
    for (let j = 0; j < dim; j++) {
      const source = 10 ** ((3 * j) / dim) * (random.uniform() - 0.5);
      for (let k = 0; k < dim; k++) data[t * dim + k]! += mixing[k * dim + j]! * source + (j === 0 ? k : 0);
    }
  }
  return matrix(count, dim, data);
}

/** (1/count) Σ_t y_t y_tᵀ */
function secondMoment({ rows, columns, data }: { rows: number; columns: number; data: Float64Array }): number[] {
  return Array.from({ length: columns * columns }, (_, at) => {
    const i = Math.floor(at / columns);
    const j = at % columns;
    let sum = 0;
    for (let t = 0; t < rows; t++) sum += (data[t * columns + i]! * data[t * columns + j]!) / rows;
    return sum;
  });
}

/** The eigenvalues of Σ are known to 2^-53 of the largest one, and the smallest is at least 1e-7 of that: 1e-9, with room. */
const rounding = 1e-8;

describe.each([1, 2, 5])('dim %d', (dim) => {
  const given = mixed(400, dim, dim);
  const { samples, mean, transform, inverse } = whiten(given);

  test('mean 0 and covariance I', () => {
    for (let k = 0; k < dim; k++) {
      const sum = samples.data.reduce((total, value, at) => (at % dim === k ? total + value : total), 0);
      expect(Math.abs(sum / samples.rows)).toBeLessThan(rounding);
    }
    secondMoment(samples).forEach((value, at) => {
      expect(Math.abs(value - (at % (dim + 1) === 0 ? 1 : 0))).toBeLessThan(rounding);
    });
    expect(() => moments({ order: 4, samples, cumulant: true })).not.toThrow();
  });

  test('inverse · y + mean gives the samples back; both roots are symmetric', () => {
    const largest = Math.max(...given.data.map(Math.abs));
    for (let at = 0; at < given.data.length; at++) {
      const t = Math.floor(at / dim);
      const i = at % dim;
      let value = mean[i]!;
      for (let k = 0; k < dim; k++) value += inverse.data[i * dim + k]! * samples.data[t * dim + k]!;
      expect(Math.abs(value - given.data[at]!)).toBeLessThan(rounding * largest);
    }
    for (const root of [transform, inverse]) {
      root.data.forEach((value, at) => {
        const mirrored = root.data[(at % dim) * dim + Math.floor(at / dim)]!;
        expect(Math.abs(value - mirrored)).toBeLessThanOrEqual(rounding * Math.abs(value));
      });
    }
  });
});

test.each([1e-160, 1e160])('samples of size %d become white as those of size 1 do', (size) => {
  const data = randomStream(4).fillNormal(new Float64Array(60));
  const near = whiten(matrix(20, 3, data));
  const far = whiten(
    matrix(
      20,
      3,
      data.map((value) => value * size),
    ),
  );
  expectClose(far.samples.data, near.samples.data, 1e-12);
  expectClose(
    far.inverse.data.map((value) => value / size),
    near.inverse.data,
    1e-12,
  );
});

test('white samples stay as they are', () => {
  const square = matrix(4, 2, Float64Array.of(1, 1, 1, -1, -1, 1, -1, -1));
  const { samples, mean } = whiten(square);
  expect(Array.from(mean)).toEqual([0, 0]);
  samples.data.forEach((value, at) => expect(value).toBeCloseTo(square.data[at]!, 14));
});

test('refuses what cannot be white: a coordinate that follows from another, one sample, NaN', () => {
  const doubled = matrix(3, 2, Float64Array.of(1, 2, 3, 6, -2, -4));
  expect(() => whiten(doubled)).toThrow(/whiten: expected 3 samples that vary in all 2 directions/);
  expect(() => whiten(matrix(1, 2, Float64Array.of(1, 2)))).toThrow(/vary in all 2 directions/);
  expect(() => whiten(matrix(2, 1, Float64Array.of(1, NaN)))).toThrow(/expected finite samples/);
});
