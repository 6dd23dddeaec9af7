// Arrays of the cpu backend: a Float64Array, or a Uint32Array of indices, with a label.
import type { DeviceArray, IndexArray } from '../backend.js';

export interface CpuArray extends DeviceArray {
  readonly data: Float64Array;
}

export const cpuArray = (label: string, data: Float64Array): CpuArray => ({ label, length: data.length, data });

export interface CpuIndices extends IndexArray {
  readonly data: Uint32Array;
}

export const cpuIndices = (label: string, data: Uint32Array): CpuIndices => ({
  label,
  length: data.length,
  integers: true,
  data,
});

/** The numbers behind an array of the contract. */
export function numbers(array: DeviceArray): Float64Array {
  if (!('data' in array)) throw new Error(`cpu: ${array.label} is not an array of this backend.`);
  return (array as CpuArray).data;
}

/** The integers behind an index array of the contract. */
export function integers(array: IndexArray): Uint32Array {
  if (!('data' in array)) throw new Error(`cpu: ${array.label} is not an array of this backend.`);
  return (array as CpuIndices).data;
}
