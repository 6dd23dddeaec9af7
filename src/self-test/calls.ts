// Calls of every operation of the contract, with seeded arrays: sizes are such that sums are split, rows are cut into parts, tiles have
// edges. An operation without calls here does not compile.
import { uploadEntries, uploadLargeOrder, uploadSegments } from '../algorithms/completion/observed-entries.js';
import type { Kernel } from '../../shaders/kernel.js';
import type { DeviceArray, OperationArgs, Operations, Scope } from '../backend/backend.js';
import { kernelOperations, type KernelOperations } from '../backend/operations/kernels.js';
import { defaultLoss, lossNames, type LossName } from '../losses/losses.js';
import { randomStream } from '../random/stream.js';
import { observed } from '../targets/observed.js';
import { packedLength } from '../tensor/symmetric.js';

/** Calls to make of every operation, with arrays of the scope's. */
type Calls = { readonly [name in keyof Operations]: readonly ((scope: Scope) => OperationArgs<name>)[] };

/** Of an operation that is one kernel: sizes, variant, and the arrays that must not be random. The others are made by their shapes. */
type KernelCalls = { readonly [name in keyof KernelOperations]: readonly KernelCall<OperationArgs<name>>[] };

type KernelCall<Args> = NumbersOf<Args> & { readonly arrays?: (scope: Scope) => Partial<ArraysOf<Args>> };
type ArraysOf<Args> = { readonly [name in keyof Args as Args[name] extends DeviceArray ? name : never]: Args[name] };
type NumbersOf<Args> = Omit<Args, keyof ArraysOf<Args>>;

const shape = [20, 33, 19];
const rank = 17;
const batch = 2;
const size = shape.reduce((product, n) => product * n, 1);
const target = randomTarget([9, 50, 3], 3000);
const images = randomTarget(new Array<number>(40).fill(2), 130);

const rows = 65;
const polar = { batch, rows, columns: 70, dim: 7, contracted: rows, order: 4 };

const randomness = { seedLow: 7, seedHigh: 1, stream: 3, step: 11 };

const kernelCalls: KernelCalls = {
  columnNorms: [{ batch, rows, rank }],
  drawPrecisions: (['draw', 'mean'] as const).map((by) => ({
    batch,
    rank,
    parts: 2,
    shape: 7.5,
    rate: 0.3,
    scale: 0.5,
    ...randomness,
    by,
    arrays: (scope) => ({ squares: positive(scope, 'squares', 2 * batch * rank * rank) }),
  })),
  factorNormalMatrix: [
    { order: 3, mode: 1, batch, rank, ridge: 1, arrays: (scope) => ({ grams: nearIdentity(scope, 3 * batch) }) },
  ],
  gram: [{ batch, count: rank, length: rows, vectorStride: 1, entryStride: rank, outOffset: 0 }],
  normalizeRows: [{ batch, rows, dim: 7 }],
  posteriorGradient: [{ batch, rows, rank, scale: 0.7 }],
  recordComponents: [0, 4].map((known) => ({
    batch,
    rows,
    columns: 70,
    dim: 7,
    known,
    slot: 1,
    arrays: (scope) => ({
      directions: random(scope, 'directions', 4 * 7),
      history: scope.array('history', 2 * batch * rows * 3),
    }),
  })),
  scaleColumns: (['multiply', 'divide'] as const).map((by) => ({ batch, rows, rank, by })),
  setRates: [{ batch, rows, factor: 0.3 }],
  shiftRows: [{ batch, rows, dim: 7, shift: 0.5 }],
  steinDirection: [{ count: 5, length: rows, arrays: (scope) => ({ bandwidth: positive(scope, 'bandwidth', 1) }) }],
  steinKernel: [1, 5].map((count) => ({
    count,
    parts: 2,
    arrays: (scope) => ({ products: diagonal(scope, 2, count) }),
  })),
  stepSghmc: [false, true].map((estimates) => ({
    batch,
    length: rows,
    base: 0.5,
    slope: 2,
    friction: 0.1,
    drift: 0.5,
    share: 0.25,
    ...randomness,
    estimates,
    arrays: (scope) => ({ curvatures: positive(scope, 'curvatures', batch) }),
  })),
  subtractGaussian: [{ batch, rows, dim: 7, queryStride: rows * 7, scale: 1 }],
  subtractSolution: [{ batch, rows, rank, arrays: (scope) => ({ cholesky: nearIdentity(scope, batch) }) }],
  traceResidual: [3, 4].map((slots) => ({
    batch: 130,
    slots,
    factor: 0.5,
    tolerance: 1e-9,
    arrays: (scope) => ({
      squares: scope.array('squares', normals(130, 8).map(Math.abs)),
      trace: scope.array('trace', Float64Array.of(5, ...new Array<number>(slots + 1).fill(0))),
    }),
  })),
  updatePolar: [{ ...polar, radialFactor: 4, regularization: 0.01, logModeSwitch: -2 }],
  updateVanilla: [polar],
};

export const calls: Calls = {
  ...callsOfKernels(),
  contractFactored: [
    { rows: 3, columns: 1100 },
    { rows: 40, columns: 70 },
    { rows: 40, columns: 600, dim: 40 },
  ].map(({ rows, columns, dim = 9 }) => (scope) => ({
    order: 3,
    batch,
    rows,
    columns,
    dim,
    queryStride: rows * dim,
    accumulate: true,
    queries: random(scope, 'queries', batch * rows * dim),
    vectors: random(scope, 'vectors', batch * columns * dim),
    weights: random(scope, 'weights', batch * columns),
    contraction: scope.array('contraction', batch * rows * dim),
    strengths: scope.array('strengths', batch * rows),
  })),
  descend: [false, true].map((remembers) => (scope) => ({
    batch,
    length: 999,
    rate: 0.1,
    momentum: 0.9,
    nonnegative: remembers,
    ...descent(scope),
    ...(remembers ? { velocity: random(scope, 'velocity', batch * 999) } : {}),
    rates: random(scope, 'rates', batch),
  })),
  descendAdam: [false, true].map((nonnegative) => (scope) => ({
    batch,
    length: 999,
    rate: 0.1,
    step: 7,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    nonnegative,
    ...descent(scope),
    first: random(scope, 'first', batch * 999),
    second: scope.array('second', normals(batch * 999, 9).map(Math.abs)),
  })),
  groupRates: [
    (scope) => ({
      batch: 130,
      step: 7,
      alpha: 0.99,
      epsilon: 1e-6,
      rates: scope.array('rates', 130),
      squares: scope.array('squares', normals(130, 8).map(Math.abs)),
      averages: scope.array('averages', normals(130, 9).map(Math.abs)),
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
    mode,
    tensor: random(scope, 'tensor', size),
    product: scope.array('product', batch * rows * rank),
  })),
  mttkrpAllDense: [
    (scope) => ({
      ...denseModel(scope),
      tensor: random(scope, 'tensor', batch * size),
      products: shape.map((rows, mode) => scope.array(`product ${mode}`, batch * rows * rank)),
    }),
  ],
  modeGram: shape.map((rows, mode) => (scope) => ({
    shape,
    mode,
    partLength: 100,
    tensor: random(scope, 'tensor', size),
    gram: scope.array('gram', Math.ceil(size / rows / 100) * rows * rows),
  })),
  modeProduct: shape.map((rows, mode) => (scope) => ({
    shape,
    mode,
    rank,
    tensor: random(scope, 'tensor', size),
    matrix: random(scope, 'matrix', rows * rank),
    product: scope.array('product', (size / rows) * rank),
  })),
  contractSymmetric: [3, 40].map((rows) => (scope) => ({
    order: 4,
    batch,
    rows,
    dim: 11,
    queryStride: rows * 11,
    scale: 2,
    accumulate: true,
    tensor: random(scope, 'tensor', packedLength(4, 11)),
    queries: random(scope, 'queries', batch * rows * 11),
    ...queried(scope, rows, 11),
  })),
  measureDense: [1, 5].map((items) => (scope) => ({
    batch: items,
    count: 13,
    size: 1029,
    measurements: random(scope, 'measurements', 13 * 1029),
    tensor: random(scope, 'tensor', items * 1029),
    prediction: scope.array('prediction', items * 13),
  })),
  measureAdjoint: [1, 5].map((items) => (scope) => ({
    batch: items,
    count: 301,
    size: 29,
    measurements: random(scope, 'measurements', 301 * 29),
    derivative: random(scope, 'derivative', items * 301),
    tensor: scope.array('tensor', items * 29),
  })),
  measureKruskal: [(scope) => ({ ...kruskal(scope), prediction: scope.array('prediction', batch * 33) })],
  measureKruskalAdjoint: shape.map((rows, mode) => (scope) => ({
    ...kruskal(scope),
    mode,
    derivative: random(scope, 'derivative', batch * 33),
    gradient: scope.array('gradient', batch * rows * rank),
  })),
  predictObserved: [
    (scope) => ({ ...entriesModel(scope), prediction: scope.array('prediction', batch * target.count) }),
  ],
  lossObserved: lossNames.flatMap((loss) =>
    [false, true].map((weighted) => (scope: Scope) => ({
      batch,
      first: 0,
      count: target.count,
      ...lossArrays(scope, loss),
      ...(weighted ? counted(scope) : {}),
      prediction: random(scope, 'prediction', batch * target.count),
    })),
  ),
  gradientObserved: [128, 7].map((partLength) => (scope) => ({
    ...entriesModel(scope),
    segments: uploadSegments(scope, target, undefined, partLength),
    derivative: random(scope, 'derivative', batch * target.count),
    gradient: scope.array('gradient', batch * 62 * rank),
  })),
  lossAndGradientObserved: [
    ...lossNames.map((loss) => (scope: Scope) => lossAndGradient(scope, loss)),
    (scope) => ({ ...lossAndGradient(scope, defaultLoss), ...counted(scope) }),
  ],
  predictLargeOrder: [
    (scope) => ({ ...imagesModel(scope), prediction: scope.array('prediction', batch * images.count) }),
  ],
  gradientLargeOrder: [
    (scope) => ({
      ...imagesModel(scope),
      derivative: random(scope, 'derivative', batch * images.count),
      gradient: scope.array('gradient', batch * 80 * rank),
    }),
  ],
  sumOfSquares: [false, true].map((accumulate) => (scope) => ({
    batch,
    length: 4099,
    accumulate,
    values: random(scope, 'values', batch * 4099),
    out: random(scope, 'out', batch),
  })),
};

/** The calls of operations that are one kernel, with random numbers in all arrays that were not given. */
function callsOfKernels(): Pick<Calls, keyof KernelOperations> {
  const entries = Object.entries<Kernel>(kernelOperations).map(([name, { bindings }]) => {
    const ofKernel: readonly KernelCall<object>[] = kernelCalls[name as keyof KernelOperations];
    return [
      name,
      ofKernel.map(({ arrays, ...sizes }) => (scope: Scope) => ({
        ...Object.fromEntries(
          Object.entries(bindings).map(([array, { shape: form }]) => [
            array,
            random(scope, array, lengthOf(form, sizes)),
          ]),
        ),
        ...sizes,
        ...arrays?.(scope),
      })),
    ];
  });
  return Object.fromEntries(entries) as Pick<Calls, keyof KernelOperations>;
}

/** Entries of a declared shape such as `[batch, rows, 3], remarks`. What is no number and no parameter counts as 1. */
const lengthOf = (form: string, sizes: Readonly<Record<string, unknown>>): number =>
  form
    .slice(1, form.indexOf(']'))
    .split(/, | · /)
    .reduce((product, name) => product * Number(sizes[name] ?? (Number(name) || 1)), 1);

const random = (scope: Scope, label: string, length: number): DeviceArray =>
  scope.array(label, normals(length, length));

const factor = (scope: Scope, rows: number): DeviceArray => random(scope, `factor of ${rows}`, batch * rows * rank);

/** I + a little of everything: a Gram matrix, or a Cholesky factor, that can be divided by. */
const positive = (scope: Scope, label: string, length: number): DeviceArray =>
  scope.array(label, normals(length, 5).map(Math.abs));

/** Inner products of orthogonal vectors whose lengths differ. */
const diagonal = (scope: Scope, parts: number, count: number): DeviceArray =>
  scope.array(
    'inner products',
    Float64Array.from({ length: parts * count * count }, (_, at) =>
      Math.floor((at % (count * count)) / count) === at % count ? 1 + at : 0,
    ),
  );

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
  ...denseModel(scope),
  count: 33,
  terms: 2,
  weights: random(scope, 'weights', 66),
  vectors: shape.map((rows, mode) => random(scope, `vectors of mode ${mode}`, 66 * rows)),
  products: shape.map((_, mode) => random(scope, `products of mode ${mode}`, batch * 66 * rank)),
});

const entriesModel = (scope: Scope) => ({
  order: 3,
  batch,
  rows: 62,
  rank,
  first: 0,
  count: target.count,
  factors: factor(scope, 62),
  weights: random(scope, 'weights', batch * rank),
  entryRows: uploadEntries(scope, target).entryRows,
});

const imagesModel = (scope: Scope) => ({
  order: 40,
  batch,
  rows: 80,
  rank,
  first: 0,
  count: images.count,
  factors: factor(scope, 80),
  weights: random(scope, 'weights', batch * rank),
  entries: uploadLargeOrder(scope, images),
});

const lossArrays = (scope: Scope, loss: LossName) => ({
  loss,
  parameter: 0.5,
  values: uploadEntries(scope, target).values,
  derivative: scope.array('derivative', batch * target.count),
  mean: scope.array('mean', batch),
});

const lossAndGradient = (scope: Scope, loss: LossName) => ({
  ...entriesModel(scope),
  segments: uploadSegments(scope, target),
  ...lossArrays(scope, loss),
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

function normals(length: number, seed = 1): Float64Array {
  return randomStream(seed).fillNormal(new Float64Array(length));
}
