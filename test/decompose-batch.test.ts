// A batch of problems gives every one of them what it gets alone.
import { describe, expect, test } from 'vitest';
import { decompose, decomposeBatch, factored, openBackend, type BackendKind } from '../src/index.js';
import { plantedSymmetric } from '../src/problems/index.js';

const target = (seed: number, dim = 10) =>
  factored({ ...plantedSymmetric({ order: 3, dim, rank: 4, seed }).truth, dim });
const targets = [0, 1, 2, 3, 4, 5].map((seed) => target(seed));

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  test('every problem is solved, as alone', async () => {
    using backend = await openBackend(kind);
    const outcomes = await decomposeBatch(targets, { backend });
    expect(outcomes.map(({ converged }) => converged)).toEqual(targets.map(() => true));
    for (const [seed, { steps, relativeError }] of outcomes.entries()) {
      expect(relativeError).toBeLessThanOrEqual(1e-2);
      // Alone, the run looks every tenth step; here every fiftieth.
      const alone = await decompose(target(seed), { algorithm: 'beyondLazy', finish: 'none', seed, backend });
      expect(steps).toBe(50 * Math.ceil(alone.steps / 50));
    }
    expect(backend.liveBuffers).toBe(0);
  });

  test('too few components and no restarts leave some unsolved, and it says which', async () => {
    const outcomes = await decomposeBatch(targets, {
      width: 3,
      restart: { rule: 'none' },
      maxSteps: 300,
      backend: kind,
    });
    expect(outcomes.every(({ converged, steps }) => !converged && steps === 300)).toBe(true);
    expect(outcomes.every(({ relativeError }) => relativeError > 1e-2 && relativeError < 1.5)).toBe(true);
  });
});

test('units do not matter', async () => {
  const large = targets.map((one) => factored({ ...one, weights: one.weights.map((weight) => weight * 2 ** 70) }));
  const usual = await decomposeBatch(targets);
  const grown = await decomposeBatch(large);
  grown.forEach(({ relativeError, kruskal }, b) => {
    expect(relativeError).toBe(usual[b]?.relativeError);
    expect(kruskal.weights[0]! / 2 ** 70).toBe(usual[b]?.kruskal.weights[0]);
  });
});

test('an aborted batch gives back what there is', async () => {
  const outcomes = await decomposeBatch(targets, { signal: AbortSignal.abort(), backend: 'cpu' });
  expect(outcomes.map(({ steps, converged }) => [steps, converged])).toEqual(targets.map(() => [0, false]));
});

test.each([
  [() => decomposeBatch([target(0), target(1, 11)]), /targets of one size, got order 3, dim 10 .* dim 11/],
  [() => decomposeBatch(targets, { seeds: [1] }), /expected 6 seeds, one per target, got 1/],
  [() => decomposeBatch(targets, { widht: 3 } as never), /widht/],
])('refusals, each one line: %#', async (run, message) => {
  await expect(run()).rejects.toThrow(message);
});

test('no problems, no work', async () => expect(await decomposeBatch([])).toEqual([]));

test('problems that diverge keep their last finite model', async () => {
  using backend = await openBackend('webgpu');
  const outcomes = await decomposeBatch(targets, { stepFactor: 1e30, maxSteps: 300, backend });
  for (const { stop, steps, relativeError, kruskal } of outcomes) {
    expect([stop, steps]).toEqual(['diverged', 0]);
    expect([relativeError, ...kruskal.weights, ...kruskal.vectors.data].every(Number.isFinite)).toBe(true);
    expect(kruskal.weights).toHaveLength(8);
  }
});
