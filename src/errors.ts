// The errors that someone may want to catch. Outcomes of a run (not converged, aborted) are stop reasons, not errors.

/** Bad input: what was expected, what was got, what to do. The command line turns it into exit code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** No usable backend: no WebGPU adapter, or its limits are too small. The command line turns it into exit code 1. */
export class BackendError extends Error {
  override readonly name: string = 'BackendError';
}

/** The device went away in the middle of a run (driver reset, GPU unplugged, tab in the background). */
export class DeviceLostError extends BackendError {}

/** The device has no room for what it was asked to hold. */
export class OutOfMemoryError extends BackendError {}
