// The answer to a multiple of a target is that multiple of its answer, for every kind of target and every part of a target that may
// hold its size, as long as the numbers are float64: weights × 10^k, the same vectors, error and verdict.
import { describe, expect, test } from 'vitest';
import { decompose } from '../src/decompose.js';
import {
  dense,
  denseSymmetric,
  factored,
  moments,
  observed,
  packKruskal,
  relativeError,
  sensing,
  toDense,
  type Target,
} from '../src/index.js';
import { plantedCp, plantedSymmetric } from '../src/problems/index.js';
import { randomStream } from '../src/random/stream.js';
import { scaleKruskal } from '../src/tensor/kruskal.js';
import { casesOf } from './support/all.js';

const shape = [4, 4, 3];
const cells = Array.from({ length: 48 }, (_, cell) => cell);
const { data } = toDense(plantedCp({ shape, rank: 1, seed: 3 }).truth);
const symmetric = plantedSymmetric({ order: 3, dim: 4, rank: 2, seed: 1 }).truth;
const stream = randomStream(7, 0);
const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, () => stream.uniform() - 0.5);
const samples = { rows: 200, columns: 3, data: numbers(600) };
const measurements = numbers(40 * 48);
const rankOne = { factors: shape.map((size) => ({ rows: 40, columns: size, data: numbers(40 * size) })) };
const valuesOf = (measured: Float64Array): Float64Array =>
  Float64Array.from({ length: 40 }, (_, j) => cells.reduce((sum, c) => sum + measured[j * 48 + c]! * data[c]!, 0));
const outerProducts = Float64Array.from({ length: 40 * 48 }, (_, at) => {
  const index = [Math.floor((at % 48) / 12), Math.floor((at % 12) / 3), at % 3];
  const row = Math.floor(at / 48);
  return rankOne.factors.reduce((product, one, mode) => product * one.data[row * one.columns + index[mode]!]!, 1);
});
const known = cells.filter((cell) => cell % 4 !== 3);
const indices = known.flatMap((cell) => [Math.floor(cell / 12), Math.floor(cell / 3) % 4, cell % 3]);
const times = (values: ArrayLike<number>, factor: number): Float64Array =>
  Float64Array.from(values, (value) => value * factor);

const kinds: Record<string, (factor: number) => Target> = {
  dense: (factor) => dense(shape, times(data, factor)),
  'dense with missing cells': (factor) =>
    dense(shape, times(data, factor), { known: cells.map((cell) => (cell % 7 === 3 ? 0 : 1)) }),
  denseSymmetric: (factor) => denseSymmetric(3, 4, times(packKruskal(symmetric).data, factor)),
  'factored, by its weights': (factor) => factored({ ...scaleKruskal(symmetric, factor), dim: 4 }),
  'factored, by its vectors': (factor) => {
    const vectors = { ...symmetric.vectors, data: times(symmetric.vectors.data, Math.cbrt(factor)) };
    return factored({ ...symmetric, dim: 4, vectors });
  },
  'moments, by their samples': (factor) =>
    moments({ order: 3, samples: { ...samples, data: times(samples.data, Math.cbrt(factor)) } }),
  'moments, by their weights': (factor) =>
    moments({ order: 3, samples, weights: new Float64Array(200).fill(factor / 200) }),
  observed: (factor) =>
    observed(
      shape,
      indices,
      known.map((cell) => data[cell]! * factor),
    ),
  'sensing, by its values': (factor) => sensing(shape, measurements, times(valuesOf(measurements), factor)),
  'sensing, by its measurements': (factor) => sensing(shape, times(measurements, 1 / factor), valuesOf(measurements)),
  'sensing, by the factors of its measurements': (factor) => {
    const factors = rankOne.factors.map((one) => ({ ...one, data: times(one.data, Math.cbrt(1 / factor)) }));
    return sensing(shape, { factors }, valuesOf(outerProducts));
  },
};

/** 1e-308 is the smallest number of full precision: what is scaled is of size 1e-3 and more. */
const exponents = casesOf([-300, 300, -155, 153, -250, -200, -100, -50, -1, 1, 50, 100, 200, 250], 4);
/** Roundings of 10^k and its cube root, some units each, and of a solution that stops at 1e-10 of itself. */
const tolerance = 1e-9;

describe.each(Object.entries(kinds))('%s', (_, make) => {
  const options = { backend: 'cpu', seed: 1, maxSteps: 500 } as const;

  test('its components are the same at any scale', async () => {
    const base = await decompose(make(1), options);
    expect(base.rank).toBeGreaterThan(0);
    for (const k of exponents) {
      const factor = Number(`1e${k}`);
      const { kruskal, ...scaled } = await decompose(make(factor), options);
      expect([k, scaled.stop, scaled.rank]).toEqual([k, base.stop, base.rank]);
      expect(Math.abs(scaled.relativeError - base.relativeError), `error at ${k}`).toBeLessThan(tolerance);
      const back = scaleKruskal(kruskal, 1 / factor);
      expect(relativeError(back, base.kruskal), `model at ${k}`).toBeLessThan(tolerance);
      back.weights.forEach((weight, r) => {
        expect(Math.abs(weight / base.kruskal.weights[r]! - 1), `weight ${r} at ${k}`).toBeLessThan(tolerance);
      });
    }
  });
});

/** Targets that are zero: by what they are made of, or since it cancels. */
const zeros: [string, Target][] = [
  ['dense', dense([2, 2, 2], new Float64Array(8))],
  ['denseSymmetric', denseSymmetric(3, 2, new Float64Array(4))],
  ['factored', factored({ order: 3, dim: 2, weights: [0], vectors: [1, 0] })],
  ['factored that cancels', factored({ order: 3, dim: 2, weights: [1, -1], vectors: [1, 2, 1, 2] })],
  ['moments', moments({ order: 3, samples: [[0, 0]] })],
  ['moments without weight', moments({ order: 3, samples: [[1, 2]], weights: [0] })],
  ['moments that cancel', moments({ order: 3, samples: [1, -1].map((sign) => [sign, 2 * sign]) })],
  ['observed', observed([2, 2, 2], [0, 0, 0, 1, 1, 1], [0, 0])],
  ['sensing', sensing([2, 2], [1, 0, 0, 0], [0])],
];

test.each(zeros)('a zero target has no components: %s', async (_, target) => {
  const { rank, relativeError: error, stop } = await decompose(target, { backend: 'cpu' });
  expect([rank, error, stop]).toEqual([0, 0, 'converged']);
});
