// The staged solver finds the exact rank, whatever makes the instance hard: by its flow alone, and with the algebraic start.
import { describe, expect, test } from 'vitest';
import { decompose, factored, factorMatchScore, openBackend, type BackendKind } from '../../src/index.js';
import { plantedSymmetric, type PlantedSymmetricOptions } from '../../src/problems/index.js';
import { symmetricGolden } from '../support/golden.js';
import { casesOf } from '../support/all.js';

const problems: Omit<PlantedSymmetricOptions, 'seed'>[] = [
  { order: 3, dim: 10, rank: 4 },
  { order: 3, dim: 20, rank: 10 },
  { order: 4, dim: 20, rank: 10 },
  { order: 5, dim: 10, rank: 4 },
  { order: 3, dim: 20, rank: 5, ratio: 3 },
  { order: 4, dim: 20, rank: 5, ratio: 5 },
  { order: 3, dim: 20, rank: 5, ratio: 10 },
  { order: 4, dim: 20, rank: 5, ratio: 10 },
  { order: 3, dim: 20, rank: 4, cosine: 0.6 },
  { order: 3, dim: 20, rank: 4, cosine: 0.8 },
  { order: 3, dim: 20, rank: 4, cosine: 0.9 },
  { order: 4, dim: 20, rank: 4, cosine: 0.9 },
  { order: 3, dim: 8, rank: 10 },
  { order: 4, dim: 10, rank: 12 },
];

/** Without the algebraic start, which leaves the flow nothing to do where there are no more components than dimensions. */
const flow = { kind: 'staged', compress: false } as const;

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  test.each(kind === 'cpu' ? problems : casesOf(problems, 4))('%o', async (problem) => {
    using backend = await openBackend(kind);
    for (const seed of casesOf([0, 1, 2, 3, 4], 1)) {
      const { truth } = plantedSymmetric({ ...problem, seed });
      const result = await decompose(factored({ ...truth, dim: problem.dim }), { algorithm: flow, seed, backend });
      const score = factorMatchScore(result.kruskal, truth);
      const exact = result.relativeError <= 1e-8 && score > 0.999;
      expect({ seed, rank: result.rank, stop: result.stop, exact }).toEqual({
        seed,
        rank: problem.rank,
        stop: 'converged',
        exact: true,
      });
    }
    expect(backend.liveBuffers).toBe(0);
  });

  test.each(symmetricGolden)('golden target: $name', async ({ target }) => {
    const run = { algorithm: flow, seed: 1, backend: kind };
    const result = await decompose(factored({ ...target, dim: target.vectors.columns }), run);
    expect(result.rank).toBe(target.weights.length);
    expect(result.relativeError).toBeLessThan(1e-8);
    expect(factorMatchScore(result.kruskal, target)).toBeGreaterThan(0.999);
  });
});

test('fifty components in 200 dimensions', { timeout: 120_000 }, async () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 200, rank: 50, seed: 1 });
  const result = await decompose(factored({ ...truth, dim: 200 }), { seed: 1, backend: 'cpu' });
  expect([result.rank, result.relativeError <= 1e-8]).toEqual([50, true]);
  expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.999);
});
