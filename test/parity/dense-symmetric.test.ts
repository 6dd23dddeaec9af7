// contractSymmetric: float32 on the adapter against float64 on the CPU, and the CPU against the unpacked tensor.
import { describe, expect, test } from 'vitest';
import type { DeviceArray } from '../../src/backend/backend.js';
import { forEachPacked, packedLength, unpackSymmetric } from '../../src/tensor/symmetric.js';
import { expectParity, normals, onCpu } from '../support/parity.js';

interface Problem {
  readonly order: number;
  readonly dim: number;
  readonly rows: number;
  readonly batch: number;
  readonly tensors?: number;
}

// Dims and rows of 1, around the tiles of 16 and 32, primes; few rows (the sum over tuples is then split) and many: more than
// the 128 of a block of held tiles, which then are even or not.
const problems: Problem[] = [
  { order: 2, dim: 1, rows: 1, batch: 1 },
  { order: 2, dim: 65, rows: 33, batch: 2 },
  { order: 3, dim: 1, rows: 3, batch: 1 },
  { order: 3, dim: 2, rows: 5, batch: 1 },
  { order: 3, dim: 17, rows: 63, batch: 2, tensors: 2 },
  { order: 3, dim: 31, rows: 64, batch: 1 },
  { order: 3, dim: 63, rows: 2, batch: 1 },
  { order: 3, dim: 64, rows: 65, batch: 1 },
  { order: 3, dim: 21, rows: 257, batch: 2, tensors: 2 },
  { order: 4, dim: 1, rows: 2, batch: 1 },
  { order: 4, dim: 5, rows: 7, batch: 3 },
  { order: 4, dim: 10, rows: 131, batch: 2 },
  { order: 4, dim: 16, rows: 32, batch: 1 },
  { order: 4, dim: 23, rows: 1, batch: 1 },
  { order: 5, dim: 4, rows: 9, batch: 2, tensors: 2 },
  { order: 5, dim: 11, rows: 13, batch: 1 },
  { order: 6, dim: 3, rows: 4, batch: 1 },
  { order: 6, dim: 9, rows: 31, batch: 1 },
  { order: 8, dim: 2, rows: 3, batch: 1 },
  { order: 8, dim: 4, rows: 5, batch: 1 },
];

const inputsOf = ({ order, dim, rows, batch, tensors = 1 }: Problem) => ({
  tensor: normals(tensors * packedLength(order, dim), 1),
  queries: normals(batch * rows * dim, 2).map((x) => x / Math.sqrt(dim)),
});

describe.each(problems)('order $order, dim $dim, rows $rows, batch $batch', (problem) => {
  const { order, dim, rows, batch } = problem;
  const tuples = packedLength(order - 1, dim);

  test('webgpu = cpu', async () => {
    await expectParity({
      inputs: inputsOf(problem),
      record: (scope, arrays) => {
        const contraction = scope.array('contraction', batch * rows * dim);
        const strengths = scope.array('strengths', batch * rows);
        const shape = { order, batch, rows, dim, queryStride: rows * dim };
        scope.contractSymmetric({ ...shape, ...arrays, scale: 1, accumulate: false, contraction, strengths });
        return { contraction, strengths };
      },
      // A product of order + 1 factors, summed over the tuples and their splits, then (strengths) over dim.
      roundings: tuples + order + 64 + dim,
    });
  });
});

test.each([{ rows: 3 }, { rows: 70 }, { rows: 130 }])(
  'a scaled contraction on top of another, $rows rows',
  async ({ rows }) => {
    const order = 3;
    const dim = 19;
    const batch = 2;
    const columns = rows + 2;
    await expectParity({
      inputs: {
        ...inputsOf({ order, dim, rows: columns, batch }),
        contraction: normals(batch * rows * dim, 5),
      },
      record: (scope, { tensor, queries, contraction }) => {
        const strengths = scope.array('strengths', batch * rows);
        const shape = { order, batch, rows, dim, queryStride: columns * dim };
        // A positive scale: with a negative one the run on magnitudes would be of differences.
        scope.contractSymmetric({ ...shape, tensor, queries, scale: 2, accumulate: true, contraction, strengths });
        return { contraction, strengths };
      },
      roundings: packedLength(order - 1, dim) + order + 64 + dim,
    });
  },
);

test('no rows, no work', async () => {
  const found = await contract({ order: 3, dim: 4, rows: 0, batch: 1 }, normals(20, 1), new Float64Array(0));
  expect(found.contraction).toHaveLength(0);
});

describe.each([
  { order: 2, dim: 7 },
  { order: 3, dim: 5 },
  { order: 4, dim: 4 },
  { order: 5, dim: 3 },
  { order: 6, dim: 2 },
])('laws in float64, order $order, dim $dim', ({ order, dim }) => {
  const rows = 3;
  const problem = { order, dim, rows, batch: 1 };
  const { tensor, queries } = inputsOf(problem);

  test('the packed contraction is that of the unpacked tensor', async () => {
    const { contraction, strengths } = await contract(problem, tensor, queries);
    const { data } = unpackSymmetric({ order, dim, data: tensor });
    const expected = new Float64Array(rows * dim);
    for (let i = 0; i < rows; i++) {
      data.forEach((value, flat) => {
        let product = value;
        let rest = flat;
        for (let mode = order - 1; mode > 0; mode--) {
          product *= queries[i * dim + (rest % dim)]!;
          rest = Math.floor(rest / dim);
        }
        expected[i * dim + rest]! += product;
      });
    }
    expected.forEach((value, at) => expect(contraction[at]).toBeCloseTo(value, 11));
    strengths.forEach((strength, i) => {
      const inner = queries.subarray(i * dim, (i + 1) * dim).reduce((s, q, k) => s + q * expected[i * dim + k]!, 0);
      expect(strength).toBeCloseTo(inner, 11);
    });
  });

  test('renaming the indices of tensor and queries renames those of the contraction', async () => {
    const { contraction } = await contract(problem, tensor, queries);
    const renamed = (k: number): number => dim - 1 - k;
    const moved = new Float64Array(tensor.length);
    const dense = unpackSymmetric({ order, dim, data: tensor }).data;
    forEachPacked(order, dim, (index, offset) => {
      moved[offset] = dense[index.reduce((at, k) => at * dim + renamed(k), 0)]!;
    });
    const turn = (values: Float64Array): Float64Array =>
      values.map((_, at) => values[Math.floor(at / dim) * dim + renamed(at % dim)]!);
    const again = await contract(problem, moved, turn(queries));
    turn(again.contraction).forEach((value, at) => expect(value).toBeCloseTo(contraction[at]!, 11));
  });
});

const nothing = new Float64Array(0);

async function contract({ order, dim, rows, batch }: Problem, tensor: Float64Array, queries: Float64Array) {
  const { contraction = nothing, strengths = nothing } = await onCpu(
    { tensor, queries },
    (scope, arrays): Record<string, DeviceArray> => {
      const out = {
        contraction: scope.array('contraction', batch * rows * dim),
        strengths: scope.array('s', batch * rows),
      };
      const shape = { order, batch, rows, dim, queryStride: rows * dim };
      scope.contractSymmetric({ ...shape, ...arrays, scale: 1, accumulate: false, ...out });
      return out;
    },
  );
  return { contraction, strengths };
}
