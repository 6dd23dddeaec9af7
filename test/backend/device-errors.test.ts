/// <reference types="vite/types/importMeta.d.ts" />
// Errors of a device: ours end one run, with one error, and the backend works on; the caller's are the caller's.
import { describe, expect, test } from 'vitest';
import type { DeviceArray } from '../../src/backend/backend.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import {
  BackendError,
  decompose,
  decomposeBatch,
  dense,
  factored,
  relativeError,
  type DecomposeOptions,
  type Decomposition,
} from '../../src/index.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { callNames, countDevices, type CallName } from '../../bench/recovery/counted-devices.js';
import { casesOf } from '../support/all.js';
import { openOwnDevice } from '../support/device.js';

const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1 });
const target = dense(tensor.shape, tensor.data);
const options: DecomposeOptions = { rank: 2, algorithm: 'als', starts: 2, maxSteps: 3, finish: 'none', seed: 1 };

test('an error of the caller on a shared device does not reach our runs', async () => {
  using own = await openOwnDevice('all');
  const { device } = own;
  const seen: string[] = [];
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    seen.push(event.error.message);
  });
  using backend = await openWebGpu(device);
  device.createBuffer({ label: 'of the caller', size: 16, usage: 0 });
  const { stop } = await decompose(target, { ...options, backend });
  expect(stop).toBe('stepLimit');
  expect(seen).toHaveLength(1);
  expect(seen[0]).toContain('of the caller');
});

type Wrong = (name: CallName, make: Call, args: never[]) => unknown;
type Call = (...args: never[]) => unknown;

/** Calls that the device finds a fault in. */
const invalid: Partial<Record<CallName, (call: (...args: unknown[]) => unknown, args: readonly unknown[]) => unknown>> =
  {
    createBuffer: (call, [descriptor]) => call({ ...(descriptor as GPUBufferDescriptor), usage: 0 }),
    createBindGroup: (call, [descriptor]) => call({ ...(descriptor as GPUBindGroupDescriptor), entries: [] }),
    createBindGroupLayout: (call) =>
      call({ entries: [0, 0].map((binding) => ({ binding, visibility: 4, buffer: {} })) }),
    createShaderModule: (call) => call({ code: 'no WGSL' }),
    writeBuffer: (call, [buffer]) => call(buffer, 2 ** 40, new Uint32Array(1)),
  };
const keptCalls = Number(import.meta.env['VITE_MOMENTS'] ?? 4);
const asynchronous = new Set<CallName>(['createComputePipelineAsync', 'onSubmittedWorkDone', 'mapAsync']);

const ways = {
  fails: (name) => {
    const error = new Error('out of luck');
    if (asynchronous.has(name)) return Promise.reject(error);
    throw error;
  },
  'is invalid': (name, make, args) => invalid[name]?.(make as (...args: unknown[]) => unknown, args),
} satisfies Record<string, Wrong>;

interface Fault {
  readonly name: CallName;
  readonly way: keyof typeof ways;
}

const faults: readonly Fault[] = [
  ...callNames.map((name) => ({ name, way: 'fails' as const })),
  ...callNames.filter((name) => invalid[name]).map((name) => ({ name, way: 'is invalid' as const })),
];

/**
 * Made once per device and kernel: only a fresh device shows what happens when they fail. Opening one takes a second, so that four of
 * these calls are made to fail, spread over all; with VITE_MOMENTS=1000 in the environment every one of them.
 */
const isKept = (name: CallName): boolean => /Layout|Shader|Pipeline/.test(name);

describe.each(['our own', "the caller's"])('on a device of %s', (owner) => {
  /** A backend, and runs on it in which the so-manieth call of a kind goes wrong. */
  async function openFaulty({ name, way }: Fault) {
    let calls = 0;
    let wrongCall = Infinity;
    const devices = new Set<GPUDevice>();
    const uncaptured: string[] = [];
    const counted = await countDevices((call, make) => {
      if (!devices.has(call.device))
        call.device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
      devices.add(call.device);
      if (call.name !== name || calls++ !== wrongCall) return make;
      return (...args) => ways[way](name, make, args);
    });
    const own = owner === 'our own' ? undefined : await openOwnDevice('all');
    const backend = await openWebGpu(own?.device);
    /** The outcome of a run, and how many calls of the kind it made. */
    async function run(wrong = Infinity) {
      calls = 0;
      wrongCall = wrong;
      const outcome = await decompose(target, { ...options, backend }).catch((error: unknown) => error);
      return { outcome, calls };
    }
    return {
      run,
      left: () => ({ liveBuffers: backend.liveBuffers, uncaptured, opened: counted.counts.length }),
      [Symbol.dispose]: () => {
        counted[Symbol.dispose]();
        backend[Symbol.dispose]();
        own?.[Symbol.dispose]();
      },
    };
  }

  test.each(faults)('any call of $name that $way ends one run with one error, or costs nothing', async (fault) => {
    using first = await openFaulty(fault);
    const fresh = await first.run();
    const again = await first.run();
    const { kruskal } = again.outcome as Decomposition;
    const { calls } = isKept(fault.name) ? fresh : again;
    expect(calls).toBeGreaterThan(0);
    const count = isKept(fault.name) ? Math.min(calls, keptCalls) : calls;
    const every = Array.from({ length: count }, (_, k) => Math.floor(((k + 1) * calls) / count) - 1);
    for (const k of casesOf([...every].reverse(), 1)) {
      using other = isKept(fault.name) ? await openFaulty(fault) : undefined;
      const faulty = other ?? first;
      const { outcome } = await faulty.run(k);
      if (outcome instanceof Error) expect(outcome, `call ${k}`).toBeInstanceOf(BackendError);
      else expect(outcome, `call ${k}`).toMatchObject({ kruskal });
      expect(faulty.left(), `call ${k}`).toEqual({ liveBuffers: 0, uncaptured: [], opened: 1 });
      expect((await faulty.run()).outcome, `after call ${k}`).toMatchObject({ kruskal });
    }
  });
});

describe('a device that runs out of memory', () => {
  const four: DecomposeOptions = { ...options, starts: 4, tolerance: 0 };
  const problems = [1, 2, 3, 4].map((seed) =>
    factored({ ...plantedSymmetric({ order: 3, dim: 4, rank: 2, seed }).truth, dim: 4 }),
  );

  /** A backend on a device that has no room for arrays of more than so many bytes; and the sizes of those that it had. */
  async function backendWithRoom(label: string, maxBytes: number) {
    const own = await openOwnDevice('all');
    const { device } = own;
    const createBuffer = device.createBuffer.bind(device);
    const popErrorScope = device.popErrorScope.bind(device);
    const sizes: number[] = [];
    let isFull = false;
    device.createBuffer = (descriptor) => {
      if (descriptor.label === label) {
        if (descriptor.size > maxBytes) isFull = true;
        else sizes.push(descriptor.size);
      }
      return createBuffer(descriptor);
    };
    class GPUOutOfMemoryError {
      readonly message = 'no room';
    }
    device.popErrorScope = async () => {
      const error = isFull ? new GPUOutOfMemoryError() : null;
      isFull = false;
      return (await popErrorScope()) ?? error;
    };
    const backend = await openWebGpu(device);
    return { backend, sizes, [Symbol.dispose]: () => own[Symbol.dispose]() };
  }

  const bytesPerStart = 4 * tensor.data.length;

  test.each([3, 2, 1])('computes starts in smaller batches: room for %i', async (room) => {
    using whole = await backendWithRoom('residual', Infinity);
    const expected = await decompose(target, { ...four, backend: whole.backend });
    expect(whole.sizes).toEqual([4 * bytesPerStart]);
    using small = await backendWithRoom('residual', room * bytesPerStart);
    const { kruskal, stop, starts } = await decompose(target, { ...four, backend: small.backend });
    expect(small.sizes.map((size) => size / bytesPerStart)).toEqual(room === 1 ? [1, 1, 1, 1] : [2, 2]);
    expect([stop, starts]).toEqual([expected.stop, expected.starts]);
    // Sums are cut otherwise: 3 sweeps of 3 modes, each of some 20 roundings of 6e-8.
    expect(relativeError(kruskal, expected.kruskal)).toBeLessThan(1e-5);
    expect(small.backend.liveBuffers).toBe(0);
  });

  test('computes problems in smaller batches', async () => {
    using whole = await backendWithRoom('vectors', Infinity);
    const expected = await decomposeBatch(problems, { maxSteps: 50, backend: whole.backend });
    // Four components of each model and two of its target.
    const bytesPerProblem = 4 * (4 + 2) * 4;
    expect(whole.sizes).toEqual([4 * bytesPerProblem]);
    using small = await backendWithRoom('vectors', 2 * bytesPerProblem);
    expect(await decomposeBatch(problems, { maxSteps: 50, backend: small.backend })).toEqual(expected);
    expect(small.sizes).toEqual([2 * bytesPerProblem, 2 * bytesPerProblem]);
    expect(small.backend.liveBuffers).toBe(0);
  });

  test('refuses one start that does not fit, in bytes', async () => {
    using small = await backendWithRoom('residual', bytesPerStart / 2);
    const refused = decompose(target, { ...four, backend: small.backend });
    await expect(refused).rejects.toThrow(BackendError);
    await expect(refused).rejects.toThrow(/arrays of [\d.]+ MiB together, got out of memory/);
    expect(small.backend.liveBuffers).toBe(0);
  });
});

test('a consumer that throws leaves no array and no device open', async () => {
  using own = await openOwnDevice('all');
  using backend = await openWebGpu(own.device);
  for (let round = 0; round < 3; round++) {
    const onProgress = () => {
      throw new RangeError('no more');
    };
    await expect(decompose(target, { ...options, backend, onProgress })).rejects.toThrow('no more');
    expect(backend.liveBuffers).toBe(0);
  }
});

describe('a device that is lost', () => {
  /** A backend on a device that is destroyed before the so-manieth read. */
  async function lostAtRead(read: number) {
    const own = await openOwnDevice('all');
    const backend = await openWebGpu(own.device);
    let reads = 0;
    const scope = (label: string) => {
      const opened = backend.scope(label);
      const readBack = opened.read.bind(opened);
      return Object.assign(opened, {
        read: (array: DeviceArray) => {
          if (reads++ === read) own.device.destroy();
          return readBack(array);
        },
      });
    };
    return { ...backend, scope, [Symbol.dispose]: () => own.device.destroy() };
  }

  test('before the first report, ends the run with no components, and says why', async () => {
    using backend = await lostAtRead(0);
    const { stop, advice, rank, relativeError } = await decompose(target, { ...options, backend });
    expect([stop, rank, relativeError]).toEqual(['deviceLost', 0, 1]);
    expect(advice).toContain('lost');
  });

  test('leaves the problems of a batch as they were seen last', async () => {
    const targets = [1, 2].map((seed) =>
      factored({ ...plantedSymmetric({ order: 3, dim: 4, rank: 2, seed }).truth, dim: 4 }),
    );
    using whole = await openWebGpu();
    const expected = await decomposeBatch(targets, { maxSteps: 50, tolerance: 0, backend: whole });
    using early = await lostAtRead(0);
    const none = await decomposeBatch(targets, { maxSteps: 50, tolerance: 0, backend: early });
    expect(none.map(({ converged, steps, relativeError }) => [converged, steps, relativeError])).toEqual([
      [false, 0, 1],
      [false, 0, 1],
    ]);
    expect(expected.every(({ steps }) => steps === 50)).toBe(true);
  });
});

test('a backend that is disposed while a run uses it is named', async () => {
  const backend = await openWebGpu();
  const run = decompose(target, {
    ...options,
    maxSteps: 1000,
    tolerance: 0,
    backend,
    onProgress: () => backend[Symbol.dispose](),
  });
  await expect(run).rejects.toThrow(/^webgpu: expected an open backend, got one that was disposed while a run used it/);
});
