// Every operation of the contract gives the same bits for the same inputs: again on the same backend, on a backend opened
// afresh, and cut into many small submits. With both tile families; sizes are such that sums are split, rows are cut into
// parts, tiles have edges.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadEntries, uploadLargeOrder, uploadSegments } from '../../src/algorithms/observed-entries.js';
import type { Backend, DeviceArray, Operations, Scope } from '../../src/backend/backend.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { openBackend, type TileTaste } from '../../src/index.js';
import { losses, type LossName } from '../../src/losses/losses.js';
import { randomStream } from '../../src/random/stream.js';
import { observed } from '../../src/targets/observed.js';
import { packedLength } from '../../src/tensor/symmetric.js';
import { casesOf } from '../support/all.js';
import { normals } from '../support/parity.js';

/** Calls to make of every operation, with arrays of the scope's; an operation without an entry does not compile. */
type Calls = {
  readonly [name in keyof Operations]: readonly ((scope: Scope) => Parameters<Operations[name]>[0])[];
};

const tastes: { tiles: string; taste: TileTaste | undefined }[] = [
  { tiles: 'usual', taste: undefined },
  { tiles: 'shared', taste: { lanes: 64, maxRows: 4, share: 'load', shared: 32 } },
  { tiles: 'register', taste: { lanes: 32, maxRows: 2, share: 'quad', shared: 'none' } },
];

const lossNames = Object.keys(losses) as LossName[];
const [shape, rank, batch] = [[20, 33, 19], 17, 2];
const size = shape.reduce((product, n) => product * n, 1);
const target = randomTarget([9, 50, 3], 3000);
const images = randomTarget(new Array<number>(40).fill(2), 130);

const calls: Calls = {
  contractFactored: [
    { rows: 3, columns: 1100 },
    { rows: 40, columns: 70 },
    { rows: 40, columns: 600, dim: 40 },
  ].map(({ rows, columns, dim = 9 }) => (scope) => ({
    ...{ order: 3, batch, rows, columns, dim, queryStride: rows * dim, accumulate: true },
    queries: random(scope, 'queries', batch * rows * dim),
    vectors: random(scope, 'vectors', batch * columns * dim),
    weights: random(scope, 'weights', batch * columns),
    ...queried(scope, rows, dim),
  })),
  updateVanilla: [
    (scope) => ({
      ...{ order: 3, batch, rows: 65, columns: 70, dim: 7, contracted: 65 },
      rates: random(scope, 'rates', batch),
      vectors: random(scope, 'vectors', batch * 70 * 7),
      weights: random(scope, 'weights', batch * 70),
      ...queried(scope, 65, 7),
    }),
  ],
  updatePolar: [
    (scope) => ({
      ...{ order: 4, batch, rows: 65, columns: 70, dim: 7, contracted: 65 },
      ...{ radialFactor: 4, regularization: 0.01, logModeSwitch: -2 },
      vectors: random(scope, 'vectors', batch * 70 * 7),
      weights: random(scope, 'weights', batch * 70),
      rates: random(scope, 'rates', batch),
      caps: random(scope, 'caps', batch),
      signs: random(scope, 'signs', batch * 65),
      logNorms: random(scope, 'log norms', batch * 65),
      ...queried(scope, 65, 7),
    }),
  ],
  setRates: [
    (scope) => ({
      ...{ batch, rows: 65, factor: 0.3, strengths: random(scope, 'strengths', batch * 65) },
      ...{ scales: scope.array('scales', batch), rates: scope.array('rates', batch) },
    }),
  ],
  descend: [false, true].map((remembers) => (scope) => ({
    ...{ batch, length: 999, rate: 0.1, momentum: 0.9, nonnegative: remembers, ...descent(scope) },
    ...(remembers ? { velocity: random(scope, 'velocity', batch * 999) } : {}),
    rates: random(scope, 'rates', batch),
  })),
  descendAdam: [false, true].map((nonnegative) => (scope) => ({
    ...{ batch, length: 999, rate: 0.1, step: 7, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, nonnegative },
    ...{ ...descent(scope), first: random(scope, 'first', batch * 999) },
    second: scope.array('second', normals(batch * 999, 9).map(Math.abs)),
  })),
  groupRates: [
    (scope) => ({
      ...{ batch: 130, step: 7, alpha: 0.99, epsilon: 1e-6, rates: scope.array('rates', 130) },
      squares: scope.array('squares', normals(130, 8).map(Math.abs)),
      averages: scope.array('averages', normals(130, 9).map(Math.abs)),
    }),
  ],
  traceResidual: [3, 4].map((slots) => (scope) => ({
    ...{ batch: 130, factor: 0.5, tolerance: 1e-9 },
    squares: scope.array('squares', normals(130, 8).map(Math.abs)),
    rates: random(scope, 'rates', 130),
    trace: scope.array('trace', Float64Array.of(5, ...new Array<number>(slots + 1).fill(0))),
  })),
  recordComponents: [0, 4].map((known) => (scope) => ({
    ...{ batch, rows: 65, columns: 70, dim: 7, known, slot: 1 },
    vectors: random(scope, 'vectors', batch * 70 * 7),
    weights: random(scope, 'weights', batch * 70),
    directions: random(scope, 'directions', 4 * 7),
    history: scope.array('history', 2 * batch * 65 * 3),
  })),
  shiftRows: [
    (scope) => ({
      ...{ batch, rows: 65, dim: 7, shift: 0.5, strengths: random(scope, 'strengths', batch * 65) },
      ...{ from: random(scope, 'from', batch * 65 * 7), to: random(scope, 'to', batch * 65 * 7) },
    }),
  ],
  normalizeRows: [
    (scope) => ({
      ...{ batch, rows: 65, dim: 7 },
      ...{ from: random(scope, 'from', batch * 65 * 7), to: random(scope, 'to', batch * 65 * 7) },
    }),
  ],
  residualDense: [false, true].map((masked) => (scope) => ({
    ...denseModel(scope),
    tensor: random(scope, 'tensor', size),
    ...(masked
      ? {
          mask: scope.array(
            'mask',
            Float64Array.from({ length: size }, (_, i) => i % 2),
          ),
        }
      : {}),
    residual: scope.array('residual', batch * size),
  })),
  mttkrpDense: shape.map((rows, mode) => (scope) => ({
    ...denseModel(scope),
    ...{ mode, tensor: random(scope, 'tensor', size), product: scope.array('product', batch * rows * rank) },
  })),
  mttkrpAllDense: [
    (scope) => ({
      ...{ ...denseModel(scope), tensor: random(scope, 'tensor', batch * size) },
      products: shape.map((rows, mode) => scope.array(`product ${mode}`, batch * rows * rank)),
    }),
  ],
  contractSymmetric: [3, 40].map((rows) => (scope) => ({
    ...{ order: 4, batch, rows, dim: 11, queryStride: rows * 11, scale: 2, accumulate: true },
    tensor: random(scope, 'tensor', packedLength(4, 11)),
    queries: random(scope, 'queries', batch * rows * 11),
    ...queried(scope, rows, 11),
  })),
  subtractGaussian: [
    (scope) => ({
      ...{ batch, rows: 65, dim: 7, queryStride: 65 * 7, scale: 1 },
      ...{ queries: random(scope, 'queries', batch * 65 * 7), ...queried(scope, 65, 7) },
    }),
  ],
  measureDense: [1, 5].map((items) => (scope) => ({
    ...{ batch: items, count: 13, size: 1029, measurements: random(scope, 'measurements', 13 * 1029) },
    ...{ tensor: random(scope, 'tensor', items * 1029), prediction: scope.array('prediction', items * 13) },
  })),
  measureAdjoint: [1, 5].map((items) => (scope) => ({
    ...{ batch: items, count: 301, size: 29, measurements: random(scope, 'measurements', 301 * 29) },
    ...{ derivative: random(scope, 'derivative', items * 301), tensor: scope.array('tensor', items * 29) },
  })),
  measureKruskal: [(scope) => ({ ...kruskal(scope), prediction: scope.array('prediction', batch * 33) })],
  measureKruskalAdjoint: shape.map((rows, mode) => (scope) => ({
    ...{ ...kruskal(scope), mode, derivative: random(scope, 'derivative', batch * 33) },
    gradient: scope.array('gradient', batch * rows * rank),
  })),
  predictObserved: [
    (scope) => ({ ...entriesModel(scope), prediction: scope.array('prediction', batch * target.count) }),
  ],
  lossObserved: lossNames.flatMap((loss) =>
    [false, true].map((weighted) => (scope: Scope) => ({
      ...{ batch, first: 0, count: target.count, ...lossArrays(scope, loss), ...(weighted ? counted(scope) : {}) },
      prediction: random(scope, 'prediction', batch * target.count),
    })),
  ),
  gradientObserved: [128, 7].map((partLength) => (scope) => ({
    ...{ ...entriesModel(scope), segments: uploadSegments(scope, target, undefined, partLength) },
    derivative: random(scope, 'derivative', batch * target.count),
    gradient: scope.array('gradient', batch * 62 * rank),
  })),
  lossAndGradientObserved: [
    ...lossNames.map((loss) => (scope: Scope) => lossAndGradient(scope, loss)),
    (scope) => ({ ...lossAndGradient(scope, 'l2'), ...counted(scope) }),
  ],
  predictLargeOrder: [
    (scope) => ({ ...imagesModel(scope), prediction: scope.array('prediction', batch * images.count) }),
  ],
  gradientLargeOrder: [
    (scope) => ({
      ...{ ...imagesModel(scope), derivative: random(scope, 'derivative', batch * images.count) },
      gradient: scope.array('gradient', batch * 80 * rank),
    }),
  ],
  sumOfSquares: [false, true].map((accumulate) => (scope) => ({
    ...{ batch, length: 4099, accumulate },
    ...{ values: random(scope, 'values', batch * 4099), out: random(scope, 'out', batch) },
  })),
  gram: [
    (scope) => ({
      ...{ batch, count: rank, length: 65, vectorStride: 1, entryStride: rank, outOffset: 0 },
      ...{ values: random(scope, 'values', batch * 65 * rank), gram: scope.array('gram', batch * rank * rank) },
    }),
  ],
  factorNormalMatrix: [
    (scope) => ({
      ...{ order: 3, mode: 1, batch, rank, ridge: 1 },
      ...{ grams: nearIdentity(scope, 3 * batch), cholesky: scope.array('cholesky', batch * rank * rank) },
    }),
  ],
  subtractSolution: [
    (scope) => ({
      ...{ batch, rows: 65, rank, cholesky: nearIdentity(scope, batch) },
      ...{ rightSide: random(scope, 'right side', batch * 65 * rank), factor: factor(scope, 65) },
    }),
  ],
  columnNorms: [
    (scope) => ({ batch, rows: 65, rank, factor: factor(scope, 65), norms: scope.array('norms', batch * rank) }),
  ],
  scaleColumns: (['multiply', 'divide'] as const).map((by) => (scope) => ({
    ...{ batch, rows: 65, rank, by, factor: factor(scope, 65), scales: random(scope, 'scales', batch * rank) },
  })),
};

describe.each(casesOf(tastes, 1))('$tiles tiles', ({ taste }) => {
  const tuning = taste ? { tuning: { adapter: 'test', tiles: taste, measured: [] } } : {};
  let one: Backend, other: Backend, cut: Backend;
  beforeAll(async () => {
    one = await openBackend('webgpu', tuning);
    other = await openBackend('webgpu', tuning);
    // A few workgroups a submit.
    cut = await openWebGpu(undefined, tuning.tuning, { submitWork: 2e4 });
  });
  afterAll(() => {
    for (const backend of [one, other, cut]) backend[Symbol.dispose]();
  });

  test.each(Object.keys(calls) as (keyof Operations)[])('%s', async (name) => {
    const first = await bits(one, name);
    const worth = first.every((values) => values.every(Number.isFinite) && values.some((x) => x !== 0));
    expect(worth, 'finite numbers, not all zero').toBe(true);
    expect(await bits(one, name), 'on the same backend').toEqual(first);
    expect(await bits(other, name), 'on another backend').toEqual(first);
    expect(await bits(cut, name), 'cut into small submits').toEqual(first);
  });
});

/** All arrays of all calls of one operation after they ran: what it wrote, and what it must not have changed. */
async function bits(backend: Backend, name: keyof Operations): Promise<Float64Array[]> {
  const found: Float64Array[] = [];
  for (const call of calls[name]) {
    using scope = backend.scope(name);
    const args = call(scope);
    (scope[name] as (given: typeof args) => void)(args);
    for (const array of arraysOf(args)) found.push(await scope.read(array));
  }
  return found;
}

const arraysOf = (args: object): DeviceArray[] =>
  Object.values(args)
    .flat()
    .filter((value): value is DeviceArray => isArray(value));

const isArray = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'label' in value && !('integers' in value);

const random = (scope: Scope, label: string, length: number): DeviceArray =>
  scope.array(label, normals(length, length));

const factor = (scope: Scope, rows: number): DeviceArray => random(scope, `factor of ${rows}`, batch * rows * rank);

/** I + a little of everything: a Gram matrix, or a Cholesky factor, that can be divided by. */
const nearIdentity = (scope: Scope, count: number): DeviceArray =>
  scope.array(
    'near identity',
    normals(count * rank * rank).map((x, i) => 0.01 * x + ((i % (rank * rank)) % (rank + 1) === 0 ? 1 : 0)),
  );

const queried = (scope: Scope, rows: number, dim: number) => ({
  contraction: random(scope, 'contraction', batch * rows * dim),
  strengths: random(scope, 'strengths', batch * rows),
});

const descent = (scope: Scope) => ({
  gradient: scope.array('gradient', normals(batch * 999, 1)),
  parameters: scope.array('parameters', normals(batch * 999, 2)),
});

const denseModel = (scope: Scope) => ({ shape, rank, batch, factors: shape.map((rows) => factor(scope, rows)) });

const kruskal = (scope: Scope) => ({
  ...{ ...denseModel(scope), count: 33, terms: 2, weights: random(scope, 'weights', 66) },
  vectors: shape.map((rows, mode) => random(scope, `vectors of mode ${mode}`, 66 * rows)),
  products: shape.map((_, mode) => random(scope, `products of mode ${mode}`, batch * 66 * rank)),
});

const entriesModel = (scope: Scope) => ({
  ...{ order: 3, batch, rows: 62, rank, first: 0, count: target.count, factors: factor(scope, 62) },
  ...{ weights: random(scope, 'weights', batch * rank), entryRows: uploadEntries(scope, target).entryRows },
});

const imagesModel = (scope: Scope) => ({
  ...{ order: 40, batch, rows: 80, rank, first: 0, count: images.count, factors: factor(scope, 80) },
  ...{ weights: random(scope, 'weights', batch * rank), entries: uploadLargeOrder(scope, images) },
});

const lossArrays = (scope: Scope, loss: LossName) => ({
  ...{ loss, parameter: 0.5, values: uploadEntries(scope, target).values },
  ...{ derivative: scope.array('derivative', batch * target.count), mean: scope.array('mean', batch) },
});

const lossAndGradient = (scope: Scope, loss: LossName) => ({
  ...{ ...entriesModel(scope), segments: uploadSegments(scope, target), ...lossArrays(scope, loss) },
  gradient: scope.array('gradient', batch * 62 * rank),
});

/** Weights of the entries, some of them 0. */
const counted = (scope: Scope) => ({
  entryWeights: scope.array(
    'entry weights',
    normals(target.count, 10).map((x) => Math.max(0, x)),
  ),
  scale: 0.01,
});

function randomTarget(modes: readonly number[], count: number) {
  const uniform = randomStream(6);
  const indices = Array.from({ length: count }, () => modes.map((n) => Math.floor(uniform.uniform() * n)));
  return observed(modes, indices.flat(), normals(count, 7));
}
