// What a page and its worker tell each other: plain data that a message can hold. A run has a number; several may go on at a time.
import type { DecomposeOptions } from '../options.js';
import type { Decomposition, Progress } from '../result.js';
import type { Target } from '../targets/target.js';

/** The options that a message can hold: what is called, waited for, or lives on a device stays on its own side. */
export type WorkerOptions = Omit<DecomposeOptions, 'signal' | 'onProgress' | 'onCheckpoint' | 'device' | 'backend'> & {
  readonly backend?: 'auto' | 'webgpu' | 'cpu';
};

export type Request =
  | { readonly run: number; readonly target: Target; readonly options: WorkerOptions; readonly reports: boolean }
  | { readonly run: number; readonly abort: true };

export type Response =
  | { readonly run: number; readonly progress: Progress }
  | { readonly run: number; readonly result: Decomposition }
  | { readonly run: number; readonly error: { readonly name: string; readonly message: string } };
