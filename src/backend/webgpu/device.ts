// Adapter and device: asks for what the adapter has, says what it is, and tells when the device is lost.
import { BackendError } from '../../errors.js';
import type { AdapterDescription } from '../backend.js';
import { findGpu } from './gpu.js';

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterDescription;
  /** A borrowed device belongs to the caller and is never destroyed here. */
  readonly borrowed: boolean;
  /** Kept for as long as the device is in use: Dawn in Node crashes when its GPU object is collected under a live device. */
  readonly gpu: GPU | undefined;
}

/** The limits that our kernels can use more of than WebGPU's defaults. */
const wantedLimits = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;

/** Opens a device, or takes a borrowed one. `like`: with the features and limits of a device that was lost. */
export async function openDevice(borrowed?: GPUDevice, like?: GPUDevice): Promise<OpenDevice> {
  if (borrowed) return { device: borrowed, adapter: describe(borrowed.adapterInfo), borrowed: true, gpu: undefined };
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new BackendError(
      "openBackend: expected a WebGPU adapter, got none. Use { backend: 'cpu' }, or a machine (or browser settings) with a GPU driver.",
    );
  }
  const { features, limits } = like ?? adapter;
  const device = await adapter.requestDevice({
    label: 'polyadic',
    requiredFeatures: features.has('subgroups') ? ['subgroups'] : [],
    requiredLimits: Object.fromEntries(wantedLimits.map((name) => [name, limits[name]])),
  });
  return { device, adapter: describe(adapter.info), borrowed: false, gpu };
}

function describe(info: GPUAdapterInfo): AdapterDescription {
  const { vendor, architecture, description } = info;
  const names = `${vendor} ${architecture} ${description} ${info.device}`;
  const software = info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render|warp/i.test(names);
  return { vendor, architecture, description: description || info.device, software };
}
