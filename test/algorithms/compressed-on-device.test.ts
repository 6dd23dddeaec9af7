// `compressed` with its large products on a device: the answer of the CPU, whether the device's precision is enough or not, and also when
// the device is lost at any of its reads.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { truncateOnDevice } from '../../src/compression/truncate-on-device.js';
import { truncateModes } from '../../src/compression/truncate-modes.js';
import { decompose, dense, factorMatchScore, type Decomposition, type Kruskal } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { sumOfSquares } from '../../src/tensor/square-sum.js';
import { atLeisure, finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';
import { openOwnDevice } from '../support/device.js';
import { watchedReads } from '../support/watched-reads.js';

let webgpu: Backend;
beforeAll(async () => {
  webgpu = await openWebGpu();
});
afterAll(() => webgpu[Symbol.dispose]());

function targetOf(shape: readonly number[], rank: number, noise: number, seed: number) {
  const { tensor } = plantedCp({ shape, rank, noise, seed });
  return dense(tensor.shape, tensor.data);
}

/** The same answer, but for the rounding of float64. */
function expectSame(found: Decomposition<Kruskal>, expected: Decomposition<Kruskal>): void {
  const { rank, stop, rankChoice, relativeError } = expected;
  expect([found.rank, found.stop, found.rankChoice?.confidence]).toEqual([rank, stop, rankChoice?.confidence]);
  // Both end where a step lowers the error by less than 5e-7 of itself.
  expect(Math.abs(found.relativeError / relativeError - 1)).toBeLessThan(1e-6);
  if (rank > 0) expect(factorMatchScore(found.kruskal, expected.kruskal)).toBeGreaterThan(1 - 1e-4);
}

const grid = [0.01, 0.1, 0.3].flatMap((noise) =>
  [
    { shape: [13, 14, 15], rank: 3, noise },
    { shape: [10, 8, 9, 7], rank: 2, noise },
    { shape: [40, 3, 30], rank: 2, noise },
    // One mode longer than all others together: the CPU finishes the compression.
    { shape: [5, 4, 200], rank: 2, noise },
  ].flatMap((problem) => [1, 2, 3].map((seed) => ({ ...problem, seed }))),
);

test.each(casesOf(grid, 2))('$shape, rank $rank, noise $noise, seed $seed: as on the CPU', async (problem) => {
  const target = targetOf(problem.shape, problem.rank, problem.noise, problem.seed);
  const found = await decompose(target, { backend: webgpu });
  expectSame(found, await decompose(target));
  expect([found.algorithm, found.backend, found.backendReason]).toEqual(['compressed', 'webgpu', 'handed over open']);
  expect(webgpu.liveBuffers).toBe(0);
});

test('a rank that is given', async () => {
  const target = targetOf([13, 14, 15], 3, 0.1, 1);
  expectSame(await decompose(target, { backend: webgpu, rank: 2 }), await decompose(target, { rank: 2 }));
});

test.each([0, 1e-4])('noise of %d, which float32 hides: in float64 on the CPU, and said', async (noise) => {
  const target = targetOf([13, 14, 15], 3, noise, 1);
  const found = await decompose(target, { backend: webgpu });
  const expected = await decompose(target);
  expect(found.kruskal).toEqual(expected.kruskal);
  expect(found.backendReason).toBe(
    'handed over open; float64 on the CPU took over: float32 hides its smallest singular values',
  );
});

test('a few missing cells', async () => {
  const { tensor } = plantedCp({ shape: [13, 14, 15], rank: 3, noise: 0.05, seed: 1 });
  const holes = Float64Array.from(tensor.data, (value, at) => (at % 31 === 0 ? NaN : value));
  const target = dense(tensor.shape, holes, { missing: 'nan' });
  expectSame(await decompose(target, { backend: webgpu }), await decompose(target));
});

test('products of a device with the precision of the CPU give its compression', async () => {
  using cpu = openCpu();
  using scope = cpu.scope('test');
  const { shape, data } = targetOf([12, 40, 9, 10], 3, 0.1, 1);
  const keep = () => 3;
  const array = scope.array('tensor', data);
  const found = await atLeisure(truncateOnDevice({ scope, roundoff: cpu.roundoff, shape, array }, keep));
  const expected = finished(truncateModes({ shape, data }, keep));
  // Bases may differ in signs; what they keep may not, beyond rounding.
  expect(found?.factors.map(({ rows, columns }) => [rows, columns])).toEqual(
    expected.factors.map(({ rows, columns }) => [rows, columns]),
  );
  const kept = sumOfSquares(expected.core.data);
  expect(Math.abs(sumOfSquares(found?.core.data ?? new Float64Array(0)) / kept - 1)).toBeLessThan(1e-12);
});

test('a device that is lost at any of its reads costs time and no answer', async () => {
  const target = targetOf([13, 14, 15], 3, 0.1, 1);
  const expected = await decompose(target);
  let reads = 0;
  expectSame(
    await decompose(target, {
      backend: watchedReads(webgpu, () => {
        reads++;
      }),
    }),
    expected,
  );
  expect(reads).toBeGreaterThan(4);
  for (const lostAt of casesOf(Array.from({ length: reads }, (_, at) => at).reverse(), 2)) {
    using own = await openOwnDevice('all');
    using backend = await openWebGpu(own.device);
    let seen = 0;
    const destroyOnce = () => {
      if (seen++ === lostAt) own.device.destroy();
    };
    const found = await decompose(target, { backend: watchedReads(backend, destroyOnce) });
    expectSame(found, expected);
    expect(found.backendReason).toMatch(/^handed over open; float64 on the CPU took over: webgpu: the device was lost/);
  }
});
