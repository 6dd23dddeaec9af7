// What a page, or a thread, and its worker tell each other: plain data that a message can hold. A run has a number; several may go on at
// a time. A run of decompose() is asked for by its target; parts of one by the name of a call (src/threads/calls.ts).
import { BackendError, DeviceLostError, InputError } from '../errors.js';
import type { DecomposeOptions } from '../options.js';
import type { Progress } from '../result.js';
import type { Target } from '../targets/target.js';

/** The options that a message can hold: what is called, waited for, or lives on a device stays on its own side. */
export type WorkerOptions = Omit<DecomposeOptions, 'signal' | 'onProgress' | 'onCheckpoint' | 'device' | 'backend'> & {
  readonly backend?: 'auto' | 'webgpu' | 'cpu';
};

export type Request =
  | { readonly run: number; readonly target: Target; readonly options: WorkerOptions; readonly reports: boolean }
  | { readonly run: number; readonly call: string; readonly arg: unknown }
  | { readonly run: number; readonly abort: true };

export type Response =
  | { readonly run: number; readonly progress: Progress }
  | { readonly run: number; readonly result: unknown }
  | { readonly run: number; readonly error: SentError };

interface SentError {
  readonly name: string;
  readonly message: string;
}

/** By the names they send: those of the classes themselves do not survive a minifier. */
const errorClasses: Readonly<Record<string, new (message: string) => Error>> = {
  InputError,
  BackendError,
  DeviceLostError,
};

/** The error that was sent. */
export function errorOf({ name, message }: SentError): Error {
  const known = errorClasses[name];
  return known ? new known(message) : Object.assign(new Error(message), { name });
}
