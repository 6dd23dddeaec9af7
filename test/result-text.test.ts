// A result as rows, text and JSON, and the parts of a matrix.
import { expect, test } from 'vitest';
import {
  column,
  decompose,
  dense,
  explainedVariance,
  factored,
  InputError,
  matrix,
  resultFromJson,
  resultToJson,
  row,
  summary,
  toNested,
  toRows,
} from '../src/index.js';
import { orthogonal, plantedCp } from '../src/problems/index.js';

const two = matrix(2, 3, [1, 2, 3, 4, 5, 6]);

test('parts of a matrix', () => {
  expect(Array.from(column(two, 1))).toEqual([2, 5]);
  expect(Array.from(row(two, 1))).toEqual([4, 5, 6]);
  expect(toNested(two)).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(() => column(two, 3)).toThrow(/column: expected an index from 0 to 2, got 3/);
  expect(() => row(two, -1)).toThrow(InputError);
});

test('components that are orthogonal explain what their squared weights say', () => {
  const { truth } = orthogonal({ order: 3, dim: 5, rank: 3, seed: 1, ratio: 2 });
  const { total, components } = explainedVariance({ kruskal: truth, relativeError: 0.6 });
  expect(total).toBeCloseTo(0.64, 12);
  const squares = Array.from(truth.weights, (weight) => weight ** 2);
  const sum = squares.reduce((a, b) => a + b);
  // Directions are orthogonal to rounding, 1e-15 each.
  components.forEach((share, r) => expect(share).toBeCloseTo((0.64 * squares[r]!) / sum, 12));
});

const { tensor } = plantedCp({ shape: [5, 4, 3], rank: 2, seed: 2, noise: 0.05 });
const result = await decompose(dense(tensor.shape, tensor.data), { rank: 2 });

test('rows have every entry of every factor, with names', () => {
  const rows = toRows(result.kruskal, { modes: ['sample'], labels: [['a', 'b', 'c', 'd', 'e']] });
  expect(rows).toHaveLength((5 + 4 + 3) * 2);
  expect(rows[3]).toEqual({
    component: 2,
    mode: 'sample',
    index: 1,
    label: 'b',
    value: result.kruskal.factors[0]!.data[3],
  });
  expect(rows.at(-1)).toMatchObject({ component: 2, mode: 'mode 2', index: 2, label: '2' });
});

test('the summary says rank, explained variance and trust', () => {
  const text = summary(result);
  expect(text).toMatch(/^CP \(PARAFAC\) model of a 5 × 4 × 3 tensor, rank 2\n/);
  expect(text).toMatch(/Explained variance 9\d\.\d\d %/);
  expect(text.match(/ {2}component \d: weight/g)).toHaveLength(2);
  expect(text).toContain(result.stop);
});

test('JSON gives the same result back, to the last bit', () => {
  const back = resultFromJson(JSON.parse(JSON.stringify(resultToJson(result))));
  expect(back).toEqual({ ...result, history: [] });
});

test('a symmetric result goes through JSON too', async () => {
  const { truth } = orthogonal({ order: 3, dim: 4, rank: 2, seed: 1, ratio: 2 });
  const found = await decompose(factored({ order: 3, dim: 4, weights: truth.weights, vectors: truth.vectors }));
  expect(resultFromJson(JSON.parse(JSON.stringify(resultToJson(found))))).toEqual({ ...found, history: [] });
});

test.each([null, 3, {}, { kruskal: {} }, { kruskal: { weights: [1] }, stop: 'converged', relativeError: 0 }])(
  'JSON of something else is refused: %o',
  (json) => expect(() => resultFromJson(json)).toThrow(/resultFromJson: expected what resultToJson writes/),
);
