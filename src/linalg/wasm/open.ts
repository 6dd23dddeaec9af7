// The kernels of kernels.ts with a memory of their own.
import { wasmBase64 } from './module.js';

/** Addresses are in bytes, strides and counts in numbers. */
export interface Kernels {
  readonly memory: Float64Array;
  readonly pack: (...args: number[]) => void;
  readonly multiply: (...args: number[]) => void;
  readonly sumRows: (...args: number[]) => void;
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
