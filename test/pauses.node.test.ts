// Long work pauses often enough: between two pauses lie no more than twice the flops that one is due after, or a block of a matrix
// product more, by the formulas of the work, and all of it is counted. Nothing here looks at a clock.
import { describe, expect, test } from 'vitest';
import { compactView } from '../src/compaction/compact-view.js';
import { cpProblem } from '../src/compaction/cp-problem.js';
import { polishCp } from '../src/compaction/polish-cp.js';
import { polishSampled } from '../src/compaction/cp/polish-sampled.js';
import { symmetricProblem } from '../src/compaction/symmetric-problem.js';
import { entriesOfDense } from '../src/handles/observed.js';
import { sampledView } from '../src/handles/views/sampled-view.js';
import { denseSymmetricView } from '../src/handles/views/dense-symmetric-view.js';
import { lossAndGradientObserved } from '../src/backend/cpu/observed.js';
import { momentsView } from '../src/handles/views/moments-view.js';
import { moments, observed } from '../src/index.js';
import { factorSteps } from '../src/linalg/cholesky.js';
import { blockDepth, blockLanes } from '../src/linalg/product-core.js';
import { qrSteps } from '../src/linalg/qr.js';
import { predictionErrorSteps, predictSteps } from '../src/analysis/predict.js';
import { devianceScaleSteps } from '../src/losses/deviance.js';
import { holdOutSteps, shuffledSteps, wholeModesSteps } from '../src/targets/hold-out.js';
import { segmentEntriesSteps, stackRowsSteps } from '../src/tensor/coordinate.js';
import { noComponents } from '../src/tensor/kruskal.js';
import { entriesOf } from '../src/variational/entries.js';
import { energies } from '../src/variational/weakest.js';
import { constantModel, givenModel, withComponent } from '../src/variational/model.js';
import { rankOneOfResidual } from '../src/variational/rank-one.js';
import { sweep } from '../src/variational/sweep.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../src/problems/index.js';
import { randomStream } from '../src/random/stream.js';
import { packKruskal } from '../src/tensor/symmetric.js';
import { countedFlops, finished, passed, pauseFlops, type MaybeWork } from '../src/yield.js';

interface Watched {
  readonly pauses: number;
  readonly reports: number;
  /** Flops that were counted, and the most between two pauses. */
  readonly flops: number;
  readonly most: number;
}

/** Does the work, and looks at what was counted. */
function watched(work: Iterator<unknown>): Watched {
  const begin = countedFlops();
  let pauses = 0;
  let reports = 0;
  let most = 0;
  let last = begin;
  for (let next = work.next(); ; next = work.next()) {
    if (next.done || next.value === undefined) {
      most = Math.max(most, countedFlops() - last);
      last = countedFlops();
    }
    if (next.done) return { pauses, reports, most, flops: last - begin };
    if (next.value === undefined) pauses++;
    else reports++;
  }
}

/** Of a block of a matrix product, which is one stretch: some milliseconds, also in plain loops. */
const blockFlops = 2 * blockLanes ** 2 * blockDepth;

const random = (length: number): Float64Array => randomStream(1).fillNormal(new Float64Array(length));

describe('one step of Gauss-Newton on a large tensor', () => {
  const shape = [90, 100, 110];
  const rank = 12;
  const { tensor } = plantedCp({ shape, rank, seed: 1 });
  const size = tensor.data.length;
  const known = Uint8Array.from(tensor.data, (_, cell) => (cell % 10 < 3 ? 0 : 1));
  const x = random(300 * rank);
  const out = new Float64Array(x.length);

  test.each<[string, number, (problem: ReturnType<typeof cpProblem>) => MaybeWork<unknown>]>([
    ['the residual', 2 * rank * size * 0.7, (problem) => problem.objective(x)],
    ['the gradient', 4 * rank * size * 0.7, (problem) => problem.linearize(x, out)],
    ['a product with JᵀWJ', 8 * rank * size * 0.7, (problem) => problem.apply(x, out)],
  ])('%s pauses', (_, flops, work) => {
    const problem = cpProblem({ ...tensor, known }, rank, { precision: { iterations: 10, cgTolerance: 1e-3 } });
    finished(passed(problem.objective(x)));
    finished(passed(problem.linearize(x, out)));
    const { pauses, flops: counted, most } = watched(passed(work(problem)));
    expect(counted).toBeGreaterThan(flops);
    expect(most).toBeLessThan(2 * pauseFlops);
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(flops / (2 * pauseFlops)));
  });

  test('and so does the whole polish, between reports too', () => {
    const start = plantedCp({ shape, rank, seed: 2 }).truth;
    const { pauses, reports, most } = watched(polishCp({ ...tensor, known }, start, { tolerance: 1e-3, maxSteps: 2 }));
    expect(reports).toBe(2);
    expect(most).toBeLessThan(2 * pauseFlops);
    // A residual and a gradient, and one product of conjugate gradients at least.
    expect(pauses).toBeGreaterThan((reports * 12 * rank * size) / (2 * pauseFlops));
  });
});

test('many small pieces pause as often as a large one', () => {
  const { tensor } = plantedCp({ shape: [6, 7, 8], rank: 3, seed: 3, noise: 0.3 });
  const start = plantedCp({ shape: [6, 7, 8], rank: 3, seed: 4 }).truth;
  const runs = Array.from({ length: 100 }, () => watched(polishCp(tensor, start, { tolerance: 0, maxSteps: 20 })));
  const sum = (of: (run: Watched) => number): number => runs.reduce((total, run) => total + of(run), 0);
  expect(sum(({ flops }) => flops)).toBeGreaterThan(2 * pauseFlops);
  // One pause per pauseFlops, up to what the last piece before each exceeds it by.
  expect(sum(({ pauses }) => pauses)).toBeGreaterThanOrEqual(
    Math.floor(sum(({ flops }) => flops) / (1.1 * pauseFlops)),
  );
});

test('a completion of many entries', () => {
  const { target, truth } = plantedObserved({ shape: [40, 40, 40], rank: 4, share: 0.8, seed: 1, noise: 0.1 });
  const { pauses, most } = watched(polishSampled(sampledView(target), truth, { maxSteps: 2 }));
  // Predictions, gradient and matrix, in both steps.
  expect(pauses).toBeGreaterThan((2 * target.count * (12 + 144)) / (2 * pauseFlops));
  expect(most).toBeLessThan(pauseFlops + blockFlops);
});

test('a model of a million rows, of which few have values', () => {
  const shape = [500_000, 500_000, 10];
  const indices = Uint32Array.from({ length: 3000 }, (_, at) => (at % 3 === 2 ? Math.floor(at / 3) % 10 : at));
  const entries = finished(entriesOf(observed(shape, indices, random(1000))));
  const rows = 1_000_010;
  const component = shape.map((size) => new Float64Array(size).fill(1));
  const model = finished(withComponent(constantModel(entries), component));
  // Four numbers of two components are copied.
  expect(watched(withComponent(model, component)).pauses).toBeGreaterThan((4 * rows) / (2 * pauseFlops));
  // Every row is updated, and its moments are written twice.
  expect(watched(sweep(entries, model, 0)).pauses).toBeGreaterThan((200 * rows) / (2 * pauseFlops));
});

test('the matrix of a symmetric model, and its factorization', () => {
  const { truth } = plantedSymmetric({ order: 4, dim: 25, rank: 20, seed: 1 });
  const problem = symmetricProblem(denseSymmetricView(packKruskal(truth)), truth.weights.map(Math.sign), 1e6);
  const x = truth.vectors.data.slice();
  const gradient = new Float64Array(x.length);
  finished(passed(problem.objective(x)));
  finished(passed(problem.linearize(x, gradient)));
  const matrix = new Float64Array(x.length ** 2);
  finished(passed(problem.form?.(matrix)));
  for (let n = 0; n < x.length; n++) matrix[n * x.length + n]! += 1;
  const { pauses, most } = watched(factorSteps(matrix, x.length));
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(x.length ** 3 / 3 / (pauseFlops + blockFlops)));
  expect(most).toBeLessThan(pauseFlops + blockFlops);
});

test('symmetric compaction of a noisy tensor', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 10, rank: 10, seed: 4 });
  const packed = packKruskal(truth);
  const noise = random(packed.data.length);
  const view = denseSymmetricView({ ...packed, data: packed.data.map((value, i) => value + 0.01 * noise[i]!) });
  // Some components twice, all of them beside the true ones.
  const { rows, columns, data } = truth.vectors;
  const beside = random(16 * columns).map((value, n) => data[n % (rows * columns)]! + 0.1 * value);
  const vectors = { rows: 16, columns, data: beside };
  const begun = { order: 3, weights: new Float64Array(16).fill(1), vectors };
  const { pauses, most, flops } = watched(compactView(view, begun));
  expect(flops).toBeGreaterThan(5 * pauseFlops);
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(flops / (2 * pauseFlops)));
  expect(most).toBeLessThan(2 * pauseFlops);
});

test('a moment that is formed from samples', () => {
  const samples = { rows: 4000, columns: 20, data: random(80_000) };
  const target = moments({ order: 3, samples });
  // 210 fibers of 1 to 20 entries, a product and a sum for each of a sample, and order − 1 products.
  const flops = 2 * 4000 * 1540;
  const { pauses, most } = watched(momentsView(target));
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(flops / (2 * pauseFlops)));
  expect(most).toBeLessThan(2 * pauseFlops);
});

test('the directions of a basis', () => {
  const a = { rows: 600, columns: 200, data: random(120_000) };
  const { pauses, most, flops } = watched(qrSteps(a));
  // 4 m n² − 4/3 n³ flops, without those that write Q out.
  expect(flops).toBeGreaterThan(2 * 600 * 200 ** 2);
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(flops / (2 * pauseFlops)));
  expect(most).toBeLessThan(2 * pauseFlops);
});

test('one component of values of which rows have few', () => {
  const { target } = plantedObserved({ shape: [9000, 9000, 9000], rank: 1, share: 1e-7, seed: 1, noise: 0.1 });
  const entries = finished(entriesOf(target));
  expect(entries.count).toBeGreaterThan(50_000);
  const { pauses, most } = watched(rankOneOfResidual(entries, constantModel(entries), randomStream(1)));
  // 12 sweeps over three modes of 8 starts, by two products, two sums and a square for each value.
  expect(pauses).toBeGreaterThan((12 * 3 * 8 * 4 * entries.count) / (2 * pauseFlops));
  expect(most).toBeLessThan(2 * pauseFlops);
});

test('operations on observed entries on the CPU', () => {
  const order = 3;
  const batch = 2;
  const rank = 40;
  const rows = 90;
  const count = 30_000;
  const args = {
    order,
    batch,
    rows,
    rank,
    first: 0,
    count,
    loss: 'l2',
    parameter: 1,
    factors: random(batch * rows * rank),
    entryRows: Uint32Array.from({ length: count * order }, (_, at) => 30 * (at % order) + ((at * 7) % 30)),
    values: random(count),
    segments: { offsets: [0, 30, 60, 90] },
    derivative: new Float64Array(batch * count),
    mean: new Float64Array(batch),
    gradient: new Float64Array(batch * rows * rank),
  };
  const { pauses, most } = watched(lossAndGradientObserved(args as never));
  expect(pauses).toBeGreaterThanOrEqual(Math.floor((batch * count * rank * order * 4) / (2 * pauseFlops)));
  expect(most).toBeLessThan(2 * pauseFlops);
});

test('the known cells of a large tensor, as a list of entries', () => {
  const data = new Float64Array(1e6).fill(1);
  const known = Uint8Array.from(data, (_, cell) => (cell % 3 === 0 ? 0 : 1));
  const { pauses, most } = watched(entriesOfDense({ kind: 'dense', shape: [100, 100, 100], data, known }));
  expect(most).toBeLessThanOrEqual(2 * pauseFlops);
  expect(pauses).toBeGreaterThan(4);
});

describe('preparations of a run with many entries', () => {
  const count = 400_000;
  const shape = [100, 100, 100];
  const indices = Uint32Array.from({ length: 3 * count }, (_, at) => (7 * Math.floor(at / 3) + 31 * at) % 100);
  const target = observed(shape, indices, random(count));
  const { truth: model } = plantedCp({ shape, rank: 2, seed: 5 });

  test.each<[string, number, () => Iterator<unknown>]>([
    ['a shuffle', count, () => shuffledSteps(count, 1)],
    ['a split', count, () => holdOutSteps(target, { seed: 1 })],
    ['whole modes', 3 * count, () => wholeModesSteps(target)],
    ['segments', 6 * count, () => segmentEntriesSteps(shape, indices, { first: 0, count })],
    ['stacked rows', 3 * count, () => stackRowsSteps(shape, indices)],
    ['predictions', 6 * count, () => predictSteps(model, target)],
    ['the error of predictions', 6 * count, () => predictionErrorSteps(model, target)],
    ['the deviance of values', 4 * count, () => devianceScaleSteps('huber', 1, target.values)],
    ['entries by row', 6 * count, () => entriesOf(target)],
    ['a model that is given', 6 * count, () => givenModel(finished(entriesOf(target)), model)],
    ['the noise of no components', count, () => energies(finished(entriesOf(target)), noComponents({ shape }))],
  ])('%s', (_, flops, make) => {
    const work = make();
    const { pauses, flops: counted, most } = watched(work);
    expect(counted).toBeGreaterThanOrEqual(flops);
    expect(most).toBeLessThan(2 * pauseFlops);
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(counted / (2 * pauseFlops)));
  });
});
