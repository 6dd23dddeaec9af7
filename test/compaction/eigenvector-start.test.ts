// The algebraic start of symmetric targets: exact where there are no more components than dimensions, and no answer anywhere else.
import { describe, expect, test } from 'vitest';
import { eigenvectorModel } from '../../src/compaction/eigenvector-start.js';
import { denseSymmetricView } from '../../src/handles/views/dense-symmetric-view.js';
import { factoredView } from '../../src/handles/views/factored-view.js';
import type { SymmetricView } from '../../src/handles/views/symmetric-view.js';
import { decompose, denseSymmetric, factored, factorMatchScore, packKruskal } from '../../src/index.js';
import type { SymmetricKruskal } from '../../src/index.js';
import { addSymmetricNoise, orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { finished, passed } from '../../src/yield.js';

function modelOf(view: SymmetricView): SymmetricKruskal | undefined {
  const { view: small, restore } = finished(passed(view.span()));
  const found = finished(eigenvectorModel(small, randomStream(3), { rankTolerance: 1e-7, keptShare: 1e-6 }));
  return found && restore(found);
}

const problems = [
  { order: 3, dim: 12, rank: 4 },
  { order: 4, dim: 8, rank: 8 },
  { order: 5, dim: 6, rank: 3 },
  { order: 3, dim: 20, rank: 5, ratio: 10 },
  { order: 3, dim: 20, rank: 4, cosine: 0.9 },
  { order: 3, dim: 1, rank: 1 },
];

describe.each(problems)('%o', (problem) => {
  test.each([0, 1, 2])('seed %i', (seed) => {
    const { truth } = plantedSymmetric({ ...problem, seed });
    for (const view of [factoredView(truth), denseSymmetricView(packKruskal(truth))]) {
      const found = modelOf(view);
      expect(found && view.measure(found).relativeError).toBeLessThan(1e-11);
      expect(found && factorMatchScore(found, truth)).toBeGreaterThan(1 - 1e-8);
    }
  });
});

test.each([1, 1.1])('orthogonal components, weights in ratio %d, all signs', (ratio) => {
  const { truth } = orthogonal({ order: 3, dim: 8, rank: 8, ratio, mixedSigns: true, seed: 1 });
  const found = modelOf(denseSymmetricView(packKruskal(truth)));
  expect(found && factorMatchScore(found, truth)).toBeGreaterThan(1 - 1e-12);
});

test('components that are given twice are one', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 2, seed: 1 });
  const weights = Float64Array.of(...truth.weights, ...truth.weights);
  const vectors = { rows: 4, columns: 6, data: Float64Array.of(...truth.vectors.data, ...truth.vectors.data) };
  expect(modelOf(factoredView({ order: 3, weights, vectors }))?.weights).toHaveLength(2);
});

test('no answer where there is none to be had', () => {
  const overcomplete = plantedSymmetric({ order: 3, dim: 4, rank: 5, seed: 1 }).truth;
  expect(modelOf(factoredView(overcomplete))).toBeUndefined();
  const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 3, seed: 1 });
  const noisy = addSymmetricNoise(packKruskal(truth), { level: 1e-4, seed: 2 });
  expect(modelOf(denseSymmetricView(noisy))).toBeUndefined();
  // a∘a∘b in all orders: eigenvectors coincide, and no two components reach it.
  expect(modelOf(denseSymmetricView({ order: 3, dim: 2, data: Float64Array.of(0, 1 / 3, 0, 0) }))).toBeUndefined();
  const matrix = plantedSymmetric({ order: 2, dim: 4, rank: 2, seed: 1 }).truth;
  expect(modelOf(factoredView(matrix))).toBeUndefined();
});

describe('as the first step of staged', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 30, rank: 6, seed: 4 });
  const targets = [factored({ ...truth, dim: 30 }), denseSymmetric(packKruskal(truth))];

  test.each(targets)('$kind: the exact rank without a step of the flow', async (target) => {
    const { kruskal, rank, relativeError, stop, steps } = await decompose(target, { seed: 1, backend: 'cpu' });
    expect([rank, stop, steps]).toEqual([6, 'converged', 0]);
    expect(relativeError).toBeLessThan(1e-11);
    expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-8);
  });

  test('a component of 1e-7 is none of rounding', async () => {
    const { vectors } = orthogonal({ order: 3, dim: 6, rank: 2, seed: 1 }).truth;
    const target = factored({ order: 3, dim: 6, weights: Float64Array.of(1, 1e-7), vectors });
    const { rank, relativeError } = await decompose(target, { seed: 1, backend: 'cpu' });
    expect([rank, relativeError < 1e-12]).toEqual([2, true]);
  });

  test('more components than the rank that is given are no answer to it', async () => {
    const { rank, stop, steps } = await decompose(targets[0]!, { rank: 2, seed: 1, backend: 'cpu' });
    expect([rank, stop, steps > 0]).toEqual([2, 'stalled', true]);
  });

  test('compress: false leaves it to the flow', async () => {
    const algorithm = { kind: 'staged', compress: false } as const;
    const { rank, steps } = await decompose(targets[0]!, { algorithm, seed: 1, backend: 'cpu' });
    expect([rank, steps > 0]).toEqual([6, true]);
  });
});
