// Small runs of everything that computes on a device, and what happens to them where the device is lost at one of its calls.
import type { Limits } from '../../src/backend/webgpu/index.js';
import { findGpu } from '../../src/backend/webgpu/gpu.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import {
  decompose,
  decomposeBatch,
  dense,
  factored,
  type Backend,
  type DecomposeOptions,
  type Decomposition,
  type Target,
} from '../../src/index.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { countDevices, type OnCall } from './counted-devices.js';

const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1, noise: 0.1 });
export const cube = dense(tensor.shape, tensor.data);
export const components = factored({ ...plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 3 }).truth, dim: 5 });
const cells = plantedObserved({ shape: [6, 5, 4], rank: 2, share: 0.6, seed: 4 }).target;

/** Computes on a backend, and gives what must not depend on losses. */
export type Run = (backend: Backend) => Promise<unknown>;

/** What a run tells, but for times. */
export type Told = Pick<Decomposition, 'kruskal' | 'stop' | 'steps' | 'relativeError' | 'history'>;

export const runOf =
  (target: Target, options: DecomposeOptions) =>
  async (backend: Backend): Promise<Told> => {
    const all = { rank: 2, seed: 1, finish: 'none', reportModels: true, ...options, backend } as const;
    const { kruskal, stop, steps, relativeError, history } = await decompose(target, all);
    return { kruskal, stop, steps, relativeError, history: history.map((report) => ({ ...report, seconds: 0 })) };
  };

/** Searches whose states are on the device. */
export const searches = {
  als: runOf(cube, { algorithm: 'als', maxSteps: 20, tolerance: 0 }),
  vanilla: runOf(components, { algorithm: 'vanilla', maxSteps: 200, tolerance: 0 }),
  beyondLazy: runOf(components, { algorithm: 'beyondLazy', maxSteps: 200, tolerance: 0 }),
  deflation: runOf(components, { algorithm: 'deflation', maxSteps: 40, tolerance: 0 }),
  completion: runOf(cells, { algorithm: 'completion', maxSteps: 60, tolerance: 0 }),
};

/** The others, but for variational, which gives a device no run as small as these. */
export const others = {
  lazy: runOf(components, { algorithm: 'lazy', maxSteps: 100, tolerance: 0 }),
  powerDeflation: runOf(components, { algorithm: 'powerDeflation' }),
  compressed: runOf(cube, { algorithm: 'compressed' }),
  decomposeBatch: (backend: Backend) =>
    decomposeBatch([components, components], { maxSteps: 50, tolerance: 0, backend }),
};

export const undisturbed: OnCall = (_, make) => make;

/** Destroys a device at one of its calls: before it, or right after it, so that a promise of its may be pending. */
export const destroyAt =
  (at: number, isHit = (opened: number): boolean => opened === 0): OnCall =>
  ({ device, opened, call }, make) =>
  (...args) => {
    const isNow = isHit(opened) && call === at;
    if (isNow && at % 2 === 0) device.destroy();
    const result = make(...args);
    if (isNow && at % 2 === 1) device.destroy();
    return result;
  };

export interface Opening {
  readonly limits?: Limits;
  /** Whether the device is the caller's. */
  readonly borrowed?: boolean;
}

/** A run on a backend of its own. */
export async function answerOf<T>(
  run: (backend: Backend) => Promise<T>,
  onCall: OnCall,
  { limits = {}, borrowed = false }: Opening = {},
) {
  using counted = await countDevices(onCall);
  // Held, for Dawn in Node crashes where it is collected under a live device.
  const gpu = await findGpu();
  const device = borrowed ? await (await gpu.requestAdapter())?.requestDevice() : undefined;
  using backend = await openWebGpu(device, undefined, limits);
  const answer = await run(backend);
  const { liveBuffers, replacements } = backend;
  device?.destroy();
  return { answer, calls: counted.counts[0] ?? 0, opened: counted.counts.length, liveBuffers, replacements };
}

/** One random moment in each of `count` equal parts of so many calls; the first of them are from all over the run. */
export function momentsOf(calls: number, count: number): readonly number[] {
  const random = randomStream(17);
  const moments = Array.from({ length: count }, (_, k) => Math.floor(((k + random.uniform()) / count) * calls));
  return moments.sort((a, b) => (a % 7) - (b % 7));
}

/** Dispatches between two snapshots for a loss at this call: the whole run is sent again, or the end of it. */
export const snapshotEvery = (at: number): number => (at % 3 === 0 ? 30 : Infinity);

/** Whether a model has finite numbers alone. */
export function isFinite({ kruskal, relativeError }: Told): boolean {
  const factors = 'factors' in kruskal ? kruskal.factors : [kruskal.vectors];
  return [relativeError, ...kruskal.weights, ...factors.flatMap(({ data }) => Array.from(data))].every(Number.isFinite);
}
