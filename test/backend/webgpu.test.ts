// The webgpu backend as a guest: borrowed devices, lost devices, limits, many workgroups, buffers that are all freed.
import { describe, expect, test } from 'vitest';
import { decompose, decomposeSteps, dense, openBackend } from '../../src/index.js';
import { foldGroups, groupsThatFit } from '../../src/backend/webgpu/recorder.js';
import { innermost, threeWay } from '../../src/backend/webgpu/three-way.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { openOwnDevice } from '../support/device.js';
import { plantedCp } from '../../src/problems/index.js';

const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1, noise: 0.1 });
const target = dense(tensor.shape, tensor.data);

test("the caller's device is used and stays alive", async () => {
  using own = await openOwnDevice('plain');
  const { device } = own;
  const result = await decompose(target, { rank: 2, algorithm: 'als', device, maxSteps: 5 });
  expect(result.backend).toBe('webgpu');
  expect(result.backendReason).toContain('handed over');
  const after = await decompose(target, { rank: 2, algorithm: 'als', device, maxSteps: 5 });
  expect(after.relativeError).toBe(result.relativeError);
});

test('a device without subgroups gives the same answer within rounding', async () => {
  using own = await openOwnDevice('plain');
  const { device } = own;
  expect(device.features.has('subgroups')).toBe(false);
  const plain = await decompose(target, { rank: 2, seed: 1, algorithm: 'als', device });
  const usual = await decompose(target, { rank: 2, seed: 1, algorithm: 'als', backend: 'webgpu' });
  expect(plain.relativeError).toBeCloseTo(usual.relativeError, 8);
});

test('a device lost in the middle of a run ends it with the last state', async () => {
  using own = await openOwnDevice('plain');
  const { device } = own;
  const steps = decomposeSteps(target, { rank: 2, algorithm: 'als', device, tolerance: 0 });
  let next = await steps.next();
  if (!next.done) next = await steps.next();
  device.destroy();
  while (!next.done) next = await steps.next();
  expect(next.value.stop).toBe('deviceLost');
  expect(next.value.advice).toContain('lost');
  expect(next.value.relativeError).toBeLessThan(1);
});

test('an array beyond the limits is refused with both sizes', async () => {
  using backend = await openBackend('webgpu');
  using scope = backend.scope('large');
  expect(() => scope.array('huge', backend.maxLength + 1)).toThrow(
    /expected arrays of at most [\d.]+ MiB .* got [\d.]+ MiB for huge/,
  );
});

test.each(['webgpu', 'cpu'] as const)('parts of an array are written and read on %s', async (kind) => {
  using backend = await openBackend(kind);
  using scope = backend.scope('parts');
  const array = scope.array('array', Float64Array.of(1, 2, 3, 4, 5));
  scope.write(array, Float64Array.of(7, 8), 2);
  expect(Array.from(await scope.read(array))).toEqual([1, 2, 7, 8, 5]);
  expect(Array.from(await scope.read(array, 1, 4))).toEqual([2, 7, 8]);
  expect(Array.from(await scope.read(array, 3))).toEqual([8, 5]);
  expect(Array.from(await scope.read(array, 2, 2))).toEqual([]);
});

test('open, use, close, open again', async () => {
  for (let round = 0; round < 3; round++) {
    using backend = await openBackend('webgpu');
    using scope = backend.scope('round');
    const values = scope.array('values', Float64Array.of(3, 4));
    const out = scope.array('out', 1);
    scope.sumOfSquares({ batch: 1, length: 2, values, out });
    expect(Array.from(await scope.read(out))).toEqual([25]);
  }
});

test('what is recorded while a flush compiles is sent after it', async () => {
  // A device of its own, on which nothing is compiled yet.
  using own = await openOwnDevice('plain');
  using backend = await openWebGpu(own.device);
  using scope = backend.scope('recorded meanwhile');
  const values = scope.array('values', Float64Array.of(3, 4));
  const out = scope.array('out', 1);
  const sum = { batch: 1, length: 2, accumulate: true, values, out };
  scope.sumOfSquares(sum);
  const flushed = scope.flush();
  await Promise.resolve();
  scope.sumOfSquares(sum);
  await flushed;
  scope.sumOfSquares(sum);
  expect(Array.from(await scope.read(out))).toEqual([75]);
});

test('more workgroups than one dimension holds are folded, and every one of them runs once', async () => {
  for (const count of [1, 65_535, 65_536, 1_000_003]) {
    const groups = groupsThatFit(count, 1, Infinity);
    const [x, y] = foldGroups(groups);
    expect([groups <= count, x * y, Math.max(x, y) <= 65_535]).toEqual([true, groups, true]);
  }
  using backend = await openBackend('webgpu');
  using scope = backend.scope('fold');
  // 64 invocations a group: 65 537 groups scale one entry each but the last group, which has one.
  const length = 65_536 * 64 + 1;
  const factor = scope.array('factor', new Float32Array(length).fill(1));
  const scales = scope.array('scales', Float64Array.of(2));
  scope.scaleColumns({ batch: 1, rows: length, rank: 1, by: 'multiply', scales, factor });
  const scaled = await scope.read(factor);
  expect(scaled.every((value) => value === 2)).toBe(true);
});

test('parameters that change with every step are written over what was sent, not beside it', async () => {
  using backend = await openBackend('webgpu');
  using scope = backend.scope('steps');
  const stepsEach = 5000;
  const parameters = scope.array('parameters', 1);
  const gradient = scope.array('gradient', Float64Array.of(1));
  const buffers: number[] = [];
  let moved = 0;
  for (let flush = 0; flush < 4; flush++) {
    for (let step = 0; step < stepsEach; step++) {
      // Whole numbers: every sum is exact in float32, so a step that is lost or taken twice shows.
      const rate = (flush * stepsEach + step) % 401;
      const odd = { rate, momentum: step / stepsEach };
      scope.descend({ batch: 1, length: 1, ...odd, gradient, parameters });
      moved -= rate;
    }
    await scope.flush();
    buffers.push(backend.liveBuffers);
  }
  expect(Array.from(await scope.read(parameters))).toEqual([moved]);
  expect(buffers[3]).toBe(buffers[1]);
});

describe('three-way views', () => {
  test.each([{ shape: [4, 5] }, { shape: [2, 3, 4] }, { shape: [5, 4, 3, 2] }, { shape: [2, 3, 2, 3, 2] }])(
    'of shape $shape reach every entry once, with the right row',
    ({ shape }) => {
      const size = shape.reduce((a, n) => a * n, 1);
      const runs = shape.flatMap((_, mode) => shape.slice(mode).map((__, more) => [mode, mode + 1 + more] as const));
      const views = runs
        .filter(([mode, end]) => end - mode < shape.length)
        .flatMap(([mode, end]) => {
          const view = threeWay(shape, mode, end);
          return [view, innermost(view)].map((seen) => ({ view: seen, end }));
        });
      views.forEach(({ view, end }) => {
        const { rows } = view;
        const after = shape.slice(end).reduce((a, n) => a * n, 1);
        const seen = new Set<number>();
        for (let o = 0; o < view.outer; o++) {
          for (let i = 0; i < view.rows; i++) {
            for (let q = 0; q < view.inner; q++) {
              const at = o * view.outerStride + i * view.rowStride + q * view.innerStride;
              expect(Math.floor(at / after) % rows).toBe(i);
              seen.add(at);
            }
          }
        }
        expect([seen.size, Math.max(...seen)]).toEqual([size, size - 1]);
      });
    },
  );
});
