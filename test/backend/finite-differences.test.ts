// Every gradient that the operations give, target by target and loss by loss, against central finite differences of the
// loss, in float64 on the cpu backend. Symmetric targets and dense ones have the loss ½‖residual‖², written out here on
// explicit tensors; observations the mean of an elementwise loss.
import { describe, expect, test } from 'vitest';
import { uploadEntries, uploadLargeOrder, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { lossNames, lossOf, type LossName } from '../../src/losses/losses.js';
import { randomStream } from '../../src/random/stream.js';
import { observed } from '../../src/targets/observed.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { forEachPacked, packKruskal, symmetricNorm, type SymmetricTensor } from '../../src/tensor/symmetric.js';
import { predictsRates, valuesFor } from '../support/losses.js';
import { normals } from '../support/parity.js';

type Parameters = readonly Float64Array[];

interface Problem {
  readonly name: string;
  /** Where the gradient is taken. */
  readonly at: Parameters;
  /** The loss, and its gradient in the layout of the parameters. */
  readonly evaluate: (scope: Scope, at: Parameters) => Promise<{ loss: number; gradient: Parameters }>;
}

const step = 1e-5;
const batch = 2;
const rank = 2;
const small = randomTarget([3, 4, 2], 15);
const smallModel = { order: 3, batch, rows: 9, rank, first: 0, count: small.count };
const large = randomTarget([2, 3, ...new Array<number>(16).fill(2)], 10);
const largeModel = { order: 18, batch, rows: 37, rank, first: 0, count: large.count };

/** Turns all numbers of a problem: of positive ones are predictions that are rates, away from 0. */
type Turn = (numbers: Float64Array) => Float64Array;
const rates: Turn = (numbers) => numbers.map((x) => 0.3 + Math.abs(x));
const asTheyAre: Turn = (numbers) => numbers;

const weightsOf = (scope: Scope, turn: Turn): DeviceArray => scope.array('weights', turn(normals(batch * rank, 8)));

describe.each([
  ['symmetric targets', symmetricProblems()],
  ['dense targets', denseProblems()],
  ['observations', observationProblems()],
] as const)('%s', (_kind, problems) => {
  test.each(problems)('$name', async ({ at, evaluate }) => {
    const evaluated = async (moved: Parameters) => {
      using scope = openCpu().scope('finite differences');
      return await evaluate(scope, moved);
    };
    const { gradient } = await evaluated(at);
    expect(gradient.map(({ length }) => length)).toEqual(at.map(({ length }) => length));
    const largest = Math.max(...gradient.flatMap((values) => Array.from(values, Math.abs)));
    const slopeOf = async (part: number, entry: number): Promise<number> => {
      const lossAt = async (delta: number): Promise<number> => {
        const moved = at.map((values) => values.slice());
        moved[part]![entry]! += delta;
        return (await evaluated(moved)).loss;
      };
      return ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    };
    const compare = async (part: number, entry: number): Promise<void> => {
      const error = Math.abs(gradient[part]![entry]! - (await slopeOf(part, entry)));
      expect(error, `entry ${entry} of parameter ${part}`).toBeLessThan(1e-7 * largest);
    };
    await Promise.all(at.flatMap((values, part) => Array.from(values, (_, entry) => compare(part, entry))));
  });
});

/** The gradient step of vanilla, with a step of 1, for every target that is contracted with the model's vectors. */
function symmetricProblems(): Problem[] {
  return [2, 3, 4, 5, 6].flatMap((order) => {
    const dim = order > 4 ? 2 : 3;
    const hidden = kruskal(order, normals(2, 3), normals(2 * dim, 4));
    const samples = kruskal(order, new Float64Array(5).fill(0.2), normals(5 * dim, 5));
    const packed = packKruskal(hidden);
    return [
      symmetricProblem(`factored, order ${order}`, packed, { stacked: hidden }),
      symmetricProblem(`denseSymmetric, order ${order}`, packed, {
        subtract: (scope, queried) => {
          const tensor = scope.array('tensor', packed.data);
          scope.contractSymmetric({ ...queried, tensor, scale: -1, accumulate: true });
        },
      }),
      symmetricProblem(`moments, order ${order}`, packKruskal(samples), {
        subtract: (scope, queried) => subtractSamples(scope, queried, samples),
      }),
      ...(order === 4 ? [cumulantProblem(samples)] : []),
    ];
  });
}

function cumulantProblem(samples: SymmetricKruskal): Problem {
  const moment = packKruskal(samples);
  forEachPacked(4, moment.dim, ([a, b, c, d], offset) => {
    moment.data[offset]! -= [a === b && c === d, a === c && b === d, a === d && b === c].filter(Boolean).length;
  });
  return symmetricProblem('fourth cumulant', moment, {
    subtract: (scope, queried) => {
      subtractSamples(scope, queried, samples);
      scope.subtractGaussian({ ...queried, scale: -1 });
    },
  });
}

/** What the model's vectors ask of a symmetric tensor, and where the answers go. */
interface Queried {
  readonly order: number;
  readonly batch: number;
  readonly rows: number;
  readonly dim: number;
  readonly queryStride: number;
  readonly queries: DeviceArray;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}

/** Takes the target out of the model's contraction: in the same stack, negated, or by operations on top. */
interface TargetSide {
  readonly stacked?: SymmetricKruskal;
  readonly subtract?: (scope: Scope, queried: Queried) => void;
}

function symmetricProblem(name: string, target: SymmetricTensor, { stacked, subtract }: TargetSide): Problem {
  const { order, dim } = target;
  const rows = 3;
  const columns = rows + (stacked?.weights.length ?? 0);
  const queryStride = columns * dim;
  return {
    name,
    at: [normals(rows, 1), normals(rows * dim, 2)],
    evaluate: async (scope, at) => {
      const modelWeights = at[0]!;
      const modelVectors = at[1]!;
      const model = packKruskal(kruskal(order, modelWeights, modelVectors));
      const residual = { ...model, data: Float64Array.from(model.data, (x, i) => x - target.data[i]!) };
      const stackedWeights = (stacked?.weights ?? new Float64Array(0)).map((weight) => -weight);
      const weights = scope.array('weights', Float64Array.of(...modelWeights, ...stackedWeights));
      const vectors = scope.array('vectors', Float64Array.of(...modelVectors, ...(stacked?.vectors.data ?? [])));
      const out = { contraction: scope.array('contraction', rows * dim), strengths: scope.array('strengths', rows) };
      const queried = { order, batch: 1, rows, dim, queryStride, queries: vectors, ...out };
      scope.contractFactored({ ...queried, columns, vectors, weights });
      subtract?.(scope, queried);
      const rates = scope.array('rates', Float64Array.of(1));
      scope.updateVanilla({ ...queried, columns, contracted: rows, rates, vectors, weights });
      const newWeights = await scope.read(weights);
      const newVectors = await scope.read(vectors);
      return {
        loss: symmetricNorm(residual) ** 2 / 2,
        gradient: [
          modelWeights.map((before, i) => before - newWeights[i]!),
          modelVectors.map((before, i) => before - newVectors[i]!),
        ],
      };
    },
  };
}

/** In two chunks, as samples come that are too many for one array. */
function subtractSamples(scope: Scope, queried: Queried, { weights, vectors }: SymmetricKruskal): void {
  const count = weights.length;
  for (const [begin, end] of [
    [0, 2],
    [2, count],
  ] as const) {
    scope.contractFactored({
      ...queried,
      columns: end - begin,
      accumulate: true,
      vectors: scope.array('samples', vectors.data.slice(begin * queried.dim, end * queried.dim)),
      weights: scope.array(
        'weights of samples',
        weights.slice(begin, end).map((weight) => -weight),
      ),
    });
  }
}

function kruskal(order: number, weights: Float64Array, data: Float64Array): SymmetricKruskal {
  return { order, weights, vectors: { rows: weights.length, columns: data.length / weights.length, data } };
}

/** MTTKRP of the residual, with all cells and with the known ones; two models at once. */
function denseProblems(): Problem[] {
  return [
    [4, 5],
    [3, 4, 2],
    [2, 3, 2, 2],
  ].flatMap((shape) =>
    [
      { masked: false, allAtOnce: false },
      { masked: true, allAtOnce: false },
      { masked: true, allAtOnce: true },
    ].map(({ masked, allAtOnce }): Problem => {
      const size = sizeOf(shape);
      const mask = normals(size, 3).map((x) => (masked && x < -0.3 ? 0 : 1));
      return {
        name: `order ${shape.length}${masked ? ', some cells missing' : ''}${allAtOnce ? ', all modes at once' : ''}`,
        at: factorsOf(shape, rank * batch),
        evaluate: async (scope, at) => {
          const model = { shape, rank, batch, factors: at.map((values) => scope.array('factor', values)) };
          const tensor = scope.array('tensor', normals(size, 2));
          const all = scope.array('all', batch * size);
          const residual = scope.array('residual', batch * size);
          scope.residualDense({ ...model, tensor, residual: all });
          scope.residualDense({ ...model, tensor, ...(masked ? { mask: scope.array('mask', mask) } : {}), residual });
          const products = shape.map((rows) => scope.array('product', batch * rows * rank));
          if (allAtOnce) scope.mttkrpAllDense({ ...model, tensor: residual, products });
          else products.forEach((product, mode) => scope.mttkrpDense({ ...model, mode, tensor: residual, product }));
          const squares = (await scope.read(all)).map((x, i) => x ** 2 * mask[i % size]!);
          return { loss: sum(squares) / 2, gradient: await readAll(scope, products) };
        },
      };
    }),
  );
}

/** Predictions of observations from parameters, and the chain rule back: lossObserved sits between the two. */
interface Observations {
  readonly name: string;
  readonly count: number;
  readonly at: Parameters;
  readonly record: (
    scope: Scope,
    parameters: readonly DeviceArray[],
  ) => { prediction: DeviceArray; pullBack: (derivative: DeviceArray) => DeviceArray[] };
}

function observationProblems(): Problem[] {
  return lossNames.flatMap((loss) => {
    const turn = predictsRates(loss) ? rates : asTheyAre;
    const chains = [entries(turn), entriesOfLargeOrder(turn), denseMeasurements(turn), kruskalMeasurements(turn)];
    return [...chains.map((chain) => chainProblem(chain, loss)), entriesAtOnce(turn, loss)];
  });
}

function chainProblem({ name, count, at, record }: Observations, loss: LossName): Problem {
  return {
    name: `${name}, ${loss}`,
    at,
    evaluate: async (scope, parameters) => {
      const values = valuesFor(loss, normals(count, 7));
      const { prediction, pullBack } = record(
        scope,
        parameters.map((part) => scope.array('parameters', part)),
      );
      const derivative = scope.array('derivative', batch * count);
      const mean = scope.array('mean', batch);
      const range = { batch, first: 0, count, values: scope.array('values', values) };
      // Some count twice, some not at all.
      const entryWeights = scope.array(
        'entry weights',
        values.map((_, e) => e % 3),
      );
      scope.lossObserved({
        ...range,
        loss,
        parameter: 0.5,
        entryWeights,
        scale: 0.1,
        prediction,
        derivative,
        mean,
      });
      const gradient = await readAll(scope, pullBack(derivative));
      const residuals = (await scope.read(prediction)).map((x, i) => Math.abs(x - values[i % count]!));
      if (lossOf(loss).hasKink) expect(Math.min(...residuals), 'no residual near the kink').toBeGreaterThan(20 * step);
      return { loss: sum(await scope.read(mean)), gradient };
    },
  };
}

function entries(turn: Turn): Observations {
  return {
    name: 'observed',
    count: small.count,
    at: [turn(normals(batch * 9 * rank, 1))],
    record: (scope, parameters) => {
      const factors = parameters[0]!;
      const { entryRows } = uploadEntries(scope, small);
      const model = { ...smallModel, factors, weights: weightsOf(scope, turn), entryRows };
      const prediction = scope.array('prediction', batch * small.count);
      scope.predictObserved({ ...model, prediction });
      const pullBack = (derivative: DeviceArray): DeviceArray[] => {
        const gradient = scope.array('gradient', batch * 9 * rank);
        scope.gradientObserved({ ...model, segments: uploadSegments(scope, small), derivative, gradient });
        return [gradient];
      };
      return { prediction, pullBack };
    },
  };
}

/** The same entries and values as the chain's. */
function entriesAtOnce(turn: Turn, loss: LossName): Problem {
  return {
    name: `observed at once, ${loss}`,
    at: entries(turn).at,
    evaluate: async (scope, parameters) => {
      const gradient = scope.array('gradient', batch * 9 * rank);
      const mean = scope.array('mean', batch);
      scope.lossAndGradientObserved({
        ...smallModel,
        loss,
        parameter: 0.5,
        mean,
        gradient,
        factors: scope.array('factors', parameters[0]!),
        weights: weightsOf(scope, turn),
        entryRows: uploadEntries(scope, small).entryRows,
        segments: uploadSegments(scope, small),
        values: scope.array('values', valuesFor(loss, normals(small.count, 7))),
        derivative: scope.array('derivative', batch * small.count),
      });
      return { loss: sum(await scope.read(mean)), gradient: [await scope.read(gradient)] };
    },
  };
}

function entriesOfLargeOrder(turn: Turn): Observations {
  return {
    name: 'observed of large order',
    count: large.count,
    at: [normals(batch * 37 * rank, 1).map((x) => 1 + 0.1 * x)],
    record: (scope, parameters) => {
      const factors = parameters[0]!;
      const weights = weightsOf(scope, turn);
      const model = { ...largeModel, factors, weights, entries: uploadLargeOrder(scope, large), exponent: 1 };
      const prediction = scope.array('prediction', batch * large.count);
      scope.predictLargeOrder({ ...model, prediction });
      const pullBack = (derivative: DeviceArray): DeviceArray[] => {
        const gradient = scope.array('gradient', batch * 37 * rank);
        scope.gradientLargeOrder({ ...model, derivative, gradient });
        return [gradient];
      };
      return { prediction, pullBack };
    },
  };
}

/** Dense measurements see the model as a tensor, so their gradient is the MTTKRP of their adjoint. */
function denseMeasurements(turn: Turn): Observations {
  const shape = [3, 2, 4];
  const count = 11;
  const size = sizeOf(shape);
  return {
    name: 'sensing, dense',
    count,
    at: factorsOf(shape, batch * rank).map(turn),
    record: (scope, factors) => {
      const model = { shape, rank, batch, factors };
      const tensor = scope.array('model', batch * size);
      scope.residualDense({ ...model, tensor: scope.array('zeros', size), residual: tensor });
      const measurements = scope.array('measurements', turn(normals(count * size, 4)));
      const measuring = { batch, count, size, measurements };
      const prediction = scope.array('prediction', batch * count);
      scope.measureDense({ ...measuring, tensor, prediction });
      const pullBack = (derivative: DeviceArray): DeviceArray[] => {
        const adjoint = scope.array('adjoint', batch * size);
        scope.measureAdjoint({ ...measuring, derivative, tensor: adjoint });
        return shape.map((rows, mode) => {
          const product = scope.array('gradient', batch * rows * rank);
          scope.mttkrpDense({ ...model, mode, tensor: adjoint, product });
          return product;
        });
      };
      return { prediction, pullBack };
    },
  };
}

function kruskalMeasurements(turn: Turn): Observations {
  const shape = [3, 2, 4];
  const count = 11;
  const terms = 2;
  return {
    name: 'sensing, Kruskal',
    count,
    at: factorsOf(shape, batch * rank).map(turn),
    record: (scope, factors) => {
      const measuring = {
        shape,
        rank,
        batch,
        count,
        terms,
        weights: scope.array('weights', turn(normals(count * terms, 5))),
        vectors: shape.map((rows, k) => scope.array('vectors', turn(normals(count * terms * rows, 30 + k)))),
        products: shape.map(() => scope.array('products', batch * count * terms * rank)),
      };
      const prediction = scope.array('prediction', batch * count);
      scope.measureKruskal({ ...measuring, factors, prediction });
      const pullBack = (derivative: DeviceArray): DeviceArray[] =>
        shape.map((rows, mode) => {
          const gradient = scope.array('gradient', batch * rows * rank);
          scope.measureKruskalAdjoint({ ...measuring, mode, derivative, gradient });
          return gradient;
        });
      return { prediction, pullBack };
    },
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function sum(values: Float64Array): number {
  return values.reduce((total, x) => total + x, 0);
}

function factorsOf(shape: readonly number[], columns: number): Float64Array[] {
  return shape.map((rows, mode) => normals(rows * columns, mode + 10));
}

function readAll(scope: Scope, arrays: readonly DeviceArray[]): Promise<Float64Array[]> {
  return Promise.all(arrays.map((array) => scope.read(array)));
}

function randomTarget(shape: readonly number[], count: number) {
  const uniform = randomStream(6);
  const indices = Array.from({ length: count }, () => shape.map((n) => Math.floor(uniform.uniform() * n)));
  return observed(shape, indices.flat(), normals(count, 7));
}
