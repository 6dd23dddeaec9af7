// The self-test passes where it should, and names the kernel that a driver compiles wrongly.
import { expect, test } from 'vitest';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { openBackend, selfTest } from '../../src/index.js';
import { calls } from '../../src/self-test/calls.js';
import { openOwnDevice } from '../support/device.js';

test('every operation passes on the cpu, whose twin is another of the same kind', async () => {
  using backend = await openBackend('cpu');
  const checks = await selfTest(backend);
  expect(checks.map(({ error, passed }) => [error, passed])).toEqual(checks.map(() => [0, true]));
});

test('a kernel that computes something else and one that does not compile are named, and no other', async () => {
  using own = await openOwnDevice('all');
  const createShaderModule = own.device.createShaderModule.bind(own.device);
  own.device.createShaderModule = ({ label = '', code }) => {
    const [kernel] = label.split(' ');
    if (kernel === 'columnNorms') return createShaderModule({ label, code: code.replace('sqrt(', 'abs(') });
    return createShaderModule({ label, code: kernel === 'shiftRows' ? 'no WGSL' : code });
  };
  using backend = await openWebGpu(own.device);
  const checks = await selfTest(backend);
  const [wrong, broken, ...others] = checks.filter(({ passed }) => !passed);
  expect(wrong).toMatchObject({ operation: 'columnNorms' });
  expect(wrong?.error).toBeGreaterThan(0.1);
  expect(broken).toMatchObject({ operation: 'shiftRows', error: NaN });
  expect(broken?.reason).toMatch(/^webgpu: shiftRows .* does not compile/);
  expect(others).toEqual([]);
  expect(new Set(checks.map(({ operation }) => operation))).toEqual(new Set(Object.keys(calls)));
  // Float32 is not float64: the numbers do come from the device.
  expect(checks.filter(({ error }) => error > 0).length).toBeGreaterThan(30);
  expect(backend.liveBuffers).toBe(0);
});

test('what is no open backend is refused', async () => {
  await expect(selfTest('webgpu' as never)).rejects.toThrow(/^selfTest: expected backend to be an open backend/);
});
