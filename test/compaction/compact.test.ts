// Compaction finds the truth, with its rank, from what a flow leaves behind, and says so where it cannot.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../src/analysis/match.js';
import { relativeError } from '../../src/analysis/relative-error.js';
import { factoredView } from '../../src/handles/views/factored-view.js';
import { compact, type CompactOptions } from '../../src/index.js';
import { polished } from '../../src/compaction/polish-symmetric.js';
import { InputError } from '../../src/errors.js';
import { plantedSymmetric, type PlantedSymmetricOptions } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { modelOf, overParametrized, partsOf, perturbed, targetOf } from './starts.js';
import { finished } from '../../src/yield.js';

const seeds = [1, 2, 3, 4, 5];

function expectTruth(truth: SymmetricKruskal, start: SymmetricKruskal, options: CompactOptions = {}): void {
  const result = compact(targetOf(truth), start, options);
  expect(result.kruskal.weights.length).toBe(truth.weights.length);
  expect(result.relativeError).toBeLessThan(1e-10);
  expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(0.999);
  expect(result.errorFloor).toBeLessThan(1e-13);
  const { pruned, merged, removed, kruskal } = result;
  expect(pruned + merged + removed + kruskal.weights.length).toBe(start.weights.length);
}

interface Row extends Omit<PlantedSymmetricOptions, 'seed'> {
  name: string;
  options?: CompactOptions;
}

const rows: Row[] = [
  { name: 'order 3, dim 10, rank 4', order: 3, dim: 10, rank: 4 },
  { name: 'order 4, dim 10, rank 4', order: 4, dim: 10, rank: 4 },
  { name: 'order 3, dim 20, rank 10', order: 3, dim: 20, rank: 10 },
  { name: 'order 5, dim 10, rank 4', order: 5, dim: 10, rank: 4 },
  { name: 'cosine 0.9', order: 3, dim: 20, rank: 4, cosine: 0.9, options: { mergeCosine: 0.97 } },
  { name: 'weights over a range of 81', order: 3, dim: 20, rank: 5, ratio: 3, options: { dropBelow: 1e-3 } },
  { name: 'more components than dim', order: 3, dim: 8, rank: 10 },
];

describe.each(rows)('$name', ({ name, options = {}, ...problem }) => {
  test.each(seeds)('from duplicated, perturbed and tiny components, seed %i', (seed) => {
    const { truth } = plantedSymmetric({ ...problem, seed });
    expectTruth(truth, overParametrized(truth, randomStream(seed), name === 'cosine 0.9' ? 0.05 : 0.1), options);
  });
});

/** Two components u, v of the truth replaced by three others of their plane, exactly. */
function threeForTwo(truth: SymmetricKruskal, seed: number): SymmetricKruskal {
  const random = randomStream(seed);
  const [first, second, ...rest] = partsOf(truth);
  const turned = [first, second, first].map((part, i) => {
    const other = i === 0 ? second : first;
    const vector = (part?.vector ?? []).map((value, n) => value + (i === 2 ? -0.9 : 0.4) * (other?.vector[n] ?? 0));
    const between = i === 2 ? vector.map((value, n) => value + 1.5 * (second?.vector[n] ?? 0)) : vector;
    return { weight: part?.weight ?? 1, vector: perturbed(between, 0, random) };
  });
  const plane = modelOf(
    3,
    [first, second].filter((part) => part !== undefined),
  );
  const { kruskal } = finished(polished(factoredView(plane), modelOf(3, turned), { maxSteps: 200 }));
  return modelOf(3, [...partsOf(kruskal), ...rest]);
}

describe.each([
  { dim: 10, rank: 4 },
  { dim: 20, rank: 10 },
  { dim: 8, rank: 10 },
])('an exact model of order 3, dim $dim, that is not minimal', ({ dim, rank }) => {
  test.each(seeds)('seed %i', (seed) => {
    const { truth } = plantedSymmetric({ order: 3, dim, rank, seed });
    const start = threeForTwo(truth, seed);
    expect(start.weights.length).toBe(rank + 1);
    expect(relativeError(start, truth)).toBeLessThan(1e-10);
    expect(factorMatchScore(start, truth)).toBeLessThan(0.95);
    expectTruth(truth, start);
  });
});

test('the truth is returned as it is', () => {
  const { truth } = plantedSymmetric({ order: 4, dim: 6, rank: 3, seed: 1 });
  const result = compact(targetOf(truth), truth);
  expect(result).toMatchObject({ pruned: 0, merged: 0, removed: 0 });
  expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(1 - 1e-12);
});

test('the scale of the tensor does not matter', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 10, rank: 4, seed: 2 });
  for (const scale of [1e-180, 1e180]) {
    const scaled = { ...truth, weights: truth.weights.map((weight) => weight * scale) };
    const result = compact(targetOf(scaled), overParametrized(scaled, randomStream(2), 0.1));
    expect(result.kruskal.weights.length).toBe(4);
    expect(result.relativeError).toBeLessThan(1e-10);
  }
});

test('a model far from the target comes back with its large error, not worse than it was', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 10, rank: 6, seed: 3 });
  const start = plantedSymmetric({ order: 3, dim: 10, rank: 2, seed: 4 }).truth;
  const result = compact(targetOf(truth), start);
  expect(result.relativeError).toBeGreaterThan(0.1);
  expect(result.relativeError).toBeLessThanOrEqual(1);
  expect(result.relativeError).toBeCloseTo(relativeError(result.kruskal, truth), 10);
});

test('nothing left is an answer, with error 1', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 3 });
  const result = compact(targetOf(truth), truth, { dropBelow: 100 });
  expect(result.kruskal.weights.length).toBe(0);
  expect(result.relativeError).toBe(1);
  expect(result.pruned).toBe(2);
});

test('order 3, dim 20, rank 10 from 30 components: the exact rank', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 20, rank: 10, seed: 6 });
  const start = overParametrized(truth, randomStream(6), 0.1);
  expect(start.weights.length).toBe(30);
  expect(compact(targetOf(truth), start).kruskal.weights.length).toBe(10);
});

test('wrong arguments are refused', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 5, rank: 2, seed: 3 });
  const target = targetOf(truth);
  const other = plantedSymmetric({ order: 4, dim: 5, rank: 2, seed: 3 }).truth;
  const broken = { ...truth, weights: new Float64Array([1, NaN]) };
  const calls = [
    () => compact(target, other),
    () => compact(target, broken),
    () => compact(target, truth, { mergeCosine: 2 }),
    () => compact(target, truth, { dropBelow: -1 }),
    () => compact(target, truth, { dropBelowe: 1 } as CompactOptions),
  ];
  for (const call of calls) expect(call).toThrow(InputError);
});
