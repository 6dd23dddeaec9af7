// contractFactored and updateVanilla: float32 on the adapter against float64 on the CPU.
import { describe, test } from 'vitest';
import { expectParity, normals } from '../support/parity.js';

// Rows around the tile of 32, columns around the tile of 16, primes, and more rows than one tile.
const sizes = [
  { batch: 1, rows: 1, columns: 1, dim: 1 },
  { batch: 1, rows: 5, columns: 3, dim: 2 },
  { batch: 1, rows: 31, columns: 17, dim: 13 },
  { batch: 1, rows: 63, columns: 63, dim: 7 },
  { batch: 1, rows: 64, columns: 64, dim: 64 },
  { batch: 1, rows: 65, columns: 70, dim: 65 },
  { batch: 3, rows: 7, columns: 11, dim: 5 },
  { batch: 2, rows: 33, columns: 40, dim: 10 },
  // Rows, columns and dim around held tiles of 32, 32 and 32 to 128.
  { batch: 1, rows: 32, columns: 96, dim: 32 },
  { batch: 2, rows: 33, columns: 97, dim: 33 },
  { batch: 1, rows: 17, columns: 127, dim: 128 },
  { batch: 2, rows: 30, columns: 96, dim: 100 },
  { batch: 1, rows: 70, columns: 100, dim: 129 },
];

describe.each([2, 3, 4, 5, 8])('contractFactored, order %i', (order) => {
  const some = order === 3 || order === 4 ? sizes : [sizes[1]!, sizes[6]!, sizes[9]!];
  test.each(some)('batch $batch, rows $rows, columns $columns, dim $dim', async ({ batch, rows, columns, dim }) => {
    const scale = 1 / Math.sqrt(dim);
    await expectParity({
      inputs: {
        queries: normals(batch * rows * dim, 1).map((x) => x * scale),
        vectors: normals(batch * columns * dim, 2).map((x) => x * scale),
        weights: normals(batch * columns, 3),
      },
      record: (scope, arrays) => {
        const contraction = scope.array('contraction', batch * rows * dim);
        const strengths = scope.array('strengths', batch * rows);
        const queryStride = rows * dim;
        scope.contractFactored({ order, batch, rows, columns, dim, queryStride, ...arrays, contraction, strengths });
        return { contraction, strengths };
      },
      // An inner product of dim terms, raised to a power (its error order − 1 times), times the weight, summed over columns.
      roundings: order ** 2 * (dim + 1) + columns + 2,
    });
  });
});

test('queries can be the first rows of the stack itself', async () => {
  const batch = 2;
  const rows = 5;
  const columns = 9;
  const dim = 4;
  const order = 3;
  await expectParity({
    inputs: { vectors: normals(batch * columns * dim, 4), weights: normals(batch * columns, 5) },
    record: (scope, { vectors, weights }) => {
      const contraction = scope.array('contraction', batch * rows * dim);
      const strengths = scope.array('strengths', batch * rows);
      const queryStride = columns * dim;
      scope.contractFactored({
        order,
        batch,
        rows,
        columns,
        dim,
        queryStride,
        queries: vectors,
        vectors,
        weights,
        contraction,
        strengths,
      });
      return { contraction, strengths };
    },
    roundings: order ** 2 * (dim + 1) + columns + 2,
  });
});

// Few queries against many vectors: the columns are cut into parts, and chunks of them add up.
test.each([
  { rows: 3, columns: 1100 },
  { rows: 40, columns: 700 },
  { rows: 40, columns: 700, dim: 21 },
])('$rows queries against two chunks of $columns vectors, dim $dim', async ({ rows, columns, dim = 9 }) => {
  const batch = 2;
  const order = 4;
  await expectParity({
    inputs: {
      queries: normals(batch * rows * dim, 1).map((x) => x / 3),
      vectors: normals(batch * columns * dim, 2).map((x) => x / 3),
      weights: normals(batch * columns, 3),
    },
    record: (scope, arrays) => {
      const contraction = scope.array('contraction', batch * rows * dim);
      const strengths = scope.array('strengths', batch * rows);
      const sizes = { order, batch, rows, columns, dim, queryStride: rows * dim };
      scope.contractFactored({ ...sizes, ...arrays, contraction, strengths });
      scope.contractFactored({ ...sizes, ...arrays, contraction, strengths, accumulate: true });
      return { contraction, strengths };
    },
    roundings: order ** 2 * (dim + 1) + 2 * columns + 2,
  });
});

test.each([1, 63, 64, 65])('updateVanilla, %i rows', async (rows) => {
  const batch = 2;
  const columns = rows + 3;
  const dim = 7;
  // As after a look at all rows of the stack: the model's come first.
  const contracted = columns;
  const inputs = {
    contraction: normals(batch * contracted * dim, 1),
    strengths: normals(batch * contracted, 2),
    vectors: normals(batch * columns * dim, 3),
    weights: normals(batch * columns, 4),
    rates: Float64Array.of(0.125, 0.0625),
  };
  await expectParity({
    inputs,
    record: (scope, arrays) => {
      scope.updateVanilla({ order: 3, batch, rows, columns, dim, contracted, ...arrays });
      return { vectors: arrays.vectors, weights: arrays.weights };
    },
    roundings: 4,
    // |x| + η l |c| |A| with three factors below 4.5 standard deviations each.
    magnitudes: {
      vectors: new Float64Array(batch * columns * dim).fill(4.5 + 0.375 * 4.5 * 4.5),
      weights: new Float64Array(batch * columns).fill(4.5 * 1.125),
    },
  });
});
