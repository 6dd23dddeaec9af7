// Every kernel compiles in every variant its host side can ask for, on this lane's adapter, without a message.
import { expect, test } from 'vitest';
import { kernels } from '../../shaders/index.js';
import { findGpu } from '../../src/backend/webgpu/gpu.js';

test.each(kernels.map(({ name, sources }) => ({ name, sources })))(
  '$name compiles without a message',
  async ({ sources }) => {
    const gpu = await findGpu();
    const adapter = await gpu.requestAdapter();
    const features: GPUFeatureName[] = adapter?.features.has('subgroups') ? ['subgroups'] : [];
    const device = await adapter!.requestDevice({ requiredFeatures: features });
    for (const source of sources(features.includes('subgroups'))) {
      const module = device.createShaderModule({ code: source });
      const { messages } = await module.getCompilationInfo();
      expect(messages.map(({ message, lineNum }) => `${message} at ${source.split('\n')[lineNum - 1]}`)).toEqual([]);
    }
    device.destroy();
    expect(gpu).toBeDefined();
  },
);
