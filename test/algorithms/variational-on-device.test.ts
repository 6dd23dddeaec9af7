// `variational` with its row sums on a device: the rank, the stop and the predictions of the CPU, with noise or none, with offsets, and also
// when the device is lost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRowSums } from '../../src/algorithms/row-sums-on-device.js';
import type { Backend } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { observedProblem } from '../../src/handles/observed.js';
import { decompose, relativeError } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { entriesOf, type Entries, type RowSumsOnDevice } from '../../src/variational/entries.js';
import { modelOf, randomFactors } from '../../src/variational/model.js';
import { refit } from '../../src/variational/refit.js';
import { search } from '../../src/variational/search.js';
import { sweep } from '../../src/variational/sweep.js';
import { atLeisure, finished, yieldIfDue } from '../../src/yield.js';
import { casesOf } from '../support/all.js';
import { openOwnDevice } from '../support/device.js';
import { expectSame, searchOn, targetOf, type CompletionProblem } from '../support/search-on-device.js';
import { watchedReads } from '../support/watched-reads.js';

let webgpu: Backend;
beforeAll(async () => {
  webgpu = await openWebGpu();
});
afterAll(() => webgpu[Symbol.dispose]());

const problems: readonly Omit<CompletionProblem, 'seed'>[] = [
  { shape: [16, 14], rank: 1, share: 0.7, noise: 0.1, offset: 0 },
  { shape: [15, 15, 15], rank: 2, share: 0.3, noise: 0.1, offset: 20 },
  { shape: [10, 10, 10], rank: 3, share: 0.2, noise: 0, offset: 0 },
  { shape: [8, 7, 6, 5], rank: 2, share: 0.3, noise: 0.01, offset: 0 },
  { shape: [15, 14, 13], rank: 3, share: 0.3, noise: 0.3, offset: 0 },
  { shape: [12, 12, 12], rank: 2, share: 0.3, noise: 0.003, offset: 1 },
  { shape: [20, 3, 25], rank: 2, share: 0.4, noise: 0.1, offset: 3 },
];
const grid = [1, 2, 3].flatMap((seed) => problems.map((problem) => ({ ...problem, seed })));

test.each(casesOf(grid, 4))('the answer of the CPU: %o', async (problem) => {
  const target = targetOf(problem);
  const found = await searchOn(target, webgpu);
  expectSame(found, await searchOn(target), problem);
  expect(found.onDevice).toBeGreaterThan(100);
  expect([found.whyNot, webgpu.liveBuffers]).toEqual([undefined, 0]);
});

test('an offset that leaves the noise less than float32 can tell: the CPU does all', async () => {
  const target = targetOf({ shape: [15, 15, 15], rank: 2, share: 0.3, noise: 0.01, offset: 300, seed: 1 });
  const found = await searchOn(target, webgpu);
  expectSame(found, await searchOn(target), { noise: 0.01 });
  expect(found.onCpu).toBeGreaterThan(found.onDevice);
});

describe('a fit', () => {
  const target = targetOf({ shape: [15, 14, 13], rank: 3, share: 0.3, noise: 0.1, offset: 0, seed: 1 });
  const startOf = ({ shape, variance }: Entries) => {
    const factors = finished(randomFactors(shape, 6, (variance / 6) ** (1 / 6), randomStream(1)));
    return modelOf(shape, factors, 6, 0.03 * variance);
  };

  test('sweeps of both have the same evidence, within the rounding that they state', async () => {
    using device = openRowSums(webgpu, () => true);
    const entries = finished(entriesOf(target, device));
    const models = [startOf(entries), startOf(entries)] as const;
    for (let step = 0; step < 10; step++) {
      const onCpu = finished(sweep(entries, models[0], 0));
      const onDevice = await atLeisure(sweep(entries, models[1], 0, device));
      expect(onCpu.rounding).toBe(0);
      // From the second sweep on the models differ by what was rounded before: that adds up, to ten times as much at most.
      expect(Math.abs(onDevice.evidence - onCpu.evidence)).toBeLessThan(10 * onDevice.rounding * entries.count);
    }
  });

  test('ends with sweeps on the CPU, so that rounding neither keeps it from its end nor is in its evidence', async () => {
    // A device that rounds coarsely: its evidence changes by 5e-4 nats per entry from sweep to sweep, 50 times what ends a fit.
    const roundoff = 1e-5;
    using precise = openRowSums(openCpu(), () => true);
    const random = randomStream(2);
    const coarse = (sums: Float64Array): Float64Array => sums.map((sum) => sum * (1 + roundoff * random.normal()));
    const device: RowSumsOnDevice = {
      roundoff,
      *sums(...sweepAndMode) {
        const sums = yield* precise.sums(...sweepAndMode);
        return sums && { ofMeans: coarse(sums.ofMeans), ofSecondMoments: coarse(sums.ofSecondMoments) };
      },
    };
    const entries = finished(entriesOf(target, device));
    const { isSettled, evidence, model } = await atLeisure(
      refit(entries, startOf(entries), { sweeps: 150, minNoise: 0 }),
    );
    expect(isSettled).toBe(true);
    const next = finished(sweep(entries, model, 0));
    expect(Math.abs(next.evidence - evidence)).toBeLessThan(1e-5 * entries.count);
  });
});

test('a device that is lost at any of its reads costs time and no answer', async () => {
  const problem = problems[0]!;
  const target = targetOf({ ...problem, seed: 1 });
  const expected = await searchOn(target);
  for (const lostAt of casesOf([41, 0, 1, 2, 3, 500], 1)) {
    using own = await openOwnDevice('all');
    using backend = await openWebGpu(own.device);
    let seen = 0;
    const destroyOnce = () => {
      if (seen++ === lostAt) own.device.destroy();
    };
    const found = await searchOn(target, watchedReads(backend, destroyOnce));
    expectSame(found, expected, problem);
    expect(found.whyNot).toMatch(/^webgpu: the device was lost/);
  }
});

test('a search that is given up while it waits for the device leaves nothing behind', async () => {
  const target = targetOf({ ...problems[1]!, seed: 1 });
  for (const pauses of [3, 40]) {
    using device = openRowSums(webgpu, () => true);
    const work = search(await atLeisure(entriesOf(target, device)), observedProblem(target), {
      rank: 'auto',
      seed: 1,
      starts: 2,
      sweeps: 150,
    });
    for (let pause = 0; pause < pauses; pause++) {
      work.next();
      await yieldIfDue();
    }
    work.next();
    work.return(undefined as never);
  }
  expect(webgpu.liveBuffers).toBe(0);
});

test('decompose says where it was done', async () => {
  const target = targetOf({ ...problems[1]!, seed: 1 });
  const asked = { algorithm: 'variational', seed: 1 } as const;
  const found = await decompose(target, { ...asked, backend: webgpu });
  expect([found.backend, found.backendReason]).toEqual([
    'webgpu',
    'handed over open; float64 on the CPU took over: sweeps are too short to benefit from a GPU',
  ]);
  expect(found.kruskal).toEqual((await decompose(target, { ...asked, backend: 'cpu' })).kruskal);
});

test.each([
  { algorithm: { kind: 'variational', loss: 'huber' } },
  { algorithm: 'variational', nonnegative: true },
] as const)('the CPU alone, which is said: %o', async (asked) => {
  const target = targetOf({ ...problems[1]!, seed: 1 });
  await expect(decompose(target, { ...asked, backend: 'webgpu' })).rejects.toThrow(
    /^variational: expected the cpu backend, got webgpu/,
  );
});

test.each(casesOf([1], 0))('decompose on a GPU, where it is worth it', async (seed) => {
  const problem = { shape: [140, 110, 80], rank: 5, share: 0.09, noise: 0.1, offset: 0, seed };
  const target = targetOf(problem);
  const asked = { algorithm: 'variational', seed: 1 } as const;
  const found = await decompose(target, { ...asked, backend: webgpu });
  const expected = await decompose(target, { ...asked, backend: 'cpu' });
  expect([found.rank, found.stop, found.backendReason]).toEqual([expected.rank, expected.stop, 'handed over open']);
  expect(relativeError(found.kruskal, expected.kruskal)).toBeLessThan(2 * Math.sqrt(1e-3) * problem.noise);
});
