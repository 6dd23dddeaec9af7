// What a completion descends on, computed in different ways, is one function: entries gathered one by one, cells of a whole tensor,
// rows of bits, measurements that pick entries. Mean loss and gradients agree to rounding on both backends.
import { describe, expect, test } from 'vitest';
import { gathered } from '../../src/algorithms/completion/objectives/gathered.js';
import { gridded, knownCellsOf } from '../../src/algorithms/completion/objectives/gridded.js';
import { largeOrder } from '../../src/algorithms/completion/objectives/large-order.js';
import { measured } from '../../src/algorithms/completion/objectives/measured.js';
import type { Objective, ObjectiveSetup } from '../../src/algorithms/completion/objectives/objective.js';
import { openObjective } from '../../src/algorithms/completion/objectives/objectives.js';
import type { Backend, Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { observed, predict, sensing, type Kruskal, type LossName, type ObservedTarget } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix } from '../../src/tensor/matrix.js';
import { expectClose } from '../support/close.js';
import { finished } from '../../src/yield.js';
import { webgpu } from '../support/parity.js';

const { target } = plantedObserved({ shape: [5, 4, 3], rank: 2, share: 0.5, seed: 3 });
const lanes: { name: string; open: () => Promise<Backend>; tolerance: number }[] = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), tolerance: 1e-12 },
  { name: 'webgpu', open: webgpu, tolerance: 2e-5 },
];
const rank = 6;
const models = [1, 2].map((seed) => randomModel(target.shape, seed));

describe.each(lanes)('$name', ({ open, tolerance }) => {
  test.each<LossName>(['l2', 'l1', 'huber', 'poisson', 'poissonLog', 'bernoulliLogit'])(
    '%s: entries, cells and measurements of single entries',
    async (loss) => {
      using scope = (await open()).scope('objectives');
      // Values that every loss takes: 0 and 1, and models ≥ 0 for rates.
      const binary = observed(
        target.shape,
        target.indices,
        target.values.map((value) => Number(value > 0)),
      );
      const setup = { ...base(scope, loss), target: binary };
      const one = await outputsOf(scope, finished(gathered(setup)));
      const known = finished(knownCellsOf(binary));
      if (!known) throw new Error('expected every entry in a cell of its own');
      const cells = await outputsOf(scope, finished(gridded(setup, known)));
      const picked = await outputsOf(scope, measured({ ...setup, target: picking(binary) }));
      for (const other of [cells, picked]) {
        expectClose(other.mean, Array.from(one.mean), tolerance, 'mean loss');
        other.gradients.forEach((gradient, b) => {
          expectClose(gradient, Array.from(one.gradients[b]!), tolerance, `gradients of start ${b}`);
        });
      }
    },
  );

  test('modes of size 2: entries and bits', async () => {
    using scope = (await open()).scope('objectives');
    const { target: binary } = plantedObserved({ shape: new Array<number>(8).fill(2), rank: 2, share: 0.2, seed: 1 });
    const own = [1, 2].map((seed) => randomModel(binary.shape, seed));
    const setup = {
      ...base(scope, 'l2'),
      models: own,
      target: binary,
      ranges: [{ first: 3, count: binary.count - 3 }],
    };
    const one = await outputsOf(scope, finished(gathered(setup)));
    const bits = await outputsOf(scope, finished(largeOrder(setup)));
    expectClose(bits.mean, Array.from(one.mean), tolerance, 'mean loss');
    bits.gradients.forEach((gradient, b) =>
      expectClose(gradient, Array.from(one.gradients[b]!), tolerance, 'gradients'),
    );
  });

  test('the gradients of minibatches add up to that of all', async () => {
    using scope = (await open()).scope('objectives');
    const half = Math.floor(target.count / 2);
    const ranges = [
      { first: 0, count: half },
      { first: half, count: target.count - half },
    ];
    const parts = finished(gathered({ ...base(scope, 'l2'), target, ranges }));
    const all = await outputsOf(scope, finished(gathered({ ...base(scope, 'l2'), target })));
    const first = await outputsOf(scope, parts, 0);
    const second = await outputsOf(scope, parts, 1);
    all.gradients.forEach((gradient, b) => {
      const sum = first.gradients[b]!.map(
        (value, at) => (value * half + second.gradients[b]![at]! * (target.count - half)) / target.count,
      );
      expectClose(sum, Array.from(gradient), tolerance, 'gradients');
    });
  });
});

test('a cell observed twice is never taken for one cell', async () => {
  const twice = observed([2, 2], [0, 0, 0, 0, 0, 1, 1, 0, 1, 1], [1, 3, 0, 0, 0]);
  using backend = openCpu();
  using scope = backend.scope('twice');
  const setup = { ...base(scope, 'l2'), models: [randomModel([2, 2], 1)], target: twice };
  const ranges = [{ first: 0, count: 5 }];
  const chosen = await outputsOf(scope, finished(openObjective({ ...setup, ranges }, true)));
  const { values } = twice;
  const predictions = predict(setup.models[0]!, twice);
  const mean = predictions.reduce((sum, p, e) => sum + (p - values[e]!) ** 2, 0) / values.length;
  expect(chosen.mean[0]).toBeCloseTo(mean, 14);
});

const base = (scope: Scope, loss: LossName): Omit<ObjectiveSetup<ObservedTarget>, 'target'> => ({
  scope,
  models,
  rank,
  loss,
  parameter: 0.3,
  ranges: [{ first: 0, count: target.count }],
});

/** Measurements that pick the entries of a target. */
function picking({ shape, indices, values, count }: ObservedTarget) {
  const size = shape.reduce((product, rows) => product * rows, 1);
  const data = new Float64Array(count * size);
  for (let e = 0; e < count; e++) {
    const cell = shape.reduce((at, rows, k) => at * rows + indices[e * shape.length + k]!, 0);
    data[e * size + cell] = 1;
  }
  return sensing(shape, data, values);
}

/** Entries in (0, 1): rates and odds. */
function randomModel(shape: readonly number[], seed: number): Kruskal {
  const random = randomStream(seed, 9);
  const factors = shape.map((rows) =>
    matrix(
      rows,
      rank,
      Float64Array.from({ length: rows * rank }, () => random.uniform()),
    ),
  );
  return { weights: new Float64Array(rank).fill(1), factors };
}

/** Mean loss, and the gradients of every start stacked mode after mode. */
async function outputsOf(scope: Scope, objective: Objective, minibatch = 0) {
  objective.recordGradient(minibatch);
  const mean = await scope.read(objective.mean);
  const arrays = await Promise.all(
    objective.parameters.map(async ({ gradient, length }) => ({ length, data: await scope.read(gradient) })),
  );
  const gradients = Array.from(mean, (_, b) =>
    Float64Array.from(arrays.flatMap(({ length, data }) => Array.from(data.subarray(b * length, (b + 1) * length)))),
  );
  return { mean, gradients };
}
