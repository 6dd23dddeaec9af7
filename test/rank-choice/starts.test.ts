// Where fits begin: the algebraic solution is exact without noise, singular vectors are those of the unfoldings, and a sweep never raises
// the error.
import { describe, expect, test } from 'vitest';
import { leftSpectrum } from '../../src/compression/left-spectrum.js';
import { columnProducts } from '../../src/tensor/matrix.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import {
  algebraicStart,
  alternate,
  randomStart,
  singularVectorStart,
  squaredError as squaredErrorSteps,
} from '../../src/rank-choice/starts.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';
import { expectClose } from '../support/close.js';
import { squaredDistance } from '../support/squared-distance.js';

const squaredError = (...given: Parameters<typeof squaredErrorSteps>) => finished(squaredErrorSteps(...given));

const secondLongest = (shape: readonly number[]): number => [...shape].sort((a, b) => b - a)[1] ?? 0;

const shapes = [
  [8, 7, 6],
  [6, 9, 2],
  [5, 5, 5],
  [3, 4, 5, 6],
  [7, 2, 2, 7],
  [3, 3, 4, 4, 3],
  [2, 2, 2, 2, 2],
];

describe('the algebraic start', () => {
  const grid = shapes.flatMap((shape) =>
    Array.from({ length: secondLongest(shape) - 1 }, (_, k) => ({ shape, rank: k + 2 })),
  );

  test.each(casesOf(grid, grid.length).map((one) => [one] as const))('is exact without noise: %j', (one) => {
    for (const seed of [1, 2, 3]) {
      const { tensor } = plantedCp({ ...one, seed });
      const start = finished(algebraicStart(tensor, one.rank, randomStream(seed)));
      expect(start?.weights.length).toBe(one.rank);
      // Random factors of these sizes have condition numbers up to some 1e3, and so has the distance of the eigenvalues: their product times
      // rounding, and once more for the square.
      if (!start) continue;
      expect(
        squaredError(tensor, start) / squaredError(tensor, { ...start, weights: new Float64Array(one.rank) }),
      ).toBeLessThan(1e-16);
    }
  });

  test('needs two modes of that many directions, and a third mode', () => {
    const random = randomStream(1);
    for (const shape of shapes) {
      const { tensor } = plantedCp({ shape, rank: 2, seed: 1 });
      expect(finished(algebraicStart(tensor, secondLongest(shape) + 1, random))).toBeUndefined();
    }
    const matrix = plantedCp({ shape: [6, 7], rank: 2, seed: 1 }).tensor;
    expect(finished(algebraicStart(matrix, 2, random))).toBeUndefined();
    const thin = plantedCp({ shape: [6, 7, 1], rank: 2, seed: 1 }).tensor;
    expect(finished(algebraicStart(thin, 2, random))).toBeUndefined();
  });

  test('gives finite components also where the pencil has complex eigenvalues', () => {
    for (let seed = 0; seed < 20; seed++) {
      const shape = [4, 4, 4];
      const data = randomStream(seed).fillNormal(new Float64Array(64));
      const start = finished(algebraicStart({ shape, data }, 4, randomStream(seed, 1)));
      for (const factor of start?.factors ?? []) expect(factor.data.every(Number.isFinite)).toBe(true);
    }
  });
});

test('the start of singular vectors has those of the unfoldings, and random columns beyond', () => {
  const { tensor } = plantedCp({ shape: [4, 6, 3], rank: 5, seed: 2 });
  const { factors } = finished(singularVectorStart(tensor, 5, randomStream(1)));
  factors.forEach((factor, mode) => {
    const rows = tensor.shape[mode]!;
    const count = Math.min(5, rows);
    const expected = finished(finished(leftSpectrum(tensor, mode)).leading(count));
    for (let i = 0; i < rows; i++) {
      expect(Array.from(factor.data.subarray(i * 5, i * 5 + count))).toEqual(
        Array.from(expected.data.subarray(i * count, (i + 1) * count)),
      );
    }
    const norms = columnProducts(factor, factor);
    for (let r = count; r < 5; r++) expect(norms.data[r * 6]).toBeGreaterThan(0);
  });
});

describe('alternate', () => {
  test.each(shapes.map((shape) => [shape] as const))('of shape %j never raises the error', (shape) => {
    for (const rank of [1, 2, 4]) {
      const { tensor } = plantedCp({ shape, rank: 3, noise: 0.3, seed: rank });
      const start = randomStart(tensor, rank, randomStream(rank, 3));
      let before = Infinity;
      for (let sweeps = 1; sweeps <= 8; sweeps++) {
        const error = squaredError(tensor, finished(alternate(tensor, start, { sweeps, tolerance: 0 })));
        // The ridge of 1e-10 of the normal equations may raise it by about as much.
        expect(error).toBeLessThanOrEqual(before * (1 + 1e-9));
        before = error;
      }
    }
  });

  test('leaves an exact model as it is, and ends by its tolerance: here after the second sweep, the first with an error before', () => {
    const { tensor, truth } = plantedCp({ shape: [6, 7, 8], rank: 3, seed: 1 });
    const after = finished(alternate(tensor, truth, { sweeps: 10, tolerance: 1e-5 }));
    expect(squaredError(tensor, after)).toBeLessThan(1e-18);
    expect(finished(alternate(tensor, randomStart(tensor, 3, randomStream(1)), { sweeps: 2, tolerance: 1 }))).toEqual(
      finished(alternate(tensor, randomStart(tensor, 3, randomStream(1)), { sweeps: 5, tolerance: 1 })),
    );
  });

  test('leaves its start untouched', () => {
    const { tensor } = plantedCp({ shape: [4, 5, 6], rank: 2, seed: 1 });
    const start = randomStart(tensor, 2, randomStream(1));
    const copy = structuredClone(start);
    finished(alternate(tensor, start, { sweeps: 3, tolerance: 0 }));
    expect(start).toEqual(copy);
  });
});

test('squaredError is the sum of the squares of all cells, weights included', () => {
  for (const shape of shapes) {
    const { tensor, truth } = plantedCp({ shape, rank: 3, noise: 0.5, seed: 4, weights: [3, -2, 0.5] });
    expectClose(squaredError(tensor, truth), squaredDistance(tensor, truth), 1e-12);
  }
});
