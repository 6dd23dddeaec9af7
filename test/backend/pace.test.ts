// The work of a submit: how it follows the measured time, and that one large dispatch is sent in many submits.
import { expect, test } from 'vitest';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { Pace } from '../../src/backend/webgpu/pace.js';
import { openOwnDevice } from '../support/device.js';

test('the work of a submit doubles while it is short, and shrinks to what fits into 50 ms', () => {
  const pace = new Pace(true);
  const first = pace.work;
  pace.measured(first, 10);
  expect(pace.work).toBe(2 * first);
  // A submit that is hardly filled says nothing about a full one.
  pace.measured(first / 10, 1);
  expect(pace.work).toBe(2 * first);
  pace.measured(2 * first, 100);
  expect(pace.work).toBeLessThanOrEqual(first);
  const before = pace.work;
  pace.measured(before, 5000);
  expect(pace.work, 'by four at most').toBe(before / 4);
});

test('one dispatch of more work than a submit may hold is sent in several', async () => {
  using own = await openOwnDevice('plain');
  const { queue } = own.device;
  const submit = queue.submit.bind(queue);
  let submits = 0;
  queue.submit = (buffers) => {
    submits++;
    submit(buffers);
    return undefined;
  };
  const rows = 4096;
  const rank = 64;
  const counts: number[] = [];
  for (const submitWork of [1e12, 1e5]) {
    using backend = await openWebGpu(own.device, undefined, { submitWork });
    using scope = backend.scope('pace');
    const factor = scope.array('factor', new Float32Array(rows * rank).fill(1));
    const scales = scope.array('scales', new Float64Array(rank).fill(2));
    submits = 0;
    scope.scaleColumns({ batch: 1, rows, rank, by: 'multiply', scales, factor });
    await scope.flush();
    counts.push(submits);
    expect((await scope.read(factor)).every((value) => value === 2)).toBe(true);
  }
  expect(counts[0]).toBe(1);
  expect(counts[1]).toBeGreaterThan(10);
});

test('an array that no kernel can bind is refused with its size, all sizes together, and the limit', async () => {
  using backend = await openWebGpu(undefined, undefined, { maxArrayBytes: 2 ** 20 });
  using scope = backend.scope('memory');
  scope.array('first', 2 ** 18);
  expect(backend.maxLength).toBe(2 ** 18);
  expect(() => scope.array('second', 2 ** 19)).toThrow(
    "webgpu: expected arrays of at most 1.0 MiB (what a kernel can bind on this adapter), got 2.0 MiB for second, 3.0 MiB with the arrays before it. Use fewer starts or a smaller width, or { backend: 'cpu' }.",
  );
});
