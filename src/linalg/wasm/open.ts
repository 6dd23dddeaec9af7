// The kernels of kernels.ts with a memory of their own.
import { wasmBase64 } from './module.js';

/** Addresses are in bytes, strides and counts in numbers. */
export interface Kernels {
  readonly memory: Float64Array;
  readonly pack: (...args: number[]) => void;
  readonly multiply: (...args: number[]) => void;
  readonly sumRows: (...args: number[]) => void;
  readonly multiplyRows: (...args: number[]) => void;
  readonly scatterRows: (...args: number[]) => void;
}

const bytesPerPage = 2 ** 16;
let module: WebAssembly.Module | undefined;

/**
 * With a memory of at least so many numbers, which never grows. Undefined where there is no WebAssembly, where it has no SIMD or no
 * such memory, and where a content security policy forbids it.
 */
export function openKernels(numbers: number): Kernels | undefined {
  try {
    module ??= new WebAssembly.Module(Uint8Array.from(atob(wasmBase64), (character) => character.charCodeAt(0)));
    const pages = Math.ceil((8 * numbers) / bytesPerPage);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const exports: unknown = new WebAssembly.Instance(module, { env: { memory } }).exports;
    // Copied: an exports object has no own memory of this name to be set.
    return { ...(exports as Omit<Kernels, 'memory'>), memory: new Float64Array(memory.buffer) };
  } catch {
    return undefined;
  }
}

/** Kernels that all work on rows in this thread shares. */
export interface SharedKernels {
  readonly kernels: Kernels;
  /** The same memory. */
  readonly indices: Uint32Array;
  /** Whose numbers are there: work that has paused looks here whether it must copy its own once more. */
  user: object | undefined;
}

let shared: SharedKernels | undefined;

/** With a memory of at least so many numbers: a larger one takes the place of the one before, where that is needed. */
export function sharedKernels(numbers: number): SharedKernels | undefined {
  if (!shared || shared.kernels.memory.length < numbers) {
    const kernels = openKernels(numbers);
    if (!kernels) return undefined;
    shared = { kernels, indices: new Uint32Array(kernels.memory.buffer), user: undefined };
  }
  return shared;
}

/** Columns of a table in memory: up to the next multiple of eight, which the kernels take together. */
export const padded = (columns: number): number => Math.ceil(columns / 8) * 8;
