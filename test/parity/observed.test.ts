// predictObserved, lossObserved, gradientObserved: float32 on the adapter against float64 on the CPU, whose gradient sums
// entry by entry without segments. The same seeded list of entries everywhere, some of them twice.
import { describe, expect, test } from 'vitest';
import { uploadEntries, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import type { LossObserved } from '../../src/backend/operations/observed.js';
import { openBackend } from '../../src/index.js';
import { lossNames, type LossName } from '../../src/losses/losses.js';
import { maxLogRate } from '../../src/losses/poisson-log.js';
import { minRate } from '../../src/losses/poisson.js';
import { randomStream } from '../../src/random/stream.js';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';
import { expectClose } from '../support/close.js';
import { predictsRates, valuesFor } from '../support/losses.js';
import { expectParity, normals, webgpu, type ParityCase } from '../support/parity.js';

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
      const derivative = scope.array('derivative', batch * count);
      const mean = scope.array('mean', batch);
      const gradient = scope.array('gradient', batch * rows * rank);
      scope.lossAndGradientObserved({
        ...model,
        first: 0,
        count,
        factors,
        weights,
        loss,
        parameter: 1e6,
        scale: 0.5 / count,
        ...(weighted ? { entryWeights: scope.array('entry weights', weightsUpToOne(count)) } : {}),
        entryRows: uploadEntries(scope, target).entryRows,
        segments: uploadSegments(scope, target, undefined, 50),
        values: scope.array('values', values),
        derivative,
        mean,
        gradient,
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
    const mode = order - 1;
    const first = Math.floor(count / 3);
    const range = { first, count: count - first };
    await expectParity({
      inputs: { ...gradientInputs, gradient: normals(batch * rows * rank, 5) },
      record: (scope, { factors, derivative, gradient }) => {
        const { entryRows } = uploadEntries(scope, target);
        const segments = uploadSegments(scope, target, range);
        scope.gradientObserved({
          ...model,
          ...range,
          mode,
          entryRows,
          segments,
          factors,
          derivative,
          gradient,
        });
        return { gradient };
      },
      roundings: longestRow + order,
    });
  });
});

/** WGSL's e^x is off by 3 + 2 |x| units in the last place. */
const exponentialError = (x: number): number => 3 + 2 * Math.abs(x);

interface LossBounds {
  /** Predictions near the ends of the domain, and values to try them with. */
  readonly ends: readonly number[];
  readonly values: readonly number[];
  /**
   * Sizes of the terms of φ and of φ′, times the error of what computes them in units of 6 √12 ≈ 20 roundings, or one. `reach` is
   * how far the rounded difference of prediction and value may lie from the true one.
   */
  readonly sizes: (prediction: number, value: number, parameter: number) => { value: number; slope: number };
}

const differenceEnds = { ends: [-1e6, -1e-6, 0, 1e-6, 1e6], values: [0, 3] };

/** Losses whose errors in float32 have been bounded term by term; test/losses/wgsl.test.ts has a looser bound for every loss. */
const bounds = {
  l2: {
    ...differenceEnds,
    sizes: (prediction, value) => {
      const size = Math.abs(prediction - value);
      const reach = Math.abs(prediction) + Math.abs(value);
      return { value: size * (size + reach), slope: 2 * reach };
    },
  },
  l1: {
    ends: [-1e6, -1e-6, 0.1, 1e-6, 1e6],
    values: [0, 3],
    sizes: (prediction, value) => ({ value: Math.abs(prediction) + Math.abs(value), slope: 1 }),
  },
  huber: {
    ...differenceEnds,
    sizes: (prediction, value, beta) => {
      const reach = Math.abs(prediction) + Math.abs(value);
      return { value: reach + beta, slope: 1 + (Math.abs(prediction - value) < 2 * beta ? reach / beta : 0) };
    },
  },
  // log is off by 3 units in the last place, and by 2⁻²¹ = 8 roundings near 1.
  poisson: {
    ends: [0, 1e-12, 1e-10, 1e-6, 1, 1e6, -1e-11, -3],
    values: [0, 1, 1e6],
    sizes: (prediction, value) => {
      const rate = Math.max(prediction, 0) + minRate;
      const tangent = Math.abs(Math.min(prediction, 0)) / minRate;
      return {
        value: Math.abs(prediction) + value * (Math.abs(Math.log(rate)) + 2 + tangent),
        slope: 1 + value / rate,
      };
    },
  },
  poissonLog: {
    ends: [-1e4, -100, -30, 0, 29.99, 30, 30.01, 100, 1e4],
    values: [0, 1, 1e6],
    sizes: (prediction, value) => {
      const capped = Math.min(prediction, maxLogRate);
      const rate = exponentialError(capped) * Math.exp(capped);
      const beyond = Math.max(prediction - maxLogRate, 0);
      return { value: rate * (1 + beyond) + value * Math.abs(prediction), slope: rate + value };
    },
  },
  bernoulliLogit: {
    ends: [-1e4, -100, -17, -1e-6, 0, 1e-6, 17, 100, 1e4],
    values: [0, 1],
    sizes: (prediction, one) => {
      const error = exponentialError(prediction);
      const small = Math.exp(-Math.abs(prediction));
      const outside = prediction > 0 === (one === 0);
      return {
        value: error * Math.log1p(small) + (outside ? Math.abs(prediction) : 0),
        slope: outside ? 2 : error * small,
      };
    },
  },
} satisfies Partial<Record<LossName, LossBounds>>;

const boundedLosses = lossNames.filter((name): name is keyof typeof bounds => name in bounds);

describe.each(boundedLosses)('loss %s, by the magnitudes of its terms', (loss) => {
  const cases = [1, 63, 64, 65, 1000].flatMap((count) => [false, true].map((weighted) => ({ count, weighted })));
  test.each(cases)('of 2 × $count entries, weighted $weighted', async ({ count, weighted }) => {
    const batch = 2;
    const first = 3;
    const predictions = normals(batch * count, 1).map((x) => (predictsRates(loss) ? Math.abs(x) : 2 * x));
    const values = valuesFor(loss, normals(first + count, 2));
    await expectLossParity({
      loss,
      batch,
      first,
      predictions,
      values,
      weights: weighted ? weightsUpToOne(values.length) : undefined,
    });
  });

  test('near the ends of its domain', async () => {
    const pairs = bounds[loss].ends.flatMap((prediction) =>
      bounds[loss].values.map((value) => [prediction, value] as const),
    );
    const predictions = Float64Array.from(pairs, ([prediction]) => prediction);
    // One entry a mean: none hides behind a larger one.
    for (const [e, [, value]] of pairs.entries()) {
      await expectLossParity({
        loss,
        batch: 1,
        first: 0,
        predictions: predictions.subarray(e, e + 1),
        values: Float64Array.of(value),
      });
    }
  });
});

describe.each(lossNames)('loss %s', (loss) => {
  test('and gradients at once are those of the three operations', async () => {
    const shape = [7, 4, 9];
    const rank = 5;
    const batch = 2;
    const count = 300;
    const rows = 20;
    const target = { ...randomTarget(shape, count), values: valuesFor(loss, normals(count, 2)) };
    using scope = (await webgpu()).scope('at once');
    const factors = normals(batch * rows * rank, 1).map((x) => (predictsRates(loss) ? 0.3 + Math.abs(x) : x));
    const outputs = () => ({
      derivative: scope.array('derivative', batch * count),
      mean: scope.array('mean', batch),
      gradient: scope.array('gradient', batch * rows * rank),
    });
    const stepwise = outputs();
    const together = outputs();
    const prediction = scope.array('prediction', batch * count);
    const entries = { ...uploadEntries(scope, target), segments: uploadSegments(scope, target) };
    const model = { order: 3, batch, rows, rank, factors: scope.array('factors', factors) };
    const all = { ...model, ...entries, first: 0, count, loss, parameter: 0.5, scale: 0.125 };
    scope.predictObserved({ ...all, prediction });
    scope.lossObserved({ ...all, prediction, ...stepwise });
    scope.gradientObserved({ ...all, ...stepwise });
    scope.lossAndGradientObserved({ ...all, ...together });
    for (const name of ['derivative', 'mean', 'gradient'] as const) {
      expectClose(await scope.read(together[name]), await scope.read(stepwise[name]), 2e-5, name);
    }
  });
});

interface LossCase {
  readonly loss: (typeof boundedLosses)[number];
  readonly batch: number;
  readonly first: number;
  readonly predictions: Float64Array;
  readonly values: Float64Array;
  readonly weights?: Float64Array | undefined;
}

/** Bounded by the magnitudes of what φ and φ′ are made of, each with the error of its functions in units of a few roundings. */
async function expectLossParity({ loss, batch, first, predictions, values, weights }: LossCase): Promise<void> {
  const parameter = 0.5;
  const count = predictions.length / batch;
  const inputs = { prediction: predictions, values, entryWeights: weights ?? new Float64Array(values.length).fill(1) };
  const scale = weights ? 2 / count : 1 / count;
  const record = (scope: Scope, { entryWeights, ...arrays }: Record<keyof typeof inputs, DeviceArray>) => {
    const derivative = scope.array('derivative', batch * count);
    const mean = scope.array('mean', batch);
    const weighing = weights ? { entryWeights, scale } : {};
    scope.lossObserved({ loss, parameter, batch, first, count, ...arrays, ...weighing, derivative, mean });
    return { derivative, mean };
  };
  const derivative = new Float64Array(batch * count);
  const mean = new Float64Array(batch);
  for (const [at, prediction] of predictions.entries()) {
    const e = first + (at % count);
    const sizes = bounds[loss].sizes(prediction, values[e]!, parameter);
    derivative[at] = scale * inputs.entryWeights[e]! * sizes.slope;
    mean[Math.floor(at / count)]! += scale * inputs.entryWeights[e]! * sizes.value;
  }
  await expectParity({
    inputs,
    record,
    roundings: 2 * Math.ceil(Math.sqrt(count)) + 12,
    magnitudes: { derivative, mean },
  });
}

test.each(['cpu', 'webgpu'] as const)('entries of weight 0 might as well be missing, on %s', async (kind) => {
  using backend = await openBackend(kind);
  using scope = backend.scope('weights');
  const run = async (prediction: number[], values: number[], weights: number[]) => {
    const batch = 1;
    const count = prediction.length;
    const derivative = scope.array('derivative', count);
    const mean = scope.array('mean', 1);
    scope.lossObserved({
      batch,
      first: 0,
      count,
      loss: 'l2',
      parameter: 0,
      scale: 0.25,
      derivative,
      mean,
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
  const shape = [7, 4, 9];
  const count = 64;
  const rank = 5;
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
    const derivative = scope.array('derivative', entries.count);
    const mean = scope.array('mean', 1);
    const gradient = scope.array('gradient', 20 * rank);
    scope.lossAndGradientObserved({
      order: 3,
      batch: 1,
      rows: 20,
      rank,
      first: 0,
      count: entries.count,
      loss: 'l2',
      parameter: 0,
      ...weights,
      ...uploadEntries(scope, entries),
      segments: uploadSegments(scope, entries),
      factors: scope.array('factors', normals(20 * rank, 1)),
      derivative,
      mean,
      gradient,
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
