// White noise in the spectrum of an unfolding: the Marchenko-Pastur median by another quadrature, the edge against simulated noise, and the
// number of planted singular values.
import { describe, expect, test } from 'vitest';
import { marchenkoPasturMedian, noiseEdge, noiseRank } from '../../src/compression/noise-spectrum.js';
import { multiply } from '../../src/linalg/algebra.js';
import { symmetricEigen } from '../../src/linalg/eigen.js';
import { qr } from '../../src/linalg/qr.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { rowProducts, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { casesOf } from '../support/all.js';

const gaussian = (random: RandomStream, rows: number, columns: number): Matrix => ({
  rows,
  columns,
  data: random.fillNormal(new Float64Array(rows * columns)),
});

/** Eigenvalues of A·Aᵀ, descending. */
const spectrumOf = (a: Matrix): Float64Array => symmetricEigen(rowProducts(a, a)).values;

describe('the Marchenko-Pastur median', () => {
  test('of square noise, where it is 2 + 2 cos φ with φ − sin φ = π/2', () => {
    let phi = Math.PI / 2;
    for (let k = 0; k < 100; k++) phi = Math.PI / 2 + Math.sin(phi);
    expect(Math.abs(marchenkoPasturMedian(1) - (2 + 2 * Math.cos(phi)))).toBeLessThan(1e-3);
  });

  test.each([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1])('half of the law with ratio %f lies below', (ratio) => {
    // x = 1 + β + 2 √β cos θ turns the density into (2/π) sin²θ / x: smooth, so that Simpson's rule is exact to many digits.
    const median = marchenkoPasturMedian(ratio);
    const from = Math.acos((median - 1 - ratio) / (2 * Math.sqrt(ratio)));
    const cells = 2000;
    const step = (Math.PI - from) / cells;
    let mass = 0;
    for (let k = 0; k <= cells; k++) {
      const theta = from + k * step;
      const x = 1 + ratio + 2 * Math.sqrt(ratio) * Math.cos(theta);
      const density = ((2 / Math.PI) * Math.sin(theta) ** 2) / Math.max(x, 1e-12);
      mass += density * (k === 0 || k === cells ? 1 : k % 2 === 1 ? 4 : 2);
    }
    // Three digits of the median, times the density there, which is below 1 / √β.
    expect(Math.abs((mass * step) / 3 - 0.5)).toBeLessThan(1e-3 / Math.sqrt(ratio));
  });

  test('the middle eigenvalue of simulated noise is there, to the distance of two eigenvalues', () => {
    const rows = 40;
    const columns = 100;
    const draws = 20;
    const random = randomStream(1);
    const all = Array.from({ length: draws }, () => spectrumOf(gaussian(random, rows, columns)));
    const mean = (i: number): number => all.reduce((sum, values) => sum + values[i]!, 0) / draws;
    const middle = (mean(19) + mean(20)) / 2;
    expect(Math.abs(middle - columns * marchenkoPasturMedian(rows / columns))).toBeLessThan(mean(19) - mean(20));
  });
});

describe('the noise edge', () => {
  // The Tracy-Widom law of real noise (order 1): 1.04 % beyond 2. Of finite noise less is beyond: the law holds best with √(n − ½) for √n
  // (Ma, "Accuracy of the Tracy-Widom limits", Bernoulli 18, 2012), which moves this edge by (1/√a + 1/√b)^{2/3} / 2, here a quarter of a
  // unit: 0.7 %. Of 3,000 that is 21 to 31, with three standard deviations 7 to 48; one unit less or more gives 96 or 3.
  test('is exceeded by about 1 % of noise', () => {
    const runs = 3000;
    const rows = 20;
    const columns = 60;
    const edge = noiseEdge(rows, columns);
    const random = randomStream(2);
    let above = 0;
    for (let run = 0; run < runs; run++) if (spectrumOf(gaussian(random, rows, columns))[0]! > edge) above++;
    expect(above).toBeGreaterThanOrEqual(7);
    expect(above).toBeLessThanOrEqual(48);
  });
});

describe('noiseRank', () => {
  /** Noise and k singular values that are equal, of `times` the edge of the noise. */
  function planted(seed: number, k: number, rows: number, columns: number, times: number): Float64Array {
    const random = randomStream(seed);
    const left = qr(gaussian(random, rows, Math.max(1, k))).q;
    const right = qr(gaussian(random, columns, Math.max(1, k))).q;
    const signal = multiply(left, transpose(right));
    const strength = k === 0 ? 0 : times * Math.sqrt(noiseEdge(rows, columns));
    const noise = gaussian(random, rows, columns);
    return spectrumOf({ ...noise, data: noise.data.map((value, at) => value + strength * signal.data[at]!) });
  }

  test.each([
    [40, 300, 5],
    // A bulk of ten to twenty values has a median, and so a σ², that varies as well: four of five are found, the others seen as structure.
    [20, 20, 12],
    [60, 61, 5],
  ])('of [%i, %i] finds as many as were planted', (rows, columns, allowed) => {
    const seeds = casesOf(
      Array.from({ length: 60 }, (_, seed) => seed),
      20,
    );
    const most = Math.floor(rows / 2);
    const misses = seeds.filter((seed) => {
      const k = seed % (most + 1);
      return noiseRank(planted(seed, k, rows, columns, 2), columns) !== k;
    });
    // Each end of the bulk is passed by 99 %: more than 5 misses of 60, or 3 of 20, have a probability below 1 %.
    expect(misses.length).toBeLessThanOrEqual(seeds.length > 20 ? allowed : Math.ceil(allowed / 2));
  });

  test('equal components are no bulk, although none of them stands out from the others', () => {
    const columns = 1000;
    const bulk = spectrumOf(gaussian(randomStream(3), 10, columns - 20));
    const values = Float64Array.of(...new Array<number>(20).fill(100 * columns), ...bulk);
    expect(noiseRank(values, columns)).toBe(20);
  });

  // A fifth of the values, and five at least, fall here by 16, 3 and 7; those of noise with ten times as many columns by less than 2.
  test.each([
    [10, 0.5],
    [30, 0.8],
    [100, 0.9],
  ])('%i values that fall evenly, each to %f of the last, have none', (rows, ratio) => {
    expect(
      noiseRank(
        Float64Array.from({ length: rows }, (_, i) => ratio ** i),
        10 * rows,
      ),
    ).toBeUndefined();
  });

  test('four values are no bulk', () => {
    expect(noiseRank(spectrumOf(gaussian(randomStream(4), 4, 50)), 50)).toBeUndefined();
  });

  test('does not depend on the unit', () => {
    const values = planted(5, 3, 30, 100, 2);
    for (const unit of [1e-200, 1e-8, 1e8, 1e200]) {
      expect(
        noiseRank(
          values.map((value) => value * unit),
          100,
        ),
      ).toBe(3);
    }
  });
});
