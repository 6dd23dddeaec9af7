// Orthogonal components of equal or nearly equal weights, the case after whitening, given by entries and by samples: the exact rank
// without being told. Each explains a share that nothing but the others tells from noise. All sizes, ratios and seeds: npm run
// reproduce -- orthogonal.
import { describe, expect, test } from 'vitest';
import { decompose, denseSymmetric, factorMatchScore, moments, openBackend, packKruskal } from '../../src/index.js';
import type { BackendKind, SymmetricKruskal } from '../../src/index.js';
import { addSymmetricNoise, orthogonal } from '../../src/problems/index.js';
import { casesOf } from '../support/all.js';

const sizes = [
  { order: 3, dim: 2, rank: 2 },
  { order: 3, dim: 3, rank: 3 },
  { order: 3, dim: 5, rank: 5 },
  { order: 3, dim: 8, rank: 8 },
  { order: 3, dim: 8, rank: 4 },
  { order: 3, dim: 12, rank: 12 },
  { order: 4, dim: 4, rank: 4 },
  { order: 4, dim: 6, rank: 3 },
];

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  test.each(kind === 'cpu' ? sizes : casesOf(sizes, 2))('%o', async (size) => {
    using backend = await openBackend(kind);
    for (const [seed, ratio] of casesOf([1, 1, 1.1, 1.3], 2).entries()) {
      const { truth } = orthogonal({ ...size, ratio, mixedSigns: seed % 2 === 1, seed });
      const target = denseSymmetric(packKruskal(truth));
      const flow = { kind: 'staged', compress: false } as const;
      for (const algorithm of [flow, 'staged'] as const) {
        expectExact({ seed, ratio, algorithm }, await decompose(target, { algorithm, seed, backend }), truth);
      }
    }
    expect(backend.liveBuffers).toBe(0);
  });
});

function expectExact(
  which: object,
  { kruskal, rank, relativeError, stop }: Awaited<ReturnType<typeof decompose>>,
  truth: SymmetricKruskal,
): void {
  const found = { rank, exact: relativeError <= 1e-8, match: factorMatchScore(kruskal, truth) > 0.999, stop };
  const right = { rank: truth.weights.length, exact: true, match: true, stop: 'converged' };
  expect({ ...which, ...found }).toEqual({ ...which, ...right });
}

test.each(sizes)('as a moment: %o', async (size) => {
  for (const seed of casesOf([0, 1, 2, 3, 4], 1)) {
    const { truth } = orthogonal({ ...size, seed });
    const target = moments({ order: size.order, samples: truth.vectors, weights: truth.weights });
    for (const compress of [false, true]) {
      const algorithm = { kind: 'staged', compress } as const;
      expectExact({ seed, compress }, await decompose(target, { algorithm, seed, backend: 'cpu' }), truth);
    }
  }
});

test.each(sizes)('with 1 %% noise: %o', async (size) => {
  for (const seed of casesOf([0, 1, 2, 3, 4], 1)) {
    const { truth } = orthogonal({ ...size, ratio: 1 + 0.05 * seed, seed });
    const target = denseSymmetric(addSymmetricNoise(packKruskal(truth), { level: 0.01, seed }));
    const { kruskal, rank, relativeError } = await decompose(target, { seed, backend: 'cpu' });
    const isClose = relativeError <= 0.01 && factorMatchScore(kruskal, truth) > 0.99;
    expect({ seed, rank, isClose }).toEqual({ seed, rank: size.rank, isClose: true });
  }
});

test('a rank that is given is the rank of the result, at most', async () => {
  const { truth } = orthogonal({ order: 3, dim: 8, rank: 8, seed: 1 });
  const target = denseSymmetric(packKruskal(truth));
  const all = await decompose(target, { rank: 8, seed: 1, backend: 'cpu' });
  expectExact({}, all, truth);
  const few = await decompose(target, { rank: 3, seed: 1, backend: 'cpu' });
  // Three of eight equal components: the best that rank 3 can do, and too little to vouch for.
  expect([few.rank, few.stop]).toEqual([3, 'stalled']);
  expect(few.relativeError).toBeCloseTo(Math.sqrt(5 / 8), 6);
});

test('what is left is not called noise where it may hide components', async () => {
  // Noise alone: whatever is found, nothing speaks for it.
  const truth = orthogonal({ order: 3, dim: 6, rank: 1, seed: 1 }).truth;
  const noise = addSymmetricNoise(packKruskal(truth), { level: 30, seed: 3 });
  const result = await decompose(denseSymmetric(noise), { seed: 1, backend: 'cpu' });
  expect(result.stop).toBe('stalled');
  expect(result.advice).not.toContain('tolerance was reached');
});

test('a tensor of border rank 2 is said to have no best fit at rank 2', async () => {
  // a∘a∘b, the mean over its orders: the limit of tensors of rank 2 whose two components cancel.
  const data = [0, 1 / 3, 0, 0];
  const target = denseSymmetric({ order: 3, dim: 2, data: Float64Array.from(data) });
  const two = await decompose(target, { rank: 2, seed: 1, backend: 'cpu' });
  expect([two.rank, two.stop]).toEqual([2, 'stalled']);
  expect(two.advice).toContain('cancel');
});
