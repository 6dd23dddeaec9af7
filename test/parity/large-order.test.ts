// predictLargeOrder and gradientLargeOrder: float32 on the adapter against float64 on the CPU, with rows and with bits, and
// both against predictObserved where the order is small enough for plain products.
import { describe, expect, test } from 'vitest';
import { uploadEntries, uploadLargeOrder } from '../../src/algorithms/completion/observed-entries.js';
import type { Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { randomStream } from '../../src/random/stream.js';
import { observed, type ObservedTarget } from '../../src/targets/observed.js';
import { expectClose } from '../support/close.js';
import { expectParity, normals, onCpu, webgpu } from '../support/parity.js';

type Form = 'rows' | 'bits';

interface Problem {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly rank: number;
  readonly batch: number;
  readonly exponent?: number;
  /** Factor of a mode from a normal number. */
  readonly factor: (normal: number, mode: number) => number;
}

const twos = (order: number): number[] => new Array<number>(order).fill(2);
const nearOne = (normal: number): number => 1 + 0.1 * normal;

const problems: Problem[] = [
  { name: 'one block', shape: twos(16), count: 65, rank: 5, batch: 2, factor: nearOne },
  { name: 'two blocks, one mode in the second', shape: twos(17), count: 63, rank: 4, batch: 1, factor: nearOne },
  { name: 'few modes', shape: twos(3), count: 64, rank: 1, batch: 1, factor: nearOne },
  { name: 'signs', shape: twos(40), count: 130, rank: 17, batch: 1, factor: (normal) => normal },
  { name: 'other sizes', shape: [3, 1, 5, ...twos(30), 7], count: 130, rank: 6, batch: 2, factor: nearOne },
  { name: 'a long mode', shape: [150_000, ...twos(16)], count: 30, rank: 2, batch: 1, factor: nearOne },
  { name: 'binary images', shape: twos(784), count: 200, rank: 16, batch: 1, factor: nearOne },
  { name: '1,024 modes', shape: twos(1024), count: 20, rank: 3, batch: 2, factor: nearOne },
  { name: 'products of 10^−236', shape: twos(784), count: 20, rank: 3, batch: 1, exponent: 784, factor: half },
  { name: 'products of 10^236', shape: twos(784), count: 20, rank: 3, batch: 1, exponent: -784, factor: double },
  {
    name: 'far up, then down again',
    shape: twos(784),
    count: 20,
    rank: 3,
    batch: 1,
    factor: (normal, mode) => (mode < 392 ? double(normal) : half(normal)),
  },
  {
    name: 'far down, then up again',
    shape: [...twos(500), 3],
    count: 20,
    rank: 3,
    batch: 1,
    factor: (normal, mode) => (mode < 250 ? half(normal) : double(normal)),
  },
  {
    name: 'zeros',
    shape: twos(60),
    count: 200,
    rank: 3,
    batch: 1,
    factor: (normal) => (Math.abs(normal) < 0.05 ? 0 : nearOne(normal)),
  },
];

function half(normal: number): number {
  return 0.5 + 0.01 * normal;
}

function double(normal: number): number {
  return 2 + 0.04 * normal;
}

const cases = problems.flatMap((problem) =>
  (problem.shape.every((size) => size === 2) ? (['rows', 'bits'] as const) : (['rows'] as const)).map((form) => ({
    ...problem,
    form,
  })),
);

describe.each(cases)('$name, from $form', ({ shape, count, rank, batch, exponent = 0, factor, form }) => {
  const order = shape.length;
  const target = randomTarget(shape, count);
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const range = { first: Math.floor(count / 5), count: count - Math.floor(count / 5) };
  const model = { order, batch, rows, rank, exponent, ...range };
  const inputs = {
    factors: stackedFactors(shape, rank, batch, factor),
    weights: normals(batch * rank, 3),
    derivative: normals(batch * range.count, 4),
  };

  test('predictions', async () => {
    await expectParity({
      inputs,
      record: (scope, { factors, weights }) => {
        const prediction = scope.array('prediction', batch * range.count);
        const entries = upload(scope, target, form);
        scope.predictLargeOrder({ ...model, factors, weights, entries, prediction });
        return { prediction };
      },
      roundings: 2 * order + rank,
    });
  });

  test('gradients', async () => {
    await expectParity({
      inputs,
      record: (scope, { factors, weights, derivative }) => {
        const gradient = scope.array('gradient', batch * rows * rank);
        const entries = upload(scope, target, form);
        scope.gradientLargeOrder({ ...model, factors, weights, entries, derivative, gradient });
        return { gradient };
      },
      roundings: 2 * order + count,
    });
  });
});

describe.each(['cpu', 'webgpu'] as const)('%s', (kind) => {
  const open = () => (kind === 'cpu' ? Promise.resolve(openCpu()) : webgpu());
  const largest = kind === 'cpu' ? Number.MAX_VALUE : 3.4028234663852886e38;

  test('beyond the range of floats a prediction is the largest one, below it 0, and opposite ones cancel', async () => {
    using scope = (await open()).scope('range');
    const shape = twos(1024);
    const target = randomTarget(shape, 5);
    const predict = async (factor: number, weights: readonly number[]): Promise<number[]> => {
      const rank = weights.length;
      const factors = scope.array('factors', new Float64Array(2048 * rank).fill(factor));
      const prediction = scope.array('prediction', 5);
      const model = { order: 1024, batch: 1, rows: 2048, rank, first: 0, count: 5 };
      scope.predictLargeOrder({
        ...model,
        factors,
        entries: uploadLargeOrder(scope, target),
        prediction,
        weights: scope.array('weights', Float64Array.from(weights)),
      });
      return Array.from(await scope.read(prediction));
    };
    expect(await predict(3, [1, 1])).toEqual(new Array(5).fill(largest));
    expect(await predict(3, [1, -2])).toEqual(new Array(5).fill(-largest));
    expect(await predict(3, [1, -1])).toEqual(new Array(5).fill(0));
    expect(await predict(0.25, [1, 1])).toEqual(new Array(5).fill(0));
    expect(await predict(0, [1, 1])).toEqual(new Array(5).fill(0));
  });
});

test('small orders: the same as plain products', async () => {
  const shape = twos(9);
  const count = 50;
  const rank = 3;
  const target = randomTarget(shape, count);
  const inputs = { factors: normals(18 * rank, 2) };
  const model = { order: 9, batch: 1, rows: 18, rank, first: 0, count };
  const { plain, scaled } = await onCpu(inputs, (scope, { factors }) => {
    const plain = scope.array('plain', count);
    const scaled = scope.array('scaled', count);
    scope.predictObserved({ ...model, factors, entryRows: uploadEntries(scope, target).entryRows, prediction: plain });
    scope.predictLargeOrder({ ...model, factors, entries: uploadLargeOrder(scope, target), prediction: scaled });
    return { plain, scaled };
  });
  expectClose(scaled ?? [], plain ?? [NaN], 1e-14);
});

const upload = (scope: Scope, target: ObservedTarget, form: Form) =>
  form === 'bits' ? uploadLargeOrder(scope, target) : { rows: uploadEntries(scope, target).entryRows };

function stackedFactors(
  shape: readonly number[],
  rank: number,
  batch: number,
  factor: Problem['factor'],
): Float64Array {
  const modes = shape.flatMap((size, mode) => new Array<number>(size * rank).fill(mode));
  return normals(batch * modes.length, 2).map((normal, at) => factor(normal, modes[at % modes.length]!));
}

function randomTarget(shape: readonly number[], count: number): ObservedTarget {
  const random = randomStream(6);
  const indices = Array.from({ length: count }, () => shape.map((size) => Math.floor(random.uniform() * size)));
  return observed(shape, indices.flat(), new Float64Array(count));
}
