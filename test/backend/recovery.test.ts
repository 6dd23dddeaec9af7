// A device may be lost at any moment. One of our own is replaced, and the run goes on to the answer it would have had, bit by bit: what
// was sent since the last snapshot is sent again, and kernels repeat their bits. A borrowed one ends the run with the last state.
// Moments are calls to the device, drawn by seed; the device is destroyed before the call or right after it, so that also promises of
// pipelines, submits and mapped buffers are pending. The clock of the library stands still, so that runs cut their submits alike.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findGpu } from '../../src/backend/webgpu/gpu.js';
import { openWebGpu, type Limits } from '../../src/backend/webgpu/index.js';
import {
  decompose,
  decomposeBatch,
  dense,
  factored,
  type Backend,
  type Decomposition,
  type DecomposeOptions,
  type Target,
} from '../../src/index.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { casesOf } from '../support/all.js';
import { countDevices, type OnCall } from '../support/counted-devices.js';
import { openOwnDevice } from '../support/device.js';
import { searchOn, targetOf } from '../support/search-on-device.js';

const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1, noise: 0.1 });
const cube = dense(tensor.shape, tensor.data);
const components = factored({ ...plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 3 }).truth, dim: 5 });
const cells = plantedObserved({ shape: [6, 5, 4], rank: 2, share: 0.6, seed: 4 }).target;

type Run = (backend: Backend) => Promise<unknown>;

/** Everything that a run tells, but for times. */
const runOf =
  (target: Target, options: DecomposeOptions): Run =>
  async (backend) => {
    const { kruskal, stop, steps, relativeError, history } = await decompose(target, {
      rank: 2,
      seed: 1,
      finish: 'none',
      reportModels: true,
      ...options,
      backend,
    });
    return { kruskal, stop, steps, relativeError, history: history.map((report) => ({ ...report, seconds: 0 })) };
  };

/** Searches whose states are on the device. */
const searches: Record<string, Run> = {
  als: runOf(cube, { algorithm: 'als', maxSteps: 20, tolerance: 0 }),
  vanilla: runOf(components, { algorithm: 'vanilla', maxSteps: 200, tolerance: 0 }),
  beyondLazy: runOf(components, { algorithm: 'beyondLazy', maxSteps: 200, tolerance: 0 }),
  deflation: runOf(components, { algorithm: 'deflation', maxSteps: 40, tolerance: 0 }),
  completion: runOf(cells, { algorithm: 'completion', maxSteps: 60, tolerance: 0 }),
};

/** The others that use a device. */
const others: Record<string, Run> = {
  lazy: runOf(components, { algorithm: 'lazy', maxSteps: 100, tolerance: 0 }),
  powerDeflation: runOf(components, { algorithm: 'powerDeflation' }),
  compressed: runOf(cube, { algorithm: 'compressed' }),
  variational: (backend) =>
    searchOn(targetOf({ shape: [8, 7, 6], rank: 1, share: 0.6, noise: 0.1, offset: 0, seed: 1 }), backend),
  decomposeBatch: (backend) => decomposeBatch([components, components], { maxSteps: 50, tolerance: 0, backend }),
};

const unhandled: unknown[] = [];
const onUnhandled = (event: unknown): unknown => unhandled.push(event);

beforeEach(() => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  if (typeof process === 'undefined' || !process.versions?.node) addEventListener('unhandledrejection', onUnhandled);
  else process.on('unhandledRejection', onUnhandled);
});

afterEach(() => {
  vi.restoreAllMocks();
  if (typeof process === 'undefined' || !process.versions?.node) removeEventListener('unhandledrejection', onUnhandled);
  else process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

/** Destroys the device before its so-manieth call, or right after it, if `isHit`. */
const destroyAt =
  (at: number, isHit: (opened: number) => boolean): OnCall =>
  ({ device, opened, call }, make) =>
  (...args) => {
    const isNow = isHit(opened) && call === at;
    if (isNow && at % 2 === 0) device.destroy();
    const result = make(...args);
    if (isNow && at % 2 === 1) device.destroy();
    return result;
  };

const undisturbed: OnCall = (_, make) => make;
const first = (opened: number): boolean => opened === 0;

interface Opening {
  readonly limits?: Limits;
  readonly borrowed?: boolean;
}

async function answerOf(run: Run, onCall: OnCall, { limits = {}, borrowed = false }: Opening = {}) {
  using counted = await countDevices(onCall);
  using own = borrowed ? await openOwnDevice('all') : undefined;
  using backend = await openWebGpu(own?.device, undefined, limits);
  const answer = await run(backend);
  return { answer, counts: counted.counts, liveBuffers: backend.liveBuffers, replacements: backend.replacements };
}

/** One moment in each of `count` equal parts of so many calls; the first of them are from all over the run. */
function momentsOf(calls: number, count: number): readonly number[] {
  const random = randomStream(17);
  const moments = Array.from({ length: count }, (_, k) => Math.floor(((k + random.uniform()) / count) * calls));
  return moments.sort((a, b) => (a % 7) - (b % 7));
}

describe.each(Object.entries({ ...searches, ...others }))('a lost device, %s', (name, run) => {
  test('of our own is replaced, and the answer is the undisturbed one', async () => {
    const expected = await answerOf(run, undisturbed);
    expect(expected.replacements).toBe(0);
    for (const at of casesOf(momentsOf(expected.counts[0]!, name in searches ? 50 : 5), 2)) {
      const limits = { snapshotEvery: at % 3 === 0 ? 30 : Infinity };
      const { answer, ...rest } = await answerOf(run, destroyAt(at, first), { limits });
      expect(answer, `call ${at}`).toEqual(expected.answer);
      expect([rest.replacements, rest.liveBuffers], `call ${at}`).toEqual([1, 0]);
    }
  });
});

test.each(Object.entries(searches))('a borrowed device that is lost ends %s with the last state', async (_, run) => {
  const expected = await answerOf(run, undisturbed, { borrowed: true });
  for (const at of casesOf(momentsOf(expected.counts[0]!, 50), 1)) {
    const { answer, counts, liveBuffers } = await answerOf(run, destroyAt(at, first), { borrowed: true });
    const { stop, relativeError, kruskal } = answer as Decomposition;
    const factors = 'factors' in kruskal ? kruskal.factors : [kruskal.vectors];
    const numbers = [relativeError, ...kruskal.weights, ...factors.flatMap(({ data }) => Array.from(data))];
    expect([stop, numbers.every(Number.isFinite)], `call ${at}`).toEqual(['deviceLost', true]);
    expect([counts.length, liveBuffers], `call ${at}`).toEqual([1, 0]);
  }
});

const longRun = runOf(components, { algorithm: 'vanilla', maxSteps: 1000, tolerance: 0 });

test('devices may be lost again and again, as long as work goes on between', async () => {
  const expected = await answerOf(longRun, undisturbed);
  const everyDevice = destroyAt(120, () => true);
  const { answer, replacements, liveBuffers } = await answerOf(longRun, everyDevice, { limits: { snapshotEvery: 8 } });
  expect(answer).toEqual(expected.answer);
  expect(replacements).toBeGreaterThan(3);
  expect(liveBuffers).toBe(0);
});

test('a run that ends every device it is given ends with its last state', async () => {
  const everyDevice = destroyAt(120, () => true);
  const { answer, replacements, liveBuffers } = await answerOf(longRun, everyDevice, {
    limits: { snapshotEvery: Infinity },
  });
  expect((answer as Decomposition).stop).toBe('deviceLost');
  expect([replacements, liveBuffers]).toEqual([3, 0]);
});

test('where there is no other device, the run ends with its last state', async () => {
  const gpu = await findGpu();
  const search = searches['als']!;
  const run: Run = (backend) => {
    vi.spyOn(gpu, 'requestAdapter').mockResolvedValue(null);
    return search(backend);
  };
  const { answer, counts, liveBuffers } = await answerOf(run, destroyAt(200, first));
  const { stop, relativeError, kruskal } = answer as Decomposition;
  expect([stop, relativeError < 1, kruskal.weights.length]).toEqual(['deviceLost', true, 2]);
  expect([counts.length, liveBuffers]).toEqual([1, 0]);
});
