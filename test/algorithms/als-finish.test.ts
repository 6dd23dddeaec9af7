// What als says about its answer: which starts came to the same components, and where two components cancel each other.
import { describe, expect, test } from 'vitest';
import {
  decompose as decomposeBy,
  type DecomposeOptions,
  dense,
  factorMatchScore,
  relativeError,
  toDense,
  type BackendKind,
  type DenseTarget,
  type Kruskal,
} from '../../src/index.js';
import { svd } from '../../src/linalg/svd.js';
import { addNoise, plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { kruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';

const decompose = (target: DenseTarget, options: DecomposeOptions = {}) =>
  decomposeBy(target, { algorithm: 'als', ...options });

const backends: BackendKind[] = ['cpu', 'webgpu'];
const planted = (shape: readonly number[], rank: number, seed: number, noise = 0, more = {}) =>
  plantedCp({ shape, rank, seed, noise, ...more });
const targetOf = ({ tensor }: ReturnType<typeof plantedCp>): DenseTarget => dense(tensor.shape, tensor.data);

/** a∘a∘b + a∘b∘a + b∘a∘a and `extra` other orthogonal components, along the axes of a space of `dim` dimensions: border rank 2 + extra. */
function degenerate(dim: number, extra: number): Kruskal {
  const rows = [[0, 0, 1], [0, 1, 0], [1, 0, 0], ...Array.from({ length: extra }, (_, k) => [2 + k, 2 + k, 2 + k])];
  const factor = (mode: number) => {
    const data = new Float64Array(dim * rows.length);
    rows.forEach((row, r) => (data[row[mode]! * rows.length + r] = 1));
    return matrix(dim, rows.length, data);
  };
  return kruskal(new Float64Array(rows.length).fill(1), [0, 1, 2].map(factor));
}

describe.each(backends)('%s', (backend) => {
  test.each([
    { shape: [9, 8, 7], rank: 3, noise: 0, seed: 1 },
    { shape: [12, 10, 8], rank: 4, noise: 0.01, seed: 2 },
    { shape: [12, 3, 9], rank: 2, noise: 0.1, seed: 3 },
  ])('rank $rank of shape $shape under noise $noise', async ({ shape, rank, noise, seed }) => {
    const problem = planted(shape, rank, seed, noise);
    const result = await decompose(targetOf(problem), { rank, seed, backend });
    expect([result.rank, result.width, result.stop]).toEqual([rank, rank, 'converged']);
    expect(result.relativeError).toBeLessThanOrEqual(relativeError(problem.truth, problem.tensor) + 1e-12);
    expect(factorMatchScore(result.kruskal, problem.truth)).toBeGreaterThan(0.95);
    const steps = result.history.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

test('the W tensor at rank 2 is said to have no best approximation, and is exact at rank 3', async () => {
  const tensor = toDense(degenerate(3, 0));
  const target = dense(tensor.shape, tensor.data);
  const two = await decompose(target, { rank: 2, seed: 1, backend: 'cpu', starts: 2 });
  expect(two.stop).toBe('stalled');
  expect(two.advice).toMatch(/^Two components cancel each other \(cosine -0\.99.*infimum, which no model reaches/);
  const three = await decompose(target, { rank: 3, seed: 1, backend: 'cpu' });
  // Exact, in infinitely many ways.
  expect([three.stop, three.advice]).toEqual(['stalled', expect.stringContaining('not determined')]);
  expect(three.relativeError).toBeLessThan(1e-11);
});

test('a rank above the noise does not come to the same components, and says so', async () => {
  const target = targetOf(planted([8, 7, 6], 2, 4, 0.3));
  const { stop, advice, starts } = await decompose(target, { rank: 6, seed: 1, backend: 'cpu', starts: 3 });
  expect(starts.compared).toBe('models');
  expect(starts.agreeing).toBeLessThan(3);
  if (stop === 'stalled') expect(advice).toMatch(/better model of this rank may exist|cancel/);
});

test.each([
  { dim: 6, extra: 0, noise: 0 },
  { dim: 6, extra: 0, noise: 0.1 },
  { dim: 8, extra: 2, noise: 0.01 },
])('border rank at dim $dim with $extra more components and noise $noise', async ({ dim, extra, noise }) => {
  const tensor = addNoise(toDense(degenerate(dim, extra)), { level: noise, seed: 3 });
  const { stop, advice } = await decompose(dense(tensor.shape, tensor.data), { rank: 2 + extra, backend: 'cpu' });
  expect(stop).toBe('stalled');
  expect(advice).toContain('infimum');
});

test.each([1, 2, 3, 4])('what is not degenerate is not called so, seed %i', async (seed) => {
  const problem = planted([10, 9, 8], 3, seed, 0.01, { collinearity: seed % 2 === 0 ? 0.9 : 0.3 });
  const result = await decompose(targetOf(problem), { rank: 3, seed, backend: 'cpu' });
  expect(result.stop).toBe('converged');
  expect(result.relativeError).toBeLessThan(relativeError(problem.truth, problem.tensor) * 1.001);
  expect(result.starts.compared).toBe('models');
});

test('opposite components of a tensor of that rank are exact, not degenerate', async () => {
  const u = planted([6, 6, 6], 1, 1).truth.factors.map(({ data }) => data);
  const near = planted([6, 6, 6], 1, 2).truth.factors.map(({ data }) => data);
  const factors = u.map((column, mode) =>
    matrix(
      6,
      2,
      [...column].flatMap((value, i) => [value, value + 0.05 * near[mode]![i]!]),
    ),
  );
  const { shape, data } = toDense(kruskal([1, -1], factors));
  const result = await decompose(dense(shape, data), { rank: 2, seed: 1, backend: 'cpu' });
  expect(result.stop).toBe('converged');
  expect(result.relativeError).toBeLessThan(1e-10);
});

test('a rank must be given, or a model to begin at', async () => {
  const problem = planted([5, 4, 3], 2, 1);
  await expect(decompose(targetOf(problem))).rejects.toThrow(
    "als: expected a rank, got 'auto'. It fits the rank that it is given. Give rank, or leave out algorithm, so that the rank is found.",
  );
  const { rank, stop } = await decompose(targetOf(problem), { init: problem.truth, backend: 'cpu' });
  expect([rank, stop]).toEqual([2, 'converged']);
});

describe('matrices', () => {
  const matrixOf = (rows: number, columns: number, noise: number) => planted([rows, columns], 3, 2, noise).tensor;

  test.each(backends)(
    'the error is that of the singular values, and components are said not to be unique, %s',
    async (backend) => {
      const { shape, data } = matrixOf(14, 10, 0.2);
      const { values } = svd(matrix(14, 10, data));
      const square = (from: number): number => values.slice(from).reduce((sum, value) => sum + value * value, 0);
      const result = await decompose(dense(shape, data), { rank: 3, seed: 1, backend });
      expect(result.relativeError).toBeCloseTo(Math.sqrt(square(3) / square(0)), 12);
      expect(result.advice).toContain('not unique');
      const exact = matrixOf(14, 10, 0);
      const found = await decompose(dense(exact.shape, exact.data), { rank: 3, backend });
      expect([found.rank, found.stop]).toEqual([3, 'converged']);
      expect(found.relativeError).toBeLessThan(1e-12);
    },
  );

  test('a singular value decomposition gives the matrix back, with orthonormal factors, however small the values', () => {
    for (const [rows, columns] of [
      [7, 4],
      [4, 7],
      [5, 5],
      [3, 1],
    ] as const) {
      const random = randomStream(rows);
      const scales = [1, 1e-5, 1e-10, 1, 1, 1, 1];
      const a = matrix(
        rows,
        columns,
        Float64Array.from({ length: rows * columns }, (_, at) => random.normal() * scales[at % columns]!),
      );
      const { u, values, v } = svd(a);
      const back = toDense(kruskal(values, [u, v]));
      back.data.forEach((value, at) => expect(Math.abs(value - a.data[at]!)).toBeLessThan(1e-14));
      values.slice(1).forEach((value, k) => expect(value).toBeLessThanOrEqual(values[k]!));
      for (const factor of [u, v]) {
        for (let k = 0; k < values.length; k++) {
          let product = 0;
          for (let i = 0; i < factor.rows; i++)
            product += factor.data[i * factor.columns + k]! * factor.data[i * factor.columns]!;
          expect(product).toBeCloseTo(k === 0 ? 1 : 0, 12);
        }
      }
    }
  });
});
