// Arrays of the webgpu backend: storage buffers of float32, or of uint32 indices, labeled and counted. A kernel binds an array as
// a whole, so one that is larger than a binding is refused before anything is allocated. Content goes to the device in chunks,
// so that a large array is never held twice.
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

export interface Memory {
  /** Bytes that one array may take: what a kernel can bind. */
  readonly maxArrayBytes: number;
  /** Bytes of all arrays of the device together. */
  used: number;
}

/** Entries converted and sent at a time: 16 MiB. */
const chunkEntries = 2 ** 22;

export function createArray(
  device: GPUDevice,
  memory: Memory,
  label: string,
  content: number | Float64Array | Float32Array,
): GpuArray {
  const length = typeof content === 'number' ? content : content.length;
  const array = new GpuArray(label, length, createBuffer(device, memory, label, length));
  if (typeof content !== 'number') orDestroyed(array, memory, () => writeArray(device, array, content));
  return array;
}

/** Fills an array that is new; it does not stay where that fails. */
function orDestroyed(array: GpuArray, memory: Memory, fill: () => void): void {
  try {
    fill();
  } catch (error) {
    destroyArray(array, memory);
    throw error;
  }
}

/** The one place where the API's float64 becomes float32. Entry `first` of the array is the first that is replaced. */
export function writeArray(
  device: GPUDevice,
  { buffer }: GpuArray,
  content: Float64Array | Float32Array,
  first = 0,
): void {
  inChunks(content.length, (begin, end) => {
    device.queue.writeBuffer(buffer, 4 * (first + begin), new Float32Array(content.subarray(begin, end)));
  });
}

export function createIndices(device: GPUDevice, memory: Memory, label: string, content: Uint32Array): GpuIndices {
  const array = new GpuIndices(label, content.length, createBuffer(device, memory, label, content.length));
  orDestroyed(array, memory, () =>
    inChunks(content.length, (begin, end) => {
      device.queue.writeBuffer(array.buffer, 4 * begin, content.subarray(begin, end) as Uint32Array<ArrayBuffer>);
    }),
  );
  return array;
}

export function destroyArray({ buffer }: GpuArray, memory: Memory): void {
  memory.used -= buffer.size;
  buffer.destroy();
}

function inChunks(length: number, write: (begin: number, end: number) => void): void {
  for (let begin = 0; begin < length; begin += chunkEntries) write(begin, Math.min(begin + chunkEntries, length));
}

function createBuffer(device: GPUDevice, memory: Memory, label: string, length: number): GPUBuffer {
  const size = Math.max(16, length * 4);
  const { maxArrayBytes, used } = memory;
  if (size > maxArrayBytes) {
    throw new BackendError(
      `webgpu: expected arrays of at most ${megabytes(maxArrayBytes)} (what a kernel can bind on this adapter), got ${megabytes(size)} for ${label}, ${megabytes(used + size)} with the arrays before it. Use fewer starts or a smaller width, or { backend: 'cpu' }.`,
    );
  }
  const buffer = device.createBuffer({
    label,
    size,
    usage: usage.storage | usage.copySource | usage.copyTarget,
  });
  memory.used += size;
  return buffer;
}

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
