// Arrays of the webgpu backend: storage buffers of float32, or of uint32 indices, labeled and counted. A kernel binds an array as
// a whole, so one that is larger than a binding is refused before anything is allocated. Content goes to the device in chunks,
// so that a large array is never held twice. It is remembered, so that an array can be made anew on another device (recovery.ts).
import { BackendError } from '../../errors.js';
import type { DeviceArray, IndexArray } from '../backend.js';

/** Buffer and map flags of the WebGPU specification; in Node they are not global. */
export const usage = { mapRead: 0x01, copySource: 0x04, copyTarget: 0x08, uniform: 0x40, storage: 0x80 } as const;
export const mapModeRead = 0x01;

/** Numbers or integers of an array; zeros where it is a length. */
export type Content = number | Float64Array | Float32Array | Uint32Array;

export class GpuArray implements DeviceArray {
  /** Stands for the array in cache keys. */
  readonly id: number;
  readonly length: number;
  /** Whether the device may hold something else than `content` by now. */
  isChanged = false;
  static #count = 0;

  constructor(
    readonly label: string,
    /** What it held when it was made, or at the last snapshot. */
    public content: Content,
    public buffer: GPUBuffer,
  ) {
    this.length = typeof content === 'number' ? content : content.length;
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

export const createArray = (
  device: GPUDevice,
  memory: Memory,
  label: string,
  content: number | Float64Array | Float32Array,
): GpuArray => filled(device, memory, new GpuArray(label, content, createBuffer(device, memory, label, content)));

export const createIndices = (device: GPUDevice, memory: Memory, label: string, content: Uint32Array): GpuIndices =>
  filled(device, memory, new GpuIndices(label, content, createBuffer(device, memory, label, content)));

/** Fills an array that is new; it does not stay where that fails. */
function filled<A extends GpuArray>(device: GPUDevice, memory: Memory, array: A): A {
  try {
    if (typeof array.content !== 'number') writeArray(device, array, array.content);
    return array;
  } catch (error) {
    destroyArray(array, memory);
    throw error;
  }
}

/** Makes an array anew on another device, with the content that is remembered of it. */
export function recreateArray(device: GPUDevice, array: GpuArray): void {
  const { label, content, buffer } = array;
  array.buffer = device.createBuffer({ label, size: buffer.size, usage: buffer.usage });
  array.isChanged = false;
  if (typeof content !== 'number') writeArray(device, array, content);
}

/** The one place where the API's float64 becomes float32. Entry `first` of the array is the first that is replaced. */
export function writeArray(
  device: GPUDevice,
  { buffer }: GpuArray,
  content: Float64Array | Float32Array | Uint32Array,
  first = 0,
): void {
  for (let begin = 0; begin < content.length; begin += chunkEntries) {
    const chunk = content.subarray(begin, begin + chunkEntries);
    const converted = chunk instanceof Float64Array ? new Float32Array(chunk) : chunk;
    device.queue.writeBuffer(buffer, 4 * (first + begin), converted as Float32Array<ArrayBuffer>);
  }
}

export function destroyArray({ buffer }: GpuArray, memory: Memory): void {
  memory.used -= buffer.size;
  buffer.destroy();
}

function createBuffer(device: GPUDevice, memory: Memory, label: string, content: Content): GPUBuffer {
  const size = Math.max(16, 4 * (typeof content === 'number' ? content : content.length));
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
