/// <reference types="vite/types/importMeta.d.ts" />
// A device may be lost at any moment. One of our own is replaced, and the run goes on to the answer it would have had, bit by bit: what
// was sent since the last snapshot is sent again, and kernels repeat their bits. A borrowed one ends the run with the last state.
// Moments are calls to the device, drawn by seed. The clock of the library stands still, so that runs cut their submits alike.
// All of it, 50 moments each: node src/node/bootstrap.mjs tsx bench/recovery/run.ts, and in a browser, ten of five runs, this file with
// VITE_MOMENTS=10 in the environment, --project chromium --mode all.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  answerOf,
  components,
  cube,
  destroyAt,
  isFinite,
  momentsOf,
  others,
  runOf,
  searches,
  snapshotEvery,
  undisturbed,
  type Run,
} from '../../bench/recovery/runs.js';
import { findGpu } from '../../src/backend/webgpu/gpu.js';
import { decompose, type Backend } from '../../src/index.js';
import { casesOf } from '../support/all.js';
import { searchOn, targetOf } from '../support/search-on-device.js';

const variational = (backend: Backend) =>
  searchOn(targetOf({ shape: [8, 7, 6], rank: 1, share: 0.6, noise: 0.1, offset: 0, seed: 1 }), backend);

const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
/** Of a run in the mode `all`. A browser takes seconds to open a device. */
const moments = Number(import.meta.env['VITE_MOMENTS'] ?? (isNode ? 6 : 2));
const unhandled: unknown[] = [];
const onUnhandled = (event: unknown): void => void unhandled.push(event);

beforeEach(() => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  if (isNode) process.on('unhandledRejection', onUnhandled);
  else addEventListener('unhandledrejection', onUnhandled);
});

afterEach(() => {
  vi.restoreAllMocks();
  if (isNode) process.off('unhandledRejection', onUnhandled);
  else removeEventListener('unhandledrejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

/** On one backend, so that either may be the one that finds the device lost. */
const twoAtOnce = (backend: Backend) => Promise.all([searches.als(backend), searches.vanilla(backend)]);

const all: Record<string, Run> = { ...searches, ...others, variational, 'two runs at once': twoAtOnce };

test.each(Object.entries(all))('a lost device of our own changes no bit of %s', async (name, run) => {
  const expected = await answerOf(run, undisturbed);
  expect(expected.replacements).toBe(0);
  for (const at of casesOf(momentsOf(expected.calls, name in searches ? moments : 2), name in searches ? 2 : 1)) {
    const limits = { snapshotEvery: snapshotEvery(at) };
    const { answer, replacements, liveBuffers } = await answerOf(run, destroyAt(at), { limits });
    expect(answer, `call ${at}`).toEqual(expected.answer);
    expect([replacements, liveBuffers], `call ${at}`).toEqual([1, 0]);
  }
});

test.each(Object.entries(searches))('a lost device of the caller ends %s with the last state', async (_, run) => {
  const expected = await answerOf(run, undisturbed, { borrowed: true });
  for (const at of casesOf(momentsOf(expected.calls, moments), 1)) {
    const { answer, opened, liveBuffers } = await answerOf(run, destroyAt(at), { borrowed: true });
    expect([answer.stop, isFinite(answer)], `call ${at}`).toEqual(['deviceLost', true]);
    expect([opened, liveBuffers], `call ${at}`).toEqual([1, 0]);
  }
});

test('the result says that the device was replaced', async () => {
  const reasonOf = async (backend: Backend) => {
    const options = { algorithm: 'als', rank: 2, maxSteps: 3, seed: 1, backend } as const;
    return (await decompose(cube, options)).backendReason;
  };
  const { answer } = await answerOf(reasonOf, undisturbed);
  expect(answer).not.toContain('lost');
  expect((await answerOf(reasonOf, destroyAt(60))).answer).toBe(
    `${answer}; its device was lost on the way and replaced`,
  );
});

describe('devices that are lost again and again', () => {
  const run = runOf(components, { algorithm: 'vanilla', maxSteps: 1000, tolerance: 0 });
  const everyDevice = destroyAt(120, () => true);

  test('are replaced as long as work goes on between', async () => {
    const expected = await answerOf(run, undisturbed);
    const { answer, replacements, liveBuffers } = await answerOf(run, everyDevice, { limits: { snapshotEvery: 8 } });
    expect(answer).toEqual(expected.answer);
    expect(replacements).toBeGreaterThan(3);
    expect(liveBuffers).toBe(0);
  });

  test('end the run with its last state where it is the run that ends them', async () => {
    const limits = { snapshotEvery: Infinity };
    const { answer, replacements, liveBuffers } = await answerOf(run, everyDevice, { limits });
    expect([answer.stop, isFinite(answer)]).toEqual(['deviceLost', true]);
    expect([replacements, liveBuffers]).toEqual([3, 0]);
  });
});

test('where there is no other device, the run ends with its last state', async () => {
  const gpu = await findGpu();
  const withoutAnother = (backend: Backend) => {
    vi.spyOn(gpu, 'requestAdapter').mockResolvedValue(null);
    return searches.als(backend);
  };
  const { answer, opened, liveBuffers } = await answerOf(withoutAnother, destroyAt(200));
  expect([answer.stop, answer.relativeError < 1, answer.kruskal.weights.length]).toEqual(['deviceLost', true, 2]);
  expect([opened, liveBuffers]).toEqual([1, 0]);
});
