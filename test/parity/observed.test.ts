// predictObserved, lossObserved, gradientObserved: float32 on the adapter against float64 on the CPU, whose gradient sums
// entry by entry without segments. The same seeded list of entries everywhere, some of them twice.
import { describe, test } from 'vitest';
import { uploadEntries, uploadSegments } from '../../src/algorithms/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { losses, type LossName } from '../../src/losses/losses.js';
import { randomStream } from '../../src/random/stream.js';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';
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

  test.each(['l2', 'huber'] as const)('loss %s and gradients at once', async (loss) => {
    const values = new Float64Array(count);
    const record: ParityCase<typeof inputs>['record'] = (scope, { factors, weights }) => {
      const [derivative, mean] = [scope.array('derivative', batch * count), scope.array('mean', batch)];
      const gradient = scope.array('gradient', batch * rows * rank);
      scope.lossAndGradientObserved({
        ...{ ...model, first: 0, count, factors, weights, loss, parameter: 1e6 },
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
  test.each([1, 63, 64, 65, 1000])('of 2 × %i entries', async (count) => {
    const [batch, first] = [2, 3];
    const inputs = { prediction: normals(batch * count, 1), values: normals(first + count, 2) };
    const record = (scope: Scope, { prediction, values }: Record<keyof typeof inputs, DeviceArray>) => {
      const derivative = scope.array('derivative', batch * count);
      const mean = scope.array('mean', batch);
      scope.lossObserved({ loss, parameter: 0.5, batch, first, count, values, prediction, derivative, mean });
      return { derivative, mean };
    };
    // All terms of the mean are positive; their residuals, and with them the derivatives, are rounded differences of
    // numbers below 5: at most 10 in magnitude, twice that in the slope, and φ changes by as much times the slope.
    const reference = await onCpu(inputs, record);
    await expectParity({
      inputs,
      record,
      roundings: 2 * Math.ceil(Math.sqrt(count)) + 8,
      magnitudes: {
        mean: (reference['mean'] ?? new Float64Array(0)).map((value) => value + 10),
        derivative: new Float64Array(batch * count).fill(20 / count),
      },
    });
  });
});

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
