// Errors of our own calls to a device, and of no others: a device may be the caller's, whose errors are the caller's.
import { BackendError, OutOfMemoryError } from '../../errors.js';

const filters = ['validation', 'out-of-memory', 'internal'] as const;

/** Makes calls to the device, without waiting; resolves to their first error once the device has seen them. */
export function withErrors<T>(device: GPUDevice, calls: () => T): { readonly value: T; readonly error: ErrorOfCalls } {
  watchErrors(device);
  let error: ErrorOfCalls | undefined;
  try {
    const value = calls();
    error = errorsSince(device);
    return { value, error };
  } finally {
    if (!error) void errorsSince(device);
  }
}

export type ErrorOfCalls = Promise<GPUError | undefined>;

/** Begins to watch: calls up to `errorsSince`, with no pause between. */
export function watchErrors(device: GPUDevice): void {
  for (const filter of filters) device.pushErrorScope(filter);
}

/** The first error since `watchErrors`. Of a lost device there is none: its loss is told elsewhere. */
export async function errorsSince(device: GPUDevice): ErrorOfCalls {
  const popped = filters.map(() => device.popErrorScope().catch(() => null));
  return (await Promise.all(popped)).find((error) => error !== null) ?? undefined;
}

/** What a call to the device threw, or rejected with. */
export const thrownBy = (error: unknown): BackendError =>
  error instanceof BackendError
    ? error
    : new BackendError(
        `webgpu: a call to the device failed. ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );

/** An error of the device in our words. */
export const backendError = (error: GPUError, megabytesInUse: string): BackendError =>
  error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfMemoryError(
        `webgpu: expected memory for arrays of ${megabytesInUse} together, got out of memory. Use fewer starts or a smaller width, or { backend: 'cpu' }.`,
      )
    : new BackendError(`webgpu: ${error.message}`);
