// Arrays of the cpu backend: a Float64Array with a label.
import type { DeviceArray } from '../backend.js';

export interface CpuArray extends DeviceArray {
  readonly data: Float64Array;
}

export const cpuArray = (label: string, data: Float64Array): CpuArray => ({ label, length: data.length, data });

/** The numbers behind an array of the contract. */
export function numbers(array: DeviceArray): Float64Array {
  if (!('data' in array)) throw new Error(`cpu: ${array.label} is not an array of this backend.`);
  return (array as CpuArray).data;
}
