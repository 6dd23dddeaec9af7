// Every lane must have a WebGPU adapter: a suite that silently skips the GPU proves nothing. Prints which one it is.
import { expect, test } from 'vitest';
import { findGpu } from '../src/backend/webgpu/gpu.js';

const lane = typeof window === 'undefined' ? 'node' : 'chromium';

test('this lane has a WebGPU adapter and a device', async () => {
  const adapter = await (await findGpu()).requestAdapter();
  const { vendor, architecture, description } = adapter?.info ?? { vendor: 'none' };
  console.log(`[${lane}] adapter: ${[vendor, architecture, description].filter(Boolean).join(' ')}`);
  expect(
    adapter,
    `${lane}: expected a WebGPU adapter, got none. Run npm test, which finds or brings one.`,
  ).toBeTruthy();
  const device = await adapter?.requestDevice();
  expect(device?.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(128);
  device?.destroy();
});

test('`using` disposes in this lane', () => {
  const log: string[] = [];
  {
    using _resource = { [Symbol.dispose]: () => log.push('disposed') };
    log.push('used');
  }
  expect(log).toEqual(['used', 'disposed']);
});
