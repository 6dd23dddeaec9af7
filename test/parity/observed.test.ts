// predictObserved, lossObserved, gradientObserved: float32 on the adapter against float64 on the CPU, whose gradient sums
// entry by entry without segments. The same seeded list of entries everywhere, some of them twice.
import { describe, expect, test } from 'vitest';
import { uploadEntries, uploadSegments } from '../../src/algorithms/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import type { LossObserved } from '../../src/backend/operations/observed.js';
import { openBackend } from '../../src/index.js';
import { losses, type LossName } from '../../src/losses/losses.js';
import { randomStream } from '../../src/random/stream.js';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';
import { expectClose } from '../support/close.js';
import { expectParity, normals, onCpu, type ParityCase } from '../support/parity.js';

const problems = [
  { shape: [1, 1], count: 1, rank: 1, batch: 1 },
  { shape: [5, 70], count: 65, rank: 3, batch: 2 },
  { shape: [7, 4, 9], count: 64, rank: 5, batch: 3 },
  { shape: [30, 20, 10], count: 997, rank: 32, batch: 1 },
  { shape: [2, 3, 40], count: 700, rank: 37, batch: 2 },
  { shape: [6, 5, 4, 7], count: 257, rank: 17, batch: 1 },
  { shape: [3, 2, 4, 2, 5], count: 63, rank: 70, batch: 1 },
  { shape: [2, 3, 2, 3, 2, 3, 2, 3], count: 200, rank: 9, batch: 1 },
  { shape: new Array<number>(16).fill(2), count: 65, rank: 4, batch: 1 },
];

describe.each(problems)('shape $shape, $count entries, rank $rank, batch $batch', ({ shape, count, rank, batch }) => {
  const order = shape.length;
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const target = randomTarget(shape, count);
  const model = { order, batch, rows, rank };
  const inputs = { factors: normals(batch * rows * rank, 2), weights: normals(batch * rank, 3) };

  test.each([false, true])('predictions, weighted %s', async (weighted) => {
    await expectParity({
      inputs,
      record: (scope, { factors, weights }) => ({
        prediction: predict(scope, target, { ...model, factors, ...(weighted ? { weights } : {}) }),
      }),
      roundings: rank + order,
    });
  });

  const gradientInputs = { ...inputs, derivative: normals(batch * count, 4) };
  const longestRow = Math.max(...shape.map((size) => Math.ceil((4 * count) / size)));

  test.each([2, 128])('gradients of all modes, parts of %i', async (partLength) => {
    await expectParity({
      inputs: gradientInputs,
      record: (scope, { factors, weights, derivative }) => {
        const gradient = scope.array('gradient', batch * rows * rank);
        const { entryRows } = uploadEntries(scope, target);
        const segments = uploadSegments(scope, target, undefined, partLength);
        const range = { first: 0, count };
        scope.gradientObserved({ ...model, ...range, factors, weights, entryRows, segments, derivative, gradient });
        return { gradient };
      },
      roundings: longestRow + order + 1,
    });
  });

  const together = (['l2', 'huber'] as const).flatMap((loss) => [false, true].map((weighted) => ({ loss, weighted })));
  test.each(together)('loss $loss and gradients at once, weighted $weighted', async ({ loss, weighted }) => {
    const values = new Float64Array(count);
    const record: ParityCase<typeof inputs>['record'] = (scope, { factors, weights }) => {
      const [derivative, mean] = [scope.array('derivative', batch * count), scope.array('mean', batch)];
      const gradient = scope.array('gradient', batch * rows * rank);
      scope.lossAndGradientObserved({
        ...{ ...model, first: 0, count, factors, weights, loss, parameter: 1e6, scale: 0.5 / count },
        ...(weighted ? { entryWeights: scope.array('entry weights', weightsUpToOne(count)) } : {}),
        ...{
          entryRows: uploadEntries(scope, target).entryRows,
          segments: uploadSegments(scope, target, undefined, 50),
        },
        ...{ values: scope.array('values', values), derivative, mean, gradient },
      });
      return { derivative, mean, gradient };
    };
    // With values 0, and β so large that Huber's loss is a square, everything is a polynomial in the predictions, whose
    // magnitudes the run on absolute inputs gives. L1, whose slope jumps at 0, is left to the golden problems.
    await expectParity({
      inputs,
      record,
      roundings: 4 * (rank + order) + longestRow + Math.ceil(2 * Math.sqrt(count)),
    });
  });

  test('the gradient of one mode in a range leaves the others alone', async () => {
    const [mode, first] = [order - 1, Math.floor(count / 3)];
    const range = { first, count: count - first };
    await expectParity({
      inputs: { ...gradientInputs, gradient: normals(batch * rows * rank, 5) },
      record: (scope, { factors, derivative, gradient }) => {
        const { entryRows } = uploadEntries(scope, target);
        const segments = uploadSegments(scope, target, range);
        scope.gradientObserved({
          ...{ ...model, ...range, mode, entryRows, segments },
          ...{ factors, derivative, gradient },
        });
        return { gradient };
      },
      roundings: longestRow + order,
    });
  });
});

describe.each(Object.keys(losses) as LossName[])('loss %s', (loss) => {
  const cases = [1, 63, 64, 65, 1000].flatMap((count) => [false, true].map((weighted) => ({ count, weighted })));
  test.each(cases)('of 2 × $count entries, weighted $weighted', async ({ count, weighted }) => {
    const [batch, first] = [2, 3];
    const inputs = {
      prediction: normals(batch * count, 1),
      values: normals(first + count, 2),
      entryWeights: weightsUpToOne(first + count),
    };
    const record = (scope: Scope, arrays: Record<keyof typeof inputs, DeviceArray>) => {
      const { prediction, values, entryWeights } = arrays;
      const derivative = scope.array('derivative', batch * count);
      const mean = scope.array('mean', batch);
      const range = {
        loss,
        parameter: 0.5,
        batch,
        first,
        count,
        ...(weighted ? { entryWeights, scale: 2 / count } : {}),
      };
      scope.lossObserved({ ...range, values, prediction, derivative, mean });
      return { derivative, mean };
    };
    // All terms of the mean are positive; their residuals, and with them the derivatives, are rounded differences of
    // numbers below 5: at most 10 in magnitude, twice that in the slope, and φ changes by as much times the slope.
    const reference = await onCpu(inputs, record);
    await expectParity({
      inputs,
      record,
      roundings: 2 * Math.ceil(Math.sqrt(count)) + 10,
      magnitudes: {
        mean: (reference['mean'] ?? new Float64Array(0)).map((value) => value + 10),
        derivative: new Float64Array(batch * count).fill((weighted ? 2 : 1) * (20 / count)),
      },
    });
  });
});

test.each(['cpu', 'webgpu'] as const)('entries of weight 0 might as well be missing, on %s', async (kind) => {
  using backend = await openBackend(kind);
  using scope = backend.scope('weights');
  const run = async (prediction: number[], values: number[], weights: number[]) => {
    const [batch, count] = [1, prediction.length];
    const [derivative, mean] = [scope.array('derivative', count), scope.array('mean', 1)];
    scope.lossObserved({
      ...{ batch, first: 0, count, loss: 'l2', parameter: 0, scale: 0.25, derivative, mean },
      prediction: scope.array('prediction', Float64Array.from(prediction)),
      values: scope.array('values', Float64Array.from(values)),
      entryWeights: scope.array('weights', Float64Array.from(weights)),
    });
    return { derivative: Array.from(await scope.read(derivative)), mean: Array.from(await scope.read(mean)) };
  };
  expect(await run([1, 2, 4], [0, Infinity, 1], [3, 0, 1])).toEqual({ derivative: [1.5, 0, 1.5], mean: [3] });
  expect(await run([1, 2, 1e38], [0, 1, -1e38], [1, 1, 0])).toEqual({ derivative: [0.5, 0.5, 0], mean: [0.5] });
});

test('weighted losses and gradients at once are those of the entries listed as often', async () => {
  const [shape, count, rank] = [[7, 4, 9], 64, 5];
  const target = randomTarget(shape, count);
  const often = Array.from({ length: count }, (_, e) => e % 4);
  const listed = often.flatMap((times, e) => new Array<number>(times).fill(e));
  const repeated = observed(
    shape,
    listed.flatMap((e) => Array.from(target.indices.subarray(3 * e, 3 * e + 3))),
    listed.map((e) => target.values[e]!),
  );
  using backend = await openBackend('cpu');
  using scope = backend.scope('weights');
  const run = async (entries: ObservedTarget, weights: Partial<Pick<LossObserved, 'entryWeights' | 'scale'>>) => {
    const [derivative, mean] = [scope.array('derivative', entries.count), scope.array('mean', 1)];
    const gradient = scope.array('gradient', 20 * rank);
    scope.lossAndGradientObserved({
      ...{ order: 3, batch: 1, rows: 20, rank, first: 0, count: entries.count, loss: 'l2', parameter: 0, ...weights },
      ...{ ...uploadEntries(scope, entries), segments: uploadSegments(scope, entries) },
      ...{ factors: scope.array('factors', normals(20 * rank, 1)), derivative, mean, gradient },
    });
    return { mean: await scope.read(mean), gradient: await scope.read(gradient) };
  };
  const expected = await run(repeated, {});
  const entryWeights = scope.array('weights', Float64Array.from(often));
  const weighted = await run(target, { entryWeights, scale: 1 / listed.length });
  expectClose(weighted.mean, expected.mean, 1e-12, 'mean');
  expectClose(weighted.gradient, expected.gradient, 1e-12, 'gradient');
});

/** From 0 to 1, of which about half are 0. */
function weightsUpToOne(length: number): Float64Array {
  return normals(length, 11).map((x) => Math.min(1, Math.max(0, x)));
}

function predict(
  scope: Scope,
  target: ObservedTarget,
  model: Omit<Parameters<Scope['predictObserved']>[0], 'first' | 'count' | 'entryRows' | 'prediction'>,
): DeviceArray {
  const prediction = scope.array('prediction', model.batch * target.count);
  const { entryRows } = uploadEntries(scope, target);
  scope.predictObserved({ ...model, first: 0, count: target.count, entryRows, prediction });
  return prediction;
}

/** Seeded entries; the last tenth repeats earlier ones. */
function randomTarget(shape: readonly number[], count: number): ObservedTarget {
  const random = randomStream(6);
  const entries: number[][] = [];
  while (entries.length < count) {
    const again = entries.length > 0.9 * count ? entries[entries.length % 7] : undefined;
    entries.push(again ?? shape.map((size) => Math.floor(random.uniform() * size)));
  }
  return observed(shape, entries.flat(), normals(count, 7));
}
