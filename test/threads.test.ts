// Worker threads share starts and problems: the answers have the bits of one thread. The tensors are as small as threads are used for.
import { expect, test } from 'vitest';
import { decompose, decomposeBatch, dense, factored, InputError, type Checkpoint } from '../src/index.js';
import { plantedCp, plantedSymmetric } from '../src/problems/index.js';
import { openThreads } from '../src/threads/threads.js';

const { tensor } = plantedCp({ shape: [46, 45, 47], rank: 8, noise: 0.1, seed: 1 });
const full = dense(tensor.shape, tensor.data);
const some = dense(tensor.shape, tensor.data, { known: Array.from(tensor.data, (_, at) => Number(at % 7 > 0)) });
const options = { algorithm: 'als', rank: 8, starts: 8, seed: 3, backend: 'cpu', finish: 'none' } as const;

/** What a run told, but for times and what it says of threads; the models of every start too. */
async function run(target: typeof full, threads: number, more: { readonly resume?: Checkpoint } = {}) {
  const checkpoints: Checkpoint[] = [];
  const { seconds, backendReason, history, ...result } = await decompose(target, {
    ...options,
    ...more,
    threads,
    onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
  });
  expect(seconds).toBeGreaterThan(0);
  expect(backendReason).toBe(`asked for by name${threads > 1 ? `; ${threads} threads shared the starts` : ''}`);
  return { ...result, checkpoints, history: history.map((report) => ({ ...report, seconds: 0 })) };
}

test('als: 1, 2 and 3 threads give the same bits of all starts', async () => {
  const one = await run(full, 1);
  expect(one.checkpoints.length).toBeGreaterThan(2);
  expect(await run(full, 2)).toEqual(one);
  expect(await run(full, 3)).toEqual(one);
});

test('als with missing cells, gone on with from a checkpoint in other threads', async () => {
  const one = await run(some, 1);
  const { checkpoints, ...rest } = await run(some, 2, { resume: one.checkpoints[1]! });
  expect(checkpoints).toEqual(one.checkpoints.slice(1));
  expect({ ...rest, history: [] }).toEqual({ ...one, checkpoints: undefined, history: [] });
});

test('a batch of problems: 1, 2 and 3 threads give the same bits', async () => {
  const targets = [0, 1, 2, 3, 4].map((seed) =>
    factored({ ...plantedSymmetric({ order: 3, dim: 32, rank: 18, seed }).truth, dim: 32 }),
  );
  const of = (threads: number) => decomposeBatch(targets, { backend: 'cpu', maxSteps: 300, threads });
  const one = await of(1);
  // They do not end together.
  expect(new Set(one.map(({ steps }) => steps)).size).toBeGreaterThan(1);
  expect(await of(2)).toEqual(one);
  expect(await of(3)).toEqual(one);
});

test('what no message can hold stays in one thread, with the same answer', async () => {
  const bits = async (target: typeof full, init: { threads: number }) => {
    const { backendReason, kruskal } = await decompose(target, { ...options, ...init });
    return { backendReason, kruskal };
  };
  const plain = await bits(full, { threads: 1 });
  expect(await bits({ ...full, shape: new Proxy([...full.shape], {}) }, { threads: 2 })).toEqual(plain);
  expect(await bits(Object.assign({ note: () => 'mine' }, full), { threads: 2 })).toEqual(plain);
});

test('what fails in a thread fails with the same error', async () => {
  using threads = await openThreads(2, undefined);
  if (!threads) return expect.fail('no threads');
  await expect(threads.call('advance', [1])).rejects.toThrow('threads: expected starts to advance, got none.');
  const wrong = threads.call('batch', [{ targets: [], options: { width: 0 } }]);
  await expect(wrong).rejects.toThrow(InputError);
  await expect(wrong).rejects.toThrow(/decomposeBatch: expected width to be an integer from 1/);
  await expect(
    threads.call('batch', [
      { targets: [], options: {} },
      { targets: [], options: {} },
    ]),
  ).resolves.toEqual([[], []]);
});

test('more calls than threads: the answers keep their order', async () => {
  using threads = await openThreads(2, undefined);
  const problems = [0, 1, 2, 3, 4].map((seed) => ({
    targets: [factored({ ...plantedSymmetric({ order: 3, dim: 4, rank: 2, seed }).truth, dim: 4 })],
    options: { seeds: [seed], maxSteps: 50 * seed },
  }));
  const answers = (await threads?.call('batch', problems)) as { steps: number }[][];
  expect(answers).toEqual(
    await Promise.all(problems.map(({ targets, options: own }) => decomposeBatch(targets, { ...own, backend: 'cpu' }))),
  );
});
