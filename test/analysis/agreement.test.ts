// Agreement of models: on the cells that nobody observed, and nowhere else.
import { expect, test } from 'vitest';
import { samePredictions } from '../../src/analysis/agreement.js';
import { problemOf } from '../../src/handles/problem.js';
import { observed, sensing, toDense, type Kruskal } from '../../src/index.js';
import { kruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import { finished } from '../../src/yield.js';

/** Rank one, rows 1, 2, 3; the last row is `last`. */
const model = (last: number): Kruskal =>
  kruskal([1], [matrix(3, 1, [1, 2, last]), matrix(2, 1, [1, 1]), matrix(2, 1, [1, 1])]);
const cellsOf = (rows: readonly number[]): number[][] =>
  rows.flatMap((i) => [0, 1].flatMap((j) => [0, 1].map((k) => [i, j, k])));
const knownRows = (rows: readonly number[]) => {
  const cells = cellsOf(rows);
  return observed([3, 2, 2], cells.flat(), new Float64Array(cells.length));
};

test('models that fit the same observations disagree by what they predict elsewhere', () => {
  const target = knownRows([0, 1]);
  expect(finished(samePredictions(problemOf(target), [model(3), model(3.1)], model(3), 0.01))).toEqual([true, false]);
  expect(finished(samePredictions(problemOf(target), [model(3.1)], model(3), 0.1001))).toEqual([true]);
});

test('observed cells do not count, unless all are', () => {
  expect(finished(samePredictions(problemOf(knownRows([1, 2])), [model(3.1)], model(3), 0.01))).toEqual([true]);
  expect(finished(samePredictions(problemOf(knownRows([0, 1, 2])), [model(3.1)], model(3), 0.01))).toEqual([false]);
  const everything = sensing([3, 2, 2], new Float64Array(12).fill(1), [1]);
  expect(finished(samePredictions(problemOf(everything), [model(3.1)], model(3), 0.01))).toEqual([false]);
});

test('a tensor too large to list: the difference on random cells is that on all of them', () => {
  const column = (rows: number, value: number) => matrix(rows, 1, new Float64Array(rows).fill(value));
  const flat = (value: number) => kruskal([1], [column(5000, value), column(4000, 1), column(3000, 1)]);
  const target = observed([5000, 4000, 3000], [1, 2, 3], [1]);
  expect(finished(samePredictions(problemOf(target), [flat(1.01), flat(1.03)], flat(1), 0.02))).toEqual([true, false]);
  const many = Array.from({ length: 60 }, () => 2);
  const cells = observed(
    many,
    many.map(() => 1),
    [1],
  );
  const ones = kruskal(
    [1],
    many.map(() => column(2, 1)),
  );
  expect(finished(samePredictions(problemOf(cells), [ones], ones, 0))).toEqual([true]);
  expect(toDense(model(3)).data[8]).toBe(3);
});
