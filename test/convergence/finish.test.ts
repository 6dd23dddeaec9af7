// Every search is finished in float64: the flows that end with many components and an error of a percent give the exact rank too,
// without being told; and finish: 'none' leaves them as they are.
import { describe, expect, test } from 'vitest';
import { decompose, denseSymmetric, factored, factorMatchScore, openBackend, packKruskal } from '../../src/index.js';
import type { BackendKind } from '../../src/index.js';
import { addSymmetricNoise, orthogonal } from '../../src/problems/index.js';

const sizes = [
  { order: 3, dim: 8, rank: 4 },
  { order: 4, dim: 6, rank: 4 },
];
const flows = ['deflation', 'beyondLazy', 'vanilla'] as const;

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  // The flow of deflation on the GPU takes seconds per seed in software; the cpu lane has all ten.
  const seeds = kind === 'cpu' ? 10 : 2;

  test.each(flows.flatMap((algorithm) => sizes.map((size) => ({ algorithm, ...size }))))(
    '$algorithm, order $order, finds the rank',
    async ({ algorithm, ...size }) => {
      using backend = await openBackend(kind);
      for (let seed = 0; seed < seeds; seed++) {
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
