// Two tensors of few components whose weights differ much, 1 : 1e-4 and 1 : 0.1 : 0.01 : 0.001: random starts fit the strongest
// component twice. Exact for every seed, with the rank given and without, and never "all starts agree" on less.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decompose, dense, type BackendKind, type DenseTarget } from '../../src/index.js';
import { npyToDense, readNpy } from '../../src/io/index.js';
import { casesOf } from '../support/all.js';
import { root } from '../support/project-files.js';

function trial(name: string): DenseTarget {
  const { shape, data } = npyToDense(readNpy(readFileSync(join(root, 'test', 'data', 'trials', name))));
  return dense(shape, data);
}

const trials = [
  { name: 'w0.0001.npy', weights: [1, 1e-4] },
  { name: 'r4_ratio10.npy', weights: [1, 0.1, 0.01, 0.001] },
];
const seeds: Record<BackendKind, readonly number[]> = { cpu: casesOf([0, 1, 2, 3], 2), webgpu: [1] };

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (backend) => {
  test.each(trials.flatMap((one) => seeds[backend].map((seed) => ({ ...one, seed }))))(
    '$name, seed $seed',
    { timeout: 180_000 },
    async ({ name, weights, seed }) => {
      for (const rank of [weights.length, 'auto'] as const) {
        const result = await decompose(trial(name), { rank, seed, backend });
        expect(result.relativeError).toBeLessThan(1e-12);
        expect([result.rank, result.stop]).toEqual([weights.length, 'converged']);
        result.kruskal.weights.forEach((weight, r) => expect(weight / weights[r]! - 1).toBeCloseTo(0, 8));
        expect(result.starts.compared).toBe('models');
      }
    },
  );
});
