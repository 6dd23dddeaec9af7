// Arrays of the webgpu backend: storage buffers of float32, or of uint32 indices, labeled, counted, and refused with both numbers where too large.
import { BackendError } from '../../errors.js';
import type { DeviceArray, IndexArray } from '../backend.js';

/** Buffer and map flags of the WebGPU specification; in Node they are not global. */
export const usage = { mapRead: 0x01, copySource: 0x04, copyTarget: 0x08, uniform: 0x40, storage: 0x80 } as const;
export const mapModeRead = 0x01;

export class GpuArray implements DeviceArray {
  /** Stands for the buffer in cache keys. */
  readonly id: number;
  static #count = 0;

  constructor(
    readonly label: string,
    readonly length: number,
    readonly buffer: GPUBuffer,
  ) {
    this.id = GpuArray.#count++;
  }
}

/** The same with integers in it; as it is a GpuArray too, kernels bind it like any other. */
export class GpuIndices extends GpuArray implements IndexArray {
  readonly integers = true;
}

/** The buffer behind an array of the contract. */
export function gpuArray(array: DeviceArray | IndexArray): GpuArray {
  if (!(array instanceof GpuArray)) throw new Error(`webgpu: ${array.label} is not an array of this backend.`);
  return array;
}

export function createArray(device: GPUDevice, label: string, content: number | Float64Array | Float32Array): GpuArray {
  const length = typeof content === 'number' ? content : content.length;
  const buffer = createBuffer(device, label, length);
  const array = new GpuArray(label, length, buffer);
  if (typeof content !== 'number') writeArray(device, array, content);
  return array;
}

/** The one place where the API's float64 becomes float32. */
export function writeArray(device: GPUDevice, { buffer }: GpuArray, content: Float64Array | Float32Array): void {
  const rounded = content instanceof Float32Array ? (content as Float32Array<ArrayBuffer>) : Float32Array.from(content);
  device.queue.writeBuffer(buffer, 0, rounded);
}

export function createIndices(device: GPUDevice, label: string, content: Uint32Array): GpuIndices {
  const buffer = createBuffer(device, label, content.length);
  device.queue.writeBuffer(buffer, 0, content as Uint32Array<ArrayBuffer>);
  return new GpuIndices(label, content.length, buffer);
}

function createBuffer(device: GPUDevice, label: string, length: number): GPUBuffer {
  const size = Math.max(16, length * 4);
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const allowed = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  if (size > allowed) {
    throw new BackendError(
      `webgpu: expected arrays of at most ${megabytes(allowed)} (this adapter's limit), got ${megabytes(size)} for ${label}. Use fewer starts or a smaller width, or { backend: 'cpu' }.`,
    );
  }
  return device.createBuffer({ label, size, usage: usage.storage | usage.copySource | usage.copyTarget });
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
