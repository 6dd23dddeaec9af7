// Tucker models: their tensor by the sum that defines it, and CP models as Tucker models, exactly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpToTucker, indexAt, matrix, toDense, tuckerToDense, type Tucker } from '../../src/index.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { columnProducts } from '../../src/tensor/matrix.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { anyShapeKruskal } from '../support/arbitraries.js';
import { expectClose } from '../support/close.js';

function randomTucker(shape: readonly number[], ranks: readonly number[]): Tucker {
  const random = randomStream(3);
  const normals = (length: number): Float64Array => random.fillNormal(new Float64Array(length));
  return {
    core: { shape: ranks, data: normals(sizeOf(ranks)) },
    factors: shape.map((rows, mode) => matrix(rows, ranks[mode]!, normals(rows * ranks[mode]!))),
  };
}

test.each([
  [
    [4, 3, 5],
    [2, 3, 1],
  ],
  [
    [2, 3],
    [4, 2],
  ],
  [
    [3, 2, 1, 4],
    [1, 2, 2, 3],
  ],
])('the tensor of shape %j with ranks %j is the sum of its definition', (shape, ranks) => {
  const model = randomTucker(shape, ranks);
  const { shape: found, data } = tuckerToDense(model);
  const expected = Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
    const index = indexAt(at, shape);
    return Array.from(model.core.data).reduce((sum, value, j) => {
      const own = indexAt(j, ranks);
      return (
        sum +
        own.reduce((product, k, mode) => product * model.factors[mode]!.data[index[mode]! * ranks[mode]! + k]!, value)
      );
    }, 0);
  });
  expect(found).toEqual(shape);
  // Sums of at most 16 products of up to 5 factors, against the largest: 1e-14 is a hundred roundings.
  expectClose(data, expected, 1e-13);
});

test('a CP model as a Tucker model is the same tensor, with orthonormal factors and ranks of min(size, rank)', () => {
  fc.assert(
    fc.property(anyShapeKruskal, (model) => {
      if (model.weights.length === 0) return;
      const tucker = cpToTucker(model);
      const exact = toDense(model).data;
      // Components may cancel: what is lost is rounding of the largest of them, not of their sum.
      const size = model.factors.reduce(
        (product, { data }) => product * Math.max(...data.map(Math.abs)),
        model.weights.length * Math.max(...model.weights.map(Math.abs)),
      );
      tuckerToDense(tucker).data.forEach((value, at) =>
        expect(Math.abs(value - exact[at]!)).toBeLessThanOrEqual(1e-13 * 4 ** 4 * size),
      );
      tucker.factors.forEach((factor, mode) => {
        expect(factor.columns).toBe(Math.min(model.factors[mode]!.rows, model.weights.length));
        const gram = columnProducts(factor, factor);
        gram.data.forEach((value, at) =>
          expect(Math.abs(value - Number(at % (gram.rows + 1) === 0))).toBeLessThan(1e-13),
        );
      });
    }),
  );
});

test('of nearly parallel columns, too many components, and a symmetric model too', () => {
  const parallel = plantedCp({ shape: [9, 8, 7], rank: 4, seed: 1, collinearity: 0.999 }).truth;
  const many = plantedCp({ shape: [3, 4, 5], rank: 9, seed: 1 }).truth;
  const { truth: symmetric } = plantedSymmetric({ order: 3, dim: 5, rank: 3, seed: 1 });
  for (const model of [parallel, many, symmetric])
    expectClose(tuckerToDense(cpToTucker(model)).data, toDense(model).data, 1e-13);
  expect(cpToTucker(many).core.shape).toEqual([3, 4, 5]);
});

test('what does not fit is refused', () => {
  const { core, factors } = randomTucker([4, 3], [2, 2]);
  expect(() => tuckerToDense({ core, factors: [factors[0]!] })).toThrow(
    'tuckerToDense: expected factors with 2, 2 columns',
  );
  expect(() => tuckerToDense({ core, factors: [factors[0]!, matrix(3, 1)] })).toThrow('got 2, 1. Give one');
  expect(() => cpToTucker({ weights: new Float64Array(0), factors: [matrix(3, 0)] })).toThrow('got none');
});
