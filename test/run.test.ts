// What a run of many steps costs in submits and read-backs: steps go out many at a time, and between reports only the ring of
// residuals comes back, whatever the size of the problem.
import { describe, expect, test } from 'vitest';
import type { Backend, DeviceArray, Scope } from '../src/backend/backend.js';
import { decompose, factored, openBackend, type BackendKind, type Progress } from '../src/index.js';
import { plantedSymmetric } from '../src/problems/index.js';

const { truth } = plantedSymmetric({ order: 3, dim: 16, rank: 4, seed: 1 });
const target = factored({ ...truth, dim: 16 });
const ring = 2 + 64;

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (kind) => {
  test.each(['vanilla', 'beyondLazy'] as const)('a thousand steps of %s', async (algorithm) => {
    using opened = await openBackend(kind);
    const reads: DeviceArray[] = [];
    const reports: Progress[] = [];
    await decompose(target, {
      finish: 'none',
      algorithm,
      width: 64,
      maxSteps: 1000,
      tolerance: 0,
      seed: 2,
      backend: watched(opened, reads),
      onProgress: (progress) => reports.push(progress),
    });
    const traced = reads.filter(({ label }) => label === 'trace');
    const whole = reads.filter(({ label }) => label === 'vectors');
    expect(reports).toHaveLength(21);
    expect(traced.every(({ length }) => length === ring)).toBe(true);
    // A restart of small components traced at the model too: every 200 steps, where beyondLazy has epochs.
    expect(whole.length).toBe(21 + (algorithm === 'beyondLazy' ? 4 : 0));
    // Vanilla leaves the weights of 63 components near 0; the ring's residuals fall all the same, one for every tenth step.
    const residuals = reports.flatMap((report) => report.residuals);
    expect(residuals).toHaveLength(99);
    expect(residuals.every(Number.isFinite)).toBe(true);
    expect(residuals.at(-1)).toBeLessThan(residuals[0]! / 10);
  });

  test('a run stops between reports, at the step where the residual was small enough', async () => {
    const result = await decompose(target, { algorithm: 'beyondLazy', finish: 'none', seed: 2, backend: kind });
    expect(result.stop).toBe('converged');
    expect(result.relativeError).toBeLessThanOrEqual(1e-2);
    const again = await decompose(target, { algorithm: 'beyondLazy', finish: 'none', seed: 2, backend: kind });
    expect(again.steps).toBe(result.steps);
    expect(again.kruskal).toEqual(result.kruskal);
  });
});

/** The backend, with the arrays that are read back noted. */
function watched(backend: Backend, reads: DeviceArray[]): Backend {
  const scope = (label: string): Scope => {
    const real = backend.scope(label);
    const read = (array: DeviceArray): Promise<Float64Array> => {
      reads.push(array);
      return real.read(array);
    };
    return new Proxy(real, {
      get: (own, name) => {
        if (name === 'read') return read;
        const value: unknown = Reflect.get(own, name);
        return typeof value === 'function' ? (value.bind(own) as unknown) : value;
      },
    });
  };
  return Object.create(backend, { scope: { value: scope } }) as Backend;
}
