// Arrays that are larger than a kernel can bind: the same problems on a backend that may bind 16 KiB and on the cpu backend
// within the bound of float32, and to the bit what the adapter's own limit gives, wherever sums are not cut otherwise.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadEntries, uploadLargeOrder, uploadSegments } from '../../src/algorithms/observed-entries.js';
import type { Backend, DeviceArray, Scope } from '../../src/backend/backend.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import type { TileTaste } from '../../src/backend/webgpu/tiles.js';
import { boxes, cutWhere, span, upTo, type Range } from '../../src/backend/webgpu/window.js';
import { randomStream } from '../../src/random/stream.js';
import { observed } from '../../src/targets/observed.js';
import { expectParity, normals, onCpu, type Inputs, type ParityCase } from '../support/parity.js';

const bindingBytes = 16_384;
const tastes: { tiles: string; taste: TileTaste | undefined }[] = [
  { tiles: 'usual', taste: undefined },
  { tiles: 'shared', taste: { lanes: 32, maxRows: 4, share: 'load', shared: 32 } },
];

interface WindowCase<I extends Inputs = Inputs> extends Omit<ParityCase<I>, 'backend' | 'magnitudes'> {
  readonly name: string;
  /** The adapter's own limit gives the same bits: with the usual tiles, with all of them, or not. */
  readonly sameBits: 'usual' | 'all' | 'no';
  /** Inputs on which the operation gives the magnitudes of the outputs, where they are not the absolute ones. */
  readonly magnitudesOf?: Inputs;
}

/** Checks that the case asks only for inputs that it has. */
const windowCase = <I extends Inputs>(one: WindowCase<I>): WindowCase => one as unknown as WindowCase;

const order = 3;
const entries = randomTarget([9, 50, 3], 5000);
const model = { order, batch: 2, rows: 62, rank: 5 };
const range = { first: 0, count: entries.count };
const pictures = randomTarget(new Array<number>(40).fill(2), 3000);
const large = { order: 40, batch: 1, rows: 80, rank: 1, first: 0, count: pictures.count };

const cases: readonly WindowCase[] = [
  ...[
    // Columns in windows, in parts and not; rows in windows; a batch item in windows.
    { batch: 1, rows: 3, columns: 1900, dim: 9 },
    { batch: 2, rows: 150, columns: 1100, dim: 9 },
    { batch: 2, rows: 1500, columns: 40, dim: 9 },
    { batch: 2, rows: 70, columns: 500, dim: 40 },
  ].map((size) => contraction(size)),
  ...[false, true].map((masked) => dense(masked)),
  windowCase({
    name: 'subtractGaussian',
    sameBits: 'all',
    inputs: { queries: normals(2 * 1500 * 7, 1), contraction: normals(2 * 1500 * 7, 2), strengths: normals(3000, 3) },
    record: (scope, arrays) => {
      const { queries, contraction, strengths } = arrays;
      const sizes = { batch: 2, rows: 1500, dim: 7, queryStride: 1500 * 7, scale: -1 };
      scope.subtractGaussian({ ...sizes, queries, contraction, strengths });
      return { contraction, strengths };
    },
    roundings: 4 * 8 + 4,
  }),
  windowCase({
    name: 'sumOfSquares',
    sameBits: 'all',
    inputs: { values: normals(3 * 3901, 1) },
    record: (scope, arrays) => {
      const out = scope.array('out', 3);
      scope.sumOfSquares({ batch: 3, length: 3901, values: arrays.values, out });
      return { out };
    },
    roundings: 2 * Math.ceil(Math.sqrt(3901)) + 1,
  }),
  descents(),
  windowCase({
    name: 'measureDense',
    sameBits: 'no',
    inputs: { measurements: normals(120 * 200, 1), tensor: normals(5 * 200, 2) },
    record: (scope, arrays) => {
      const prediction = scope.array('prediction', 5 * 120);
      const { measurements, tensor } = arrays;
      scope.measureDense({ batch: 5, count: 120, size: 200, measurements, tensor, prediction });
      return { prediction };
    },
    roundings: 201,
  }),
  windowCase({
    name: 'measureAdjoint',
    sameBits: 'no',
    inputs: { measurements: normals(29 * 1029, 1), derivative: normals(5 * 29, 2) },
    record: (scope, arrays) => {
      const tensor = scope.array('tensor', 5 * 1029);
      const { measurements, derivative } = arrays;
      scope.measureAdjoint({ batch: 5, count: 29, size: 1029, measurements, derivative, tensor });
      return { tensor };
    },
    roundings: 30,
  }),
  windowCase({
    name: 'predictObserved',
    sameBits: 'all',
    inputs: { factors: normals(2 * 62 * 5, 1) },
    record: (scope, arrays) => {
      const prediction = scope.array('prediction', 2 * entries.count);
      const { entryRows } = uploadEntries(scope, entries);
      scope.predictObserved({ ...model, ...range, factors: arrays.factors, entryRows, prediction });
      return { prediction };
    },
    roundings: model.rank + order,
  }),
  ...[false, true].map((weighted) =>
    windowCase({
      name: weighted ? 'lossObserved with weights' : 'lossObserved',
      sameBits: 'all',
      inputs: { prediction: normals(2 * entries.count, 1), entryWeights: normals(entries.count, 2).map(Math.abs) },
      record: (scope, { prediction, entryWeights }) => {
        const [derivative, mean] = [scope.array('derivative', 2 * entries.count), scope.array('mean', 2)];
        const weights = weighted ? { entryWeights, scale: 0.001 } : {};
        const values = scope.array('values', entries.count);
        const loss = { loss: 'l2', parameter: 0, ...weights } as const;
        scope.lossObserved({ ...range, batch: 2, ...loss, values, prediction, derivative, mean });
        return { derivative, mean };
      },
      roundings: 2 * Math.ceil(Math.sqrt(entries.count)) + 10,
    }),
  ),
  windowCase({
    name: 'gradientObserved',
    // Windows of entries are summed one by one, all of them in pairs.
    sameBits: 'no',
    inputs: { factors: normals(2 * 62 * 5, 1), derivative: normals(2 * entries.count, 2) },
    record: (scope, arrays) => {
      const gradient = scope.array('gradient', 2 * 62 * 5);
      const { entryRows } = uploadEntries(scope, entries);
      const segments = uploadSegments(scope, entries);
      const { factors, derivative } = arrays;
      scope.gradientObserved({ ...model, ...range, factors, derivative, entryRows, segments, gradient });
      return { gradient };
    },
    roundings: Math.ceil((4 * entries.count) / 3) + order,
  }),
  windowCase({
    name: 'lossAndGradientObserved',
    sameBits: 'no',
    inputs: { factors: normals(2 * 62 * 5, 1) },
    record: (scope, arrays) => {
      const [derivative, mean] = [scope.array('derivative', 2 * entries.count), scope.array('mean', 2)];
      const gradient = scope.array('gradient', 2 * 62 * 5);
      const { entryRows } = uploadEntries(scope, entries);
      const segments = uploadSegments(scope, entries);
      const values = scope.array('values', entries.count);
      scope.lossAndGradientObserved({
        ...{ ...model, ...range, loss: 'l2', parameter: 0, factors: arrays.factors },
        ...{ entryRows, segments, values, derivative, mean, gradient },
      });
      return { derivative, mean, gradient };
    },
    roundings: 4 * (model.rank + order) + Math.ceil((4 * entries.count) / 3),
  }),
  windowCase({
    name: 'large order',
    sameBits: 'no',
    inputs: { factors: normals(80, 1).map((x) => 1 + 0.1 * x), derivative: normals(pictures.count, 2) },
    record: (scope, arrays) => {
      const [prediction, gradient] = [scope.array('prediction', pictures.count), scope.array('gradient', 80)];
      const { factors, derivative } = arrays;
      const symbols = uploadLargeOrder(scope, pictures);
      scope.predictLargeOrder({ ...large, entries: symbols, factors, prediction });
      scope.gradientLargeOrder({ ...large, entries: symbols, factors, derivative, gradient });
      return { prediction, gradient };
    },
    roundings: 2 * 40 + pictures.count,
  }),
];

describe.each(tastes)('$tiles tiles', ({ tiles, taste }) => {
  const tuning = taste ? { adapter: 'test', tiles: taste, measured: [] } : undefined;
  let whole: Backend, windows: Backend;
  beforeAll(async () => {
    whole = await openWebGpu(undefined, tuning);
    windows = await openWebGpu(undefined, tuning, { bindingBytes });
  });
  afterAll(() => {
    for (const backend of [whole, windows]) backend[Symbol.dispose]();
  });

  test.each(cases)('$name', async ({ sameBits, magnitudesOf, ...parity }) => {
    const longest = Math.max(
      ...Object.values(parity.inputs).map(({ length }) => 4 * length),
      4 * order * entries.count,
    );
    expect(longest, 'an array beyond a binding').toBeGreaterThan(bindingBytes);
    const made = magnitudesOf ? await onCpu(magnitudesOf, parity.record) : {};
    const magnitudes = Object.fromEntries(Object.entries(made).map(([name, values]) => [name, values.map(Math.abs)]));
    await expectParity({ ...parity, backend: windows, ...(magnitudesOf ? { magnitudes } : {}) });
    if (sameBits === 'no' || (sameBits === 'usual' && tiles !== 'usual')) return;
    expect(await outputs(windows, parity)).toEqual(await outputs(whole, parity));
  });
});

test('what a kernel cannot take in windows is refused with both sizes', async () => {
  using backend = await openWebGpu(undefined, undefined, { bindingBytes });
  using scope = backend.scope('refused');
  const values = scope.array('values', 100 * 100);
  const out = scope.array('gram', 100 * 100);
  const record = (): void =>
    scope.gram({
      batch: 1,
      count: 100,
      length: 100,
      vectorStride: 100,
      entryStride: 1,
      outOffset: 0,
      values,
      gram: out,
    });
  expect(record).toThrow(/at most 0\.0 MiB \(what a kernel can bind on this adapter\) for gramOfVectors, got 0\.0 MiB/);
});

test('the boxes of a range hold its numbers and no others', () => {
  // 4 items of 3 rows of 5 columns.
  const radices = [3, 5] as const;
  for (const [begin, end] of [
    [0, 60],
    [17, 19],
    [8, 16],
    [14, 47],
    [0, 15],
  ] as const) {
    const held = boxes({ begin, end }, ...radices).flatMap((box) => numbersIn(box, [15, 5, 1]));
    expect(held.sort((a, b) => a - b)).toEqual(Array.from({ length: end - begin }, (_, k) => begin + k));
  }
  expect(span([{ begin: 1, end: 3 }, 20], [{ begin: 2, end: 4 }, 5])).toEqual({ begin: 30, end: 56 });
  expect(boxes({ begin: 0, end: 60 }, ...radices)).toContainEqual([{ begin: 1, end: 3 }, upTo(3), upTo(5)]);
});

function numbersIn([first, ...rest]: readonly Range[], [stride = 1, ...strides]: readonly number[]): number[] {
  if (!first) return [0];
  const digits = Array.from({ length: first.end - first.begin }, (_, k) => first.begin + k);
  return digits.flatMap((digit) => numbersIn(rest, strides).map((number) => digit * stride + number));
}

test('cuts are as long as fits, without gaps, and none where one alone does not fit', () => {
  const widths = [1, 2, 3, 1, 1, 5, 1, 4];
  const fits = ({ begin, end }: { begin: number; end: number }): boolean =>
    widths.slice(begin, end).reduce((sum, width) => sum + width, 0) <= 5;
  expect(cutWhere(widths.length, fits)?.map(({ begin, end }) => [begin, end])).toEqual([
    [0, 2],
    [2, 5],
    [5, 6],
    [6, 8],
  ]);
  expect(cutWhere(3, ({ begin, end }) => end - begin <= 1 && begin !== 1)).toBeUndefined();
});

function descents(): WindowCase {
  const length = 3901;
  const all = normals(2 * length, 1);
  const inputs = {
    ...{ gradient: all, velocity: all, first: all, second: all.map(Math.abs) },
    ...{ parameters: normals(2 * length, 2), adam: normals(2 * length, 3) },
  };
  return windowCase({
    name: 'descend and descendAdam',
    sameBits: 'all',
    inputs,
    record: (scope, arrays) => {
      const { gradient, velocity, first, second, parameters, adam } = arrays;
      const sizes = { batch: 2, length, rate: 0.1, gradient };
      scope.descend({ ...sizes, momentum: 0.9, velocity, parameters });
      const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, first, second };
      scope.descendAdam({ ...sizes, ...moments, step: 3, parameters: adam });
      return { velocity, first, second, parameters, adam };
    },
    roundings: 27 ** 2 / 36,
    // Steps that add to the size of the parameters.
    magnitudesOf: Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => {
        const sign = name === 'parameters' || name === 'adam' ? -1 : 1;
        return [name, values.map((x) => sign * Math.abs(x))];
      }),
    ),
  });
}

/** The residual, and the MTTKRP of the tensor, of the residual, and of all modes at once. */
function dense(masked: boolean): WindowCase {
  const [shape, rank, batch] = [[101, 10, 8], 17, 2];
  const size = shape.reduce((product, n) => product * n, 1);
  const factors = Object.fromEntries(shape.map((n, k) => [`factor${k}`, normals(batch * n * rank, k + 1)]));
  const tensor = normals(size, 4);
  const inputs: Inputs = { ...factors, tensor, ...(masked ? { mask: tensor.map((x) => (x > 0 ? 1 : 0)) } : {}) };
  return {
    name: masked ? 'residual with a mask' : 'residual and MTTKRP',
    // Of a large tensor another view is taken.
    sameBits: 'no',
    inputs,
    // Model minus −|tensor|; its products are positive, those of the tensor negative.
    magnitudesOf: Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [
        name,
        values.map((x) => (name === 'tensor' ? -1 : 1) * Math.abs(x)),
      ]),
    ),
    record: (scope, arrays) => {
      const read = arrays as Record<string, DeviceArray>;
      const model = { shape, rank, batch, factors: shape.map((_, k) => read[`factor${k}`]!) };
      const residual = scope.array('residual', batch * size);
      const make = (name: string) => shape.map((n, k) => scope.array(`${name} ${k}`, batch * n * rank));
      const [single, batched, all] = [make('single'), make('batched'), make('all')];
      scope.residualDense({ ...model, tensor: read['tensor']!, ...(masked ? { mask: read['mask']! } : {}), residual });
      shape.forEach((_, mode) => {
        scope.mttkrpDense({ ...model, mode, tensor: read['tensor']!, product: single[mode]! });
        scope.mttkrpDense({ ...model, mode, tensor: residual, product: batched[mode]! });
      });
      scope.mttkrpAllDense({ ...model, tensor: residual, products: all });
      return { residual, ...Object.fromEntries([...single, ...batched, ...all].map((array) => [array.label, array])) };
    },
    // The magnitudes of a difference are those of a sum, and a residual has rank + order of its own.
    roundings: rank + shape.length + 1 + size / 8 + shape.length,
  };
}

function contraction(size: { batch: number; rows: number; columns: number; dim: number }): WindowCase {
  const { batch, rows, columns, dim } = size;
  return windowCase({
    name: `contractFactored, batch ${batch}, rows ${rows}, columns ${columns}`,
    sameBits: 'usual',
    inputs: {
      queries: normals(batch * rows * dim, 1),
      vectors: normals(batch * columns * dim, 2),
      weights: normals(batch * columns, 3),
      contraction: normals(batch * rows * dim, 4),
      strengths: normals(batch * rows, 5),
    },
    record: (scope, arrays) => {
      const { queries, vectors, weights, contraction, strengths } = arrays;
      scope.contractFactored({
        ...{ order, ...size, queryStride: rows * dim },
        ...{ queries, vectors, weights, contraction, strengths },
      });
      return { contraction, strengths };
    },
    roundings: order ** 2 * (dim + 1) + 2 * columns + 2,
  });
}

async function outputs(backend: Backend, { inputs, record }: Pick<WindowCase, 'inputs' | 'record'>) {
  using scope: Scope = backend.scope('windows');
  const arrays = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, scope.array(name, data)]));
  const read: Record<string, Float64Array> = {};
  for (const [name, array] of Object.entries(record(scope, arrays))) read[name] = await scope.read(array);
  return read;
}

function randomTarget(shape: readonly number[], count: number) {
  const uniform = randomStream(6);
  const indices = Array.from({ length: count }, () => shape.map((n) => Math.floor(uniform.uniform() * n)));
  return observed(shape, indices.flat(), normals(count, 7));
}
