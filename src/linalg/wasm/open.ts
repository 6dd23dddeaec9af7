// WebAssembly kernels with a memory of their own.

/** Addresses are in bytes, strides and counts in numbers. */
export type Kernel = (...args: number[]) => number;

export interface OpenKernels<Name extends string> {
  readonly memory: Float64Array;
  readonly kernels: Readonly<Record<Name, Kernel>>;
}

const bytesPerPage = 2 ** 16;
const compiled = new Map<string, WebAssembly.Module>();

/**
 * The kernels of a module, with a memory of at least so many numbers, which never grows. Undefined where there is no WebAssembly, where
 * it has no SIMD or no such memory, and where a content security policy forbids it.
 */
export function openKernels<Name extends string>(base64: string, numbers: number): OpenKernels<Name> | undefined {
  try {
    let module = compiled.get(base64);
    if (!module) {
      module = new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      compiled.set(base64, module);
    }
    const pages = Math.ceil((8 * numbers) / bytesPerPage);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const exports: unknown = new WebAssembly.Instance(module, { env: { memory } }).exports;
    return { memory: new Float64Array(memory.buffer), kernels: exports as Record<Name, Kernel> };
  } catch {
    return undefined;
  }
}
