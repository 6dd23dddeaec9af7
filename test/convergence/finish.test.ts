// Every search is finished in float64: the flows that end with many components and an error of a percent give the exact rank too,
// without being told; and finish: 'none' leaves them as they are.
import { describe, expect, test } from 'vitest';
import { decompose, denseSymmetric, factored, factorMatchScore, openBackend, packKruskal } from '../../src/index.js';
import type { BackendKind } from '../../src/index.js';
import { addSymmetricNoise, orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import { casesOf } from '../support/all.js';

const sizes = [
  { order: 3, dim: 8, rank: 4 },
  { order: 4, dim: 6, rank: 4 },
];
const flows = ['deflation', 'beyondLazy', 'vanilla'] as const;

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  // The flow of deflation on the GPU takes seconds per seed in software.
  const seeds = casesOf(Array.from(Array(10).keys()), kind === 'cpu' ? 3 : 1);

  test.each(flows.flatMap((algorithm) => sizes.map((size) => ({ algorithm, ...size }))))(
    '$algorithm, order $order, finds the rank',
    async ({ algorithm, ...size }) => {
      using backend = await openBackend(kind);
      for (const seed of seeds) {
        const { truth } = orthogonal({ ...size, seed });
        const target = denseSymmetric(packKruskal(truth));
        const { rank, relativeError, stop, kruskal } = await decompose(target, { algorithm, seed, backend });
        const found = {
          seed,
          rank,
          stop,
          exact: relativeError <= 1e-8,
          match: factorMatchScore(kruskal, truth) > 0.999,
        };
        expect(found).toEqual({ seed, rank: size.rank, stop: 'converged', exact: true, match: true });
      }
      expect(backend.liveBuffers).toBe(0);
    },
  );
});

const size = { order: 3, dim: 8, rank: 4 };
const { truth } = orthogonal({ ...size, seed: 1 });

test("finish: 'none' leaves all components of the search", async () => {
  const target = factored({ ...truth, dim: size.dim });
  const { rank, width, relativeError } = await decompose(target, {
    algorithm: 'vanilla',
    finish: 'none',
    backend: 'cpu',
  });
  expect([rank, width]).toEqual([8, 8]);
  expect(relativeError).toBeGreaterThan(1e-6);
});

test('a rank that is given is the rank of the result', async () => {
  const target = factored({ ...truth, dim: size.dim });
  const { rank, stop } = await decompose(target, { algorithm: 'vanilla', rank: 2, width: 8, backend: 'cpu' });
  expect(rank).toBe(2);
  expect(stop).not.toBe('converged');
});

test('what a single flow leaves of noisy entries is not called noise', async () => {
  const target = denseSymmetric(addSymmetricNoise(packKruskal(truth), { level: 1e-3, seed: 1 }));
  const { stop, advice, relativeError } = await decompose(target, { algorithm: 'beyondLazy', seed: 1, backend: 'cpu' });
  expect(relativeError).toBeLessThan(1e-2);
  expect(stop).toBe('stalled');
  expect(advice).toContain('noise or weaker components');
});

const ratio = orthogonal({ order: 3, dim: 6, rank: 3, ratio: 2, seed: 0 }).truth;
const forms = [
  { form: 'entries', target: denseSymmetric(packKruskal(ratio)) },
  { form: 'components', target: factored({ ...ratio, dim: 6 }) },
];

describe.each(forms)('a rank below that of $form', ({ target }) => {
  test.each([{ rank: 1 }, { rank: 2 }, { rank: 1, tolerance: 0.3 }, { rank: 2, maxSteps: 100 }])(
    'is kept and not vouched for: %o',
    async (options) => {
      const { rank, relativeError, stop } = await decompose(target, { ...options, backend: 'cpu' });
      expect(rank).toBeLessThanOrEqual(options.rank);
      expect(relativeError).toBeGreaterThan(0.2);
      expect(stop).not.toBe('converged');
    },
  );
});

test('a noisy tensor at its rank converges, and at a lower one does not', async () => {
  const target = denseSymmetric(addSymmetricNoise(packKruskal(ratio), { level: 0.01, seed: 1 }));
  const right = await decompose(target, { rank: 3, backend: 'cpu' });
  expect([right.rank, right.stop]).toEqual([3, 'converged']);
  expect(right.advice).toContain('noise');
  const low = await decompose(target, { rank: 2, backend: 'cpu' });
  expect([low.rank, low.stop]).toEqual([2, 'stalled']);
});

// Merged directions that fit exactly at once: the error 0 must not keep superfluous components.
test.each([
  [
    { order: 3, dim: 8, rank: 2, seed: 18 },
    { width: 20, seed: 18 },
  ],
  [
    { order: 3, dim: 4, rank: 3, seed: 18 },
    { algorithm: 'vanilla', width: 20, seed: 18 },
  ],
  [
    { order: 2, dim: 8, rank: 3, seed: 5, mixedSigns: false },
    { algorithm: 'deflation', seed: 1 },
  ],
] as const)('%o keeps no superfluous components with %o', async (problem, options) => {
  const planted = plantedSymmetric(problem).truth;
  const { rank, relativeError } = await decompose(factored({ ...planted, dim: problem.dim }), {
    ...options,
    backend: 'cpu',
  });
  expect(rank).toBe(problem.rank);
  expect(relativeError).toBeLessThan(1e-12);
});

test('the last report is of the result', async () => {
  const planted = plantedSymmetric({ order: 3, dim: 8, rank: 5, seed: 1 }).truth;
  const { history, rank } = await decompose(factored({ ...planted, dim: 8 }), { seed: 1, backend: 'cpu' });
  expect(history.at(-1)?.componentNorms).toHaveLength(rank);
  expect(history.at(-1)?.relativeError).toBeLessThan(1e-12);
});

test.each(['vanilla', 'deflation'] as const)(
  'a tolerance of 0 asks %s for an exact fit, not for less',
  async (algorithm) => {
    const target = factored({ ...ratio, dim: 6 });
    const { rank, stop } = await decompose(target, { algorithm, tolerance: 0, maxSteps: 2000, backend: 'cpu' });
    expect([rank, stop]).toEqual([3, 'converged']);
  },
);
