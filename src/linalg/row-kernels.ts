// The WebAssembly kernels that work on rows of tables (wasm/row-kernels.ts), with the memory that all such work in this thread shares.
import { productCore } from './product-core.js';
import { openKernels, type OpenKernels } from './wasm/open.js';
import { wasmBase64 } from './wasm/row-module.js';

export interface RowKernels extends OpenKernels<'sumRows' | 'multiplyRows' | 'scatterRows'> {
  /** The same memory. */
  readonly indices: Uint32Array;
  /** Whose numbers are there: work that has paused looks here whether it must copy its own once more. */
  user: object | undefined;
}

let shared: RowKernels | undefined;

/**
 * With a memory of at least so many numbers: a larger one takes the place of the one before, where that is needed. Undefined where plain
 * loops run.
 */
export function rowKernels(numbers: number): RowKernels | undefined {
  if (!productCore().isWasm) return undefined;
  if (!shared || shared.memory.length < numbers) {
    const opened = openKernels<keyof RowKernels['kernels']>(wasmBase64, numbers);
    if (!opened) return undefined;
    shared = { ...opened, indices: new Uint32Array(opened.memory.buffer), user: undefined };
  }
  return shared;
}

/** Columns of a table in memory: up to the next multiple of eight, which the kernels take together. */
export const padded = (columns: number): number => Math.ceil(columns / 8) * 8;
