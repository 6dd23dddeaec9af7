// What it takes to add an operation of one dispatch: a kernel, a reference, a name in the table, and a call in the determinism test.
// Here the table has the name of soft-threshold.ts: both backends run it, and agree.
import { afterAll, expect, test, vi } from 'vitest';
import type { Scope } from '../../src/backend/backend.js';
import { kernelOperations } from '../../src/backend/operations/kernels.js';
import { expectParity, normals } from '../support/parity.js';
import { softThresholdKernel } from './soft-threshold.js';

// Files of a lane share their modules: this one loads its own, with its own table, and leaves none behind.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../../src/backend/operations/kernels.js');
  vi.doUnmock('../../src/backend/cpu/reduce.js');
  vi.resetModules();
});

vi.mock(import('../../src/backend/operations/kernels.js'), async (importOriginal) => {
  const { kernelOperations } = await importOriginal();
  const { softThresholdKernel } = await import('./soft-threshold.js');
  return { kernelOperations: { ...kernelOperations, softThreshold: softThresholdKernel } };
});
vi.mock(import('../../src/backend/cpu/reduce.js'), async (importOriginal) => {
  const { softThreshold } = await import('./soft-threshold.js');
  return { ...(await importOriginal()), softThreshold };
});

test('the table has the new operation', () => {
  expect(Object.values(kernelOperations)).toContain(softThresholdKernel);
});

test('it runs on the GPU as in float64', async () => {
  await expectParity({
    inputs: { values: normals(300, 1) },
    record: (scope, { values }) => {
      // In the source the type of a scope comes from the table.
      const { softThreshold } = scope as Scope & Record<'softThreshold', (args: Record<string, unknown>) => void>;
      softThreshold({ batch: 3, length: 100, threshold: 0.5, values });
      return { values };
    },
    roundings: 2,
    magnitudes: { values: normals(300, 1).map((value) => Math.abs(value) + 0.5) },
  });
});
