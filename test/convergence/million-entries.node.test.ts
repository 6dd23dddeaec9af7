// A dense tensor of a million entries, five components and 1 % noise, on both backends: the size where a laptop starts to feel it.
import { expect, test } from 'vitest';
import { decompose, dense, factorMatchScore, openBackend, type BackendKind } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { casesOf } from '../support/all.js';

const { tensor, truth } = plantedCp({ shape: [100, 100, 100], rank: 5, seed: 1, noise: 0.01 });
const target = dense(tensor.shape, tensor.data);

test.each(casesOf<BackendKind>(['cpu', 'webgpu'], 1))('100 × 100 × 100, rank 5, on %s', async (kind) => {
  using backend = await openBackend(kind);
  const result = await decompose(target, { rank: 5, seed: 1, starts: 2, backend });
  expect(result.stop).toBe('converged');
  expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.999);
  // The best rank-5 model takes its share of degrees of freedom out of the noise: 5 · 298 of a million.
  expect(result.relativeError).toBeCloseTo((0.01 / Math.hypot(1, 0.01)) * Math.sqrt(1 - 1490 / 1e6), 5);
  expect(backend.liveBuffers).toBe(0);
});
