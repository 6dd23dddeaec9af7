// Opens the backend a caller asks for, and says why it is that one. Its code is loaded then: a page on the CPU downloads no kernels.
import { dispose } from '../dispose.js';
import { BackendError, InputError } from '../errors.js';
import type { Backend, BackendKind, WebGpuDevice } from './backend.js';
import type { Tuning } from './webgpu/tiles.js';
import { requireNamedOptions, shown } from '../names.js';

export type { TileConfig, Tuning } from './webgpu/tiles.js';

export type BackendChoice = 'auto' | BackendKind;

export interface OpenBackendOptions {
  /** A device of the caller's, to be shared; it is never destroyed here. Default: one of our own. */
  readonly device?: WebGpuDevice;
  /** What `tune` found for this adapter, kept by the caller as JSON. Default: the kind of adapter decides. */
  readonly tuning?: Tuning;
}

export type OpenedBackend = Backend & {
  /** Why this backend: a clause for a person to read. */
  readonly reason: string;
};

/**
 * Opens a backend. `auto` takes WebGPU on a hardware adapter, else the CPU: a software adapter is slower than the CPU path and
 * is used only when `webgpu` is asked for by name. Dispose it (`using backend = await openBackend()`) to free the device.
 *
 * @example
 * ```ts
 * import { decompose, openBackend } from 'polyadic';
 *
 * using backend = await openBackend('cpu');
 * const { rank } = await decompose({ shape: [2, 2, 2], data: [1, 0, 0, 0, 0, 0, 0, 1] }, { backend });
 * console.log(backend.kind, rank); // cpu 2
 * ```
 * @throws BackendError when `webgpu` is asked for and there is no adapter.
 */
export async function openBackend(
  choice: BackendChoice = 'auto',
  options: OpenBackendOptions = {},
): Promise<OpenedBackend> {
  requireNamedOptions('openBackend', options, ['device', 'tuning']);
  const { device, tuning } = options;
  switch (choice) {
    case 'cpu':
      return withReason(await openCpu(), 'asked for by name');
    case 'webgpu':
      return withReason(await openWebGpu(device, tuning), device ? 'the device was handed over' : 'asked for by name');
    case 'auto':
      return device ? withReason(await openWebGpu(device, tuning), 'the device was handed over') : openBest(tuning);
    default:
      choice satisfies never;
      throw new InputError(`openBackend: expected 'auto', 'webgpu' or 'cpu', got ${shown(choice)}. Name one of these.`);
  }
}

const openCpu = async (): Promise<Backend> => (await import('./cpu/index.js')).openCpu();

const openWebGpu = async (device?: WebGpuDevice, tuning?: Tuning): Promise<Backend> =>
  (await import('./webgpu/index.js')).openWebGpu(device as GPUDevice | undefined, tuning);

/**
 * Measures which tiles the adapter is fastest with, for `tuning` of openBackend; on the caller's device if one is given.
 *
 * @example
 * ```ts
 * import { openBackend, tune } from 'polyadic';
 *
 * const tuning = await tune(); // takes seconds: keep it, JSON.stringify(tuning), for the next time
 * using backend = await openBackend('webgpu', { tuning });
 * console.log(backend.adapter.description);
 * ```
 * @throws BackendError when there is no adapter.
 */
export async function tune(options: { readonly device?: WebGpuDevice } = {}): Promise<Tuning> {
  requireNamedOptions('tune', options, ['device']);
  return (await import('./webgpu/tune.js')).tune(options as { readonly device?: GPUDevice });
}

async function openBest(tuning: Tuning | undefined): Promise<OpenedBackend> {
  try {
    const backend = await openWebGpu(undefined, tuning);
    if (!backend.adapter.software) return withReason(backend, 'a hardware adapter is there');
    backend[dispose]();
    return withReason(
      await openCpu(),
      `the only WebGPU adapter is software (${adapterName(backend)}), slower than the CPU`,
    );
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return withReason(await openCpu(), 'there is no WebGPU adapter');
  }
}

/** Browsers leave the description empty; vendor and architecture are always given. */
const adapterName = ({ adapter: { vendor, architecture, description } }: Backend): string =>
  description || `${vendor} ${architecture}`.trim();

/** Adds the reason without losing the backend's getters. */
function withReason(backend: Backend, reason: string): OpenedBackend {
  return Object.defineProperty(backend, 'reason', { value: reason, enumerable: true }) as OpenedBackend;
}
