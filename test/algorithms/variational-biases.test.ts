// Completion of ratings: a bias for every user and every item beside what both have in common, found and told apart by themselves.
import { describe, expect, test } from 'vitest';
import { decompose, observed, predictEntries, type Decomposition, type Kruskal } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { casesOf } from '../support/all.js';
import { indexAt } from '../../src/tensor/dense.js';

const algorithm = { algorithm: 'variational', backend: 'cpu' } as const;

interface Ratings {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly share: number;
  readonly noise: number;
  /** Standard deviation of every bias. */
  readonly bias: number;
  readonly seed: number;
}

/** y = 3.6 + Σ_k b_k[i_k] + Σ_r Π_k a_k[i_k, r] + noise, a part of its cells, and the others without noise. */
function ratings({ shape, rank, share, noise, bias, seed }: Ratings) {
  const random = randomStream(seed, 77);
  const normals = (count: number) => random.fillNormal(new Float64Array(count));
  const biases = shape.map((rows) => normals(rows).map((value) => bias * value));
  const factors = shape.map((rows) => normals(rows * rank));
  const known: { at: number[]; value: number }[] = [];
  const hidden: { at: number[]; value: number }[] = [];
  for (let cell = 0; cell < sizeOf(shape); cell++) {
    const at = indexAt(cell, shape);
    let value = at.reduce((sum, index, k) => sum + biases[k]![index]!, 3.6);
    for (let r = 0; r < rank; r++)
      value += at.reduce((product, index, k) => product * factors[k]![index * rank + r]!, 0.5);
    if (random.uniform() < share) known.push({ at, value: value + noise * random.normal() });
    else hidden.push({ at, value });
  }
  const indices = Uint32Array.from(hidden.flatMap(({ at }) => at));
  const errorOf = ({ kruskal }: Decomposition<Kruskal>) => {
    const predicted = predictEntries(kruskal, indices);
    return Math.sqrt(hidden.reduce((sum, { value }, e) => sum + (predicted[e]! - value) ** 2, 0) / hidden.length);
  };
  const target = observed(
    shape,
    known.flatMap(({ at }) => at),
    known.map(({ value }) => value),
  );
  return { target, errorOf };
}

/** Components that are 1 in all modes but one, to scale. */
const biasesOf = ({ kruskal: { factors, weights } }: Decomposition<Kruskal>): number =>
  Array.from(weights.keys()).filter((r) => {
    const constant = factors.filter(({ rows, columns, data }) => {
      const column = Array.from({ length: rows }, (_, i) => data[i * columns + r]!);
      return column.every((entry) => Math.abs(entry - column[0]!) <= 1e-9 * Math.abs(column[0]!));
    });
    return constant.length >= factors.length - 1;
  }).length;

describe('ratings of users and items', () => {
  test.each(casesOf([3, 2, 4], 1))('biases and two components, seed %i', async (seed) => {
    const { target, errorOf } = ratings({ shape: [80, 100], rank: 2, share: 0.25, noise: 0.3, bias: 0.5, seed });
    const found = await decompose(target, { ...algorithm, seed });
    expect([found.rank, biasesOf(found), found.stop]).toEqual([4, 2, 'converged']);
    // Components of a rank that is given are free, and the same number of them is determined less well.
    const free = await decompose(target, { ...algorithm, seed, rank: 4 });
    expect(biasesOf(free)).toBe(0);
    expect(errorOf(found)).toBeLessThan(errorOf(free));
  });
});

test('three modes with biases alone', async () => {
  const { target, errorOf } = ratings({ shape: [12, 14, 16], rank: 0, share: 0.2, noise: 0.1, bias: 1, seed: 1 });
  const found = await decompose(target, algorithm);
  expect([found.rank, biasesOf(found)]).toEqual([3, 3]);
  // 40 numbers for some 540 values, and half of that again.
  expect(errorOf(found)).toBeLessThan(1.5 * 0.1 * Math.sqrt(40 / target.count));
});

test('no biases where there are none: an offset is one constant component', async () => {
  const { target } = ratings({ shape: [12, 14, 16], rank: 2, share: 0.4, noise: 0.05, bias: 0, seed: 1 });
  const found = await decompose(target, algorithm);
  expect(found.rank).toBe(3);
});
