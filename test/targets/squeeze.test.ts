// Modes of size 1, zero targets and units: none of them matters to an answer, for any kind of target.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  dense,
  denseSymmetric,
  factored,
  moments,
  observed,
  relativeError,
  sensing,
  type AlgorithmKind,
  type BackendKind,
  type Decomposition,
  type Target,
} from '../../src/index.js';
import { plantedCp, plantedObserved } from '../../src/problems/index.js';
import { problemOf } from '../../src/handles/problem.js';
import { matrix } from '../../src/tensor/matrix.js';
import { casesOf } from '../support/all.js';

const backends: BackendKind[] = ['cpu', 'webgpu'];
const noRandom = (result: Decomposition): object => ({
  rank: result.rank,
  steps: result.steps,
  stop: result.stop,
  relativeError: result.relativeError,
  weights: result.kruskal.weights,
  starts: result.starts,
});

const { tensor } = plantedCp({ shape: [7, 6, 5], rank: 2, seed: 1, noise: 0.05 });
const flat = plantedCp({ shape: [21, 40], rank: 2, seed: 1 }).tensor;
const cells = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, seed: 1 }).target;
const random = plantedCp({ shape: [40, 12], rank: 3, seed: 4 }).tensor.data;

/** Targets of the same numbers without and with modes of size 1. */
const pairs: [string, Target, Target][] = [
  ['dense', dense([7, 6, 5], tensor.data), dense([1, 7, 6, 1, 5], tensor.data)],
  ['a matrix', dense([21, 40], flat.data), dense([21, 1, 40], flat.data)],
  [
    'observed',
    observed(cells.shape, cells.indices, cells.values),
    observed(
      [9, 1, 8, 7],
      Array.from({ length: cells.count }, (_, e) => [
        cells.indices[3 * e]!,
        0,
        cells.indices[3 * e + 1]!,
        cells.indices[3 * e + 2]!,
      ]).flat(),
      cells.values,
    ),
  ],
  ['sensing', sensing([3, 4], random, random.slice(0, 40)), sensing([3, 1, 4], random, random.slice(0, 40))],
  [
    'sensing by factors',
    sensing(
      [3, 4],
      {
        factors: [matrix(40, 3, random.slice(0, 120)), matrix(40, 4, random.slice(120, 280))],
        weights: new Float64Array(40).fill(2),
      },
      random.slice(0, 40),
    ),
    sensing(
      [3, 4, 1],
      {
        factors: [
          matrix(40, 3, random.slice(0, 120)),
          matrix(40, 4, random.slice(120, 280)),
          matrix(40, 1, new Float64Array(40).fill(2)),
        ],
      },
      random.slice(0, 40),
    ),
  ],
];

describe.each(backends)('%s', (backend) => {
  const some = <T>(grid: readonly T[], few: number) => (backend === 'cpu' ? grid : casesOf(grid, few));

  test.each(some(pairs, 3))('%s: modes of size 1 change nothing', async (_, without, whole) => {
    const options = { seed: 1, backend, reportModels: true, maxSteps: backend === 'cpu' ? 300 : 100 };
    const a = await decompose(without, options);
    const b = await decompose(whole, options);
    expect(noRandom(b)).toEqual(noRandom(a));
    if (!('factors' in b.kruskal) || !('shape' in whole)) throw new Error('a symmetric answer');
    expect(b.kruskal.factors.map(({ rows }) => rows)).toEqual(whole.shape);
    for (const { kruskal } of b.history) expect((kruskal as typeof b.kruskal).factors).toHaveLength(whole.shape.length);
  });

  test.each([
    { shape: [1, 1, 5], data: [1, 2, 3, 4, 5] },
    { shape: [1, 1], data: [-3] },
    { shape: [1, 1, 1, 1], data: [7] },
  ])('shape $shape', async ({ shape, data }) => {
    for (const rank of [1, 'auto'] as const) {
      const result = await decompose(dense(shape, data), { rank, backend });
      expect([result.stop, result.rank]).toEqual(['converged', 1]);
      expect(relativeError(result.kruskal, dense(shape, data))).toBeLessThan(1e-14);
    }
  });

  test.each(some([2, 3, 4, 5], 2))('symmetric targets of one dimension, order %i', async (order) => {
    const samples = [[1], [2], [-0.5]];
    const targets = [
      factored({ order, dim: 1, weights: [-2, 1], vectors: [1.5, -1] }),
      denseSymmetric(order, 1, [-7]),
      moments({ order, samples }),
    ];
    for (const target of targets) {
      const { rank, relativeError: error, stop } = await decompose(target, { backend });
      expect([rank, stop]).toEqual([1, 'converged']);
      expect(error).toBeLessThan(1e-12);
    }
  });

  const zeros: [string, Target, AlgorithmKind?][] = [
    ['dense', dense([3, 4, 5], new Float64Array(60))],
    ['masked', dense([3, 2], new Float64Array(6), { known: [0, 1, 1, 1, 1, 1] })],
    ['a matrix with a mode of size 1', dense([3, 1, 4], new Float64Array(12))],
    ['observed', observed([3, 4], [0, 0, 1, 1, 2, 2], [0, 0, 0])],
    ['sensing', sensing([2, 2], [1, 0, 0, 1, 0, 1, 1, 0], [0, 0])],
    ['moments', moments({ order: 3, samples: [[0, 0]] })],
    ...(['staged', 'vanilla', 'beyondLazy', 'lazy', 'deflation', 'powerDeflation'] as const).map(
      (algorithm): [string, Target, AlgorithmKind] => [
        `symmetric, ${algorithm}`,
        denseSymmetric(3, 3, new Float64Array(10)),
        algorithm,
      ],
    ),
  ];
  test.each(zeros)('zero, %s: no component, error 0', async (_, target, algorithm) => {
    const result = await decompose(target, { backend, rank: 2, ...(algorithm ? { algorithm } : {}) });
    expect([result.rank, result.relativeError, result.stop]).toEqual([0, 0, 'converged']);
    expect(result.kruskal.weights).toHaveLength(0);
    expect(result.history.map((report) => report.relativeError)).toEqual([0]);
  });

  test.each(some([1e300, 1e-300], 1))('the data times %d are solved as the data are', async (factor) => {
    const largest = Math.max(...tensor.data.map(Math.abs), ...cells.values.map(Math.abs));
    const scaled = (data: Float64Array, by: number): Float64Array => data.map((value) => (value / largest) * by);
    const targets = (by: number): Target[] => [
      dense(tensor.shape, scaled(Float64Array.from(tensor.data), by)),
      observed(cells.shape, cells.indices, scaled(cells.values, by)),
      factored({ order: 3, dim: 2, weights: [by, by / 2], vectors: [1, 0, 0.3, 1] }),
    ];
    const usual = targets(1);
    for (const [k, target] of targets(factor).entries()) {
      const options = { backend, seed: 1, maxSteps: 200, ...(target.kind === 'dense' ? { rank: 2 } : {}) };
      const a = await decompose(usual[k]!, options);
      const b = await decompose(target, options);
      expect([b.rank, b.stop]).toEqual([a.rank, a.stop]);
      expect(b.relativeError).toBeCloseTo(a.relativeError, 8);
      b.kruskal.weights.forEach((weight, r) => expect(weight / factor / a.kruskal.weights[r]!).toBeCloseTo(1, 6));
    }
  });
});

test('init and truth go the way of the target', async () => {
  const whole = dense([7, 1, 6, 5], tensor.data);
  const from = await decompose(whole, { rank: 2, seed: 1, backend: 'cpu' });
  const again = await decompose(whole, { init: from.kruskal, backend: 'cpu' });
  expect(again.history[0]!.relativeError).toBeCloseTo(from.relativeError, 6);
  await expect(decompose(whole, { init: plantedCp({ shape: [7, 6, 1, 5], rank: 2, seed: 1 }).truth })).rejects.toThrow(
    /init of shape 7 × 1 × 6 × 5, got 7 × 6 × 1 × 5/,
  );
  const { target, truth } = plantedObserved({ shape: [6, 1, 5], rank: 1, share: 0.7, seed: 2 });
  const given = observed(target.shape, target.indices, target.values);
  const { history } = await decompose(given, { algorithm: { kind: 'completion', truth }, backend: 'cpu' });
  expect(Math.min(...history.flatMap(({ details }) => details.completion?.reconstructionErrors ?? []))).toBeLessThan(1);
});

test('a component goes to the squeezed shape and back unchanged', () => {
  const { truth } = plantedCp({ shape: [4, 1, 3, 1], rank: 2, seed: 1 });
  const way = problemOf(dense([4, 1, 3, 1], new Float64Array(12).fill(1))).squeezed();
  if (!way) throw new Error('nothing was taken out');
  expect(way.problem.target.shape).toEqual([4, 3]);
  expect(relativeError(way.restore(way.squeeze(truth)), truth)).toBeLessThan(1e-14);
  expect(problemOf(dense([4, 3], new Float64Array(12).fill(1))).squeezed()).toBeUndefined();
});
