// A device of the test's own, as a caller of the library would bring it.
import { findGpu } from '../../src/backend/webgpu/gpu.js';

export interface OwnDevice extends Disposable {
  readonly device: GPUDevice;
  readonly gpu: GPU;
}

export async function openOwnDevice(features: 'plain' | 'all'): Promise<OwnDevice> {
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('openOwnDevice: expected a WebGPU adapter, got none. Run npm test, which finds one.');
  const subgroups = features === 'all' && adapter.features.has('subgroups');
  const device = await adapter.requestDevice({ requiredFeatures: subgroups ? ['subgroups'] : [] });
  // `gpu` is handed out only to be held: Dawn in Node crashes when it is collected under a live device.
  return { device, gpu, [Symbol.dispose]: () => device.destroy() };
}
