// The staged solver on entries and samples instead of factors: the exact rank without being told, also under noise.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  denseSymmetric,
  factorMatchScore,
  moments,
  openBackend,
  packKruskal,
  symmetricNorm,
  type BackendKind,
  type SymmetricTensor,
} from '../../src/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { multiplicity, packedIndex } from '../../src/tensor/symmetric.js';
import { casesOf } from '../support/all.js';

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  test.each([
    { order: 3, dim: 8, rank: 5 },
    { order: 4, dim: 5, rank: 4 },
    { order: 3, dim: 6, rank: 8 },
    { order: 3, dim: 8, rank: 4, ratio: 5 },
  ])('exact entries: %o', async (problem) => {
    using backend = await openBackend(kind);
    for (const seed of casesOf([0, 1], 1)) {
      const { truth } = plantedSymmetric({ ...problem, seed });
      const algorithm = { kind: 'staged', compress: false } as const;
      const result = await decompose(denseSymmetric(packKruskal(truth)), { algorithm, seed, backend });
      const score = factorMatchScore(result.kruskal, truth);
      expect([seed, result.rank, result.stop, result.relativeError <= 1e-8, score > 0.999]).toEqual([
        seed,
        problem.rank,
        'converged',
        true,
        true,
      ]);
    }
    expect(backend.liveBuffers).toBe(0);
  });

  test.each([0.01, 0.1])('noise of %d: the rank stays, the error is the noise', async (level) => {
    const dim = 10;
    const rank = 4;
    const { truth } = plantedSymmetric({ order: 3, dim, rank, seed: 3 });
    const target = denseSymmetric(noisy(packKruskal(truth), level, 5));
    const result = await decompose(target, { seed: 1, backend: kind });
    expect([result.rank, result.stop]).toEqual([rank, 'converged']);
    // The fit takes rank · dim of the 220 free numbers out of the noise: √(1 − 40/220) = 0.90 of it is left.
    expect(result.relativeError).toBeGreaterThan(0.8 * level);
    expect(result.relativeError).toBeLessThan(level);
    expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(1 - 2 * level);
  });

  test('the sources of a mixture, from the fourth cumulant of white samples', async () => {
    const dim = 5;
    const count = 20_000;
    const random = randomStream(2);
    // Independent uniform sources of variance 1, excess kurtosis −1.2, along the coordinate axes.
    const data = Float64Array.from({ length: dim * count }, () => Math.sqrt(12) * (random.uniform() - 0.5));
    const target = moments({ order: 4, samples: { rows: count, columns: dim, data }, cumulant: true });
    const result = await decompose(target, { seed: 1, backend: kind });
    const axes = Float64Array.from({ length: dim * dim }, (_, at) => (at % (dim + 1) === 0 ? 1 : 0));
    const truth = {
      order: 4,
      weights: new Float64Array(dim).fill(-1.2),
      vectors: { rows: dim, columns: dim, data: axes },
    };
    expect([result.rank, result.stop]).toEqual([dim, 'converged']);
    expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.95);
  });
});

test('more components than dimensions are found in the space that they span', async () => {
  for (const seed of [7, 8]) {
    const { truth } = plantedSymmetric({ order: 3, dim: 5, rank: 6, seed });
    // In the first 5 of 12 coordinates.
    const data = Float64Array.from({ length: 6 * 12 }, (_, at) => {
      const i = at % 12;
      return i < 5 ? truth.vectors.data[Math.floor(at / 12) * 5 + i]! : 0;
    });
    const planted = { ...truth, vectors: { rows: 6, columns: 12, data } };
    const result = await decompose(denseSymmetric(packKruskal(planted)), { seed, backend: 'cpu' });
    const match = factorMatchScore(result.kruskal, planted) > 0.999;
    expect([seed, result.rank, result.relativeError < 1e-8, match]).toEqual([seed, 6, true, true]);
  }
});

test('samples too many dimensions to be formed are streamed', { timeout: 60_000 }, async () => {
  // C(143, 4) = 16.7 million entries: more than are ever formed. Two point masses, third and fourth moments are exact.
  const dim = 140;
  const vectors = randomStream(1).unitVectors(2, dim);
  const target = moments({ order: 4, samples: vectors, weights: [0.7, 0.3] });
  const result = await decompose(target, { rank: 2, seed: 1, backend: 'cpu' });
  const truth = { order: 4, weights: Float64Array.of(0.7, 0.3), vectors };
  expect(result.rank).toBe(2);
  expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.999);
});

/** Independent normal entries, as large as a share of the tensor's norm. */
function noisy(tensor: SymmetricTensor, share: number, seed: number): SymmetricTensor {
  const random = randomStream(seed);
  const { order } = tensor;
  const data = tensor.data.map((_, at) => random.normal() / Math.sqrt(multiplicity(packedIndex(at, order))));
  const scale = (share * symmetricNorm(tensor)) / symmetricNorm({ ...tensor, data });
  return { ...tensor, data: tensor.data.map((value, at) => value + scale * data[at]!) };
}
