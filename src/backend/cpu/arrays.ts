// Arrays of the cpu backend: a Float64Array, or a Uint32Array of indices, with a label. The operations are written on the plain
// arrays; what stands in their arguments is replaced by them once, before the call.
import type { DeviceArray, IndexArray, OperationArgs, Operations } from '../backend.js';

class Labeled<Data extends Float64Array | Uint32Array> {
  readonly length: number;

  constructor(
    readonly label: string,
    readonly data: Data,
  ) {
    this.length = data.length;
  }
}

export class CpuArray extends Labeled<Float64Array> implements DeviceArray {}

export class CpuIndices extends Labeled<Uint32Array> implements IndexArray {
  readonly integers = true;
}

/** The numbers behind an array of the contract. */
export function numbers(array: DeviceArray): Float64Array {
  if (!(array instanceof CpuArray)) throw new Error(`cpu: ${array.label} is not an array of this backend.`);
  return array.data;
}

type Plain<T> = T extends IndexArray
  ? Uint32Array
  : T extends DeviceArray
    ? Float64Array
    : T extends object
      ? { readonly [field in keyof T]: Plain<T[field]> }
      : T;

/** What the cpu side of an operation is given: its arguments with plain arrays. */
export type CpuArgs<name extends keyof Operations> = Plain<OperationArgs<name>>;

/** The arguments with plain arrays in place of those of the contract, at any depth. */
export function plain(args: object): object {
  const copy: Record<string, unknown> = { ...args };
  for (const field in copy) {
    const value = copy[field];
    if (typeof value === 'object' && value !== null) copy[field] = plainValue(value);
  }
  return copy;
}

function plainValue(value: object): unknown {
  if (value instanceof Labeled) return value.data;
  if ('label' in value) throw new Error(`cpu: ${String(value.label)} is not an array of this backend.`);
  if (!Array.isArray(value)) return plain(value);
  return value.map((item: unknown) => (typeof item === 'object' && item !== null ? plainValue(item) : item));
}
