// Errors of a device: ours end one run, with one error, and the backend works on; the caller's are the caller's.
import { describe, expect, test } from 'vitest';
import type { DeviceArray } from '../../src/backend/backend.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { BackendError, decompose, decomposeBatch, dense, factored, type DecomposeOptions } from '../../src/index.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
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

/** Kinds of calls, and how one of them goes wrong. */
const faults = {
  createBuffer: {
    of: (device) => device,
    wrong: (call, [descriptor]) => call({ ...(descriptor as GPUBufferDescriptor), usage: 0 }),
  },
  createBindGroup: {
    of: (device) => device,
    wrong: (call, [descriptor]) => call({ ...(descriptor as GPUBindGroupDescriptor), entries: [] }),
  },
  createShaderModule: { of: (device) => device, wrong: (call) => call({ code: 'no WGSL' }) },
  createComputePipelineAsync: { of: (device) => device, wrong: () => Promise.reject(new Error('out of luck')) },
  writeBuffer: { of: ({ queue }) => queue, wrong: (call, [buffer]) => call(buffer, 2 ** 40, new Uint32Array(1)) },
} satisfies Record<string, Fault>;

interface Fault {
  readonly of: (device: GPUDevice) => object;
  readonly wrong: (call: (...args: unknown[]) => unknown, args: unknown[]) => unknown;
}

/** Lets the so-manieth call of a kind go wrong; counts them. */
function sabotage(device: GPUDevice, name: keyof typeof faults, wrongCall: number) {
  const { of, wrong }: Fault = faults[name];
  const object = of(device) as Record<string, (...args: unknown[]) => unknown>;
  const call = object[name]!.bind(object);
  const calls = { count: 0 };
  object[name] = (...args) => (calls.count++ === wrongCall ? wrong(call, args) : call(...args));
  return calls;
}

test.each(Object.keys(faults) as (keyof typeof faults)[])('any %s may fail', async (name) => {
  using counted = await openOwnDevice('all');
  const calls = sabotage(counted.device, name, Infinity);
  using whole = await openWebGpu(counted.device);
  const expected = await decompose(target, { ...options, backend: whole });
  expect(calls.count).toBeGreaterThan(0);
  const every = Array.from({ length: calls.count }, (_, k) => k);
  for (const k of casesOf([...every].reverse(), 2)) {
    using own = await openOwnDevice('all');
    const uncaptured: string[] = [];
    own.device.addEventListener('uncapturederror', ({ error }) => uncaptured.push(error.message));
    sabotage(own.device, name, k);
    using backend = await openWebGpu(own.device);
    const failed = decompose(target, { ...options, backend });
    await expect(failed, `call ${k}`).rejects.toThrow(BackendError);
    expect([backend.liveBuffers, uncaptured]).toEqual([0, []]);
    // The same backend works on.
    const { kruskal } = await decompose(target, { ...options, backend });
    expect(kruskal).toEqual(expected.kruskal);
  }
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
