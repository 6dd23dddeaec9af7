// The operations around the two heavy ones: sums of squares, Gram matrices, small solves, column norms and scaling.
import { describe, expect, test } from 'vitest';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { expectParity, normals, onCpu, webgpu } from '../support/parity.js';

const lengths = [1, 63, 64, 65, 997, 4099];

test.each(lengths)('sumOfSquares of 2 × %i entries', async (length) => {
  await expectParity({
    inputs: { values: normals(2 * length) },
    record: (scope, { values }) => {
      const out = scope.array('out', 2);
      scope.sumOfSquares({ batch: 2, length, values, out });
      return { out };
    },
    roundings: 2 * Math.ceil(Math.sqrt(length)) + 1,
  });
});

describe.each([1, 3, 17, 65])('%i vectors', (count) => {
  test.each([1, 63, 64, 65])('Gram matrix of columns of length %i', async (length) => {
    await expectParity({
      inputs: { values: normals(2 * count * length) },
      record: (scope, { values }) => {
        const gram = scope.array('gram', 5 + 2 * count * count);
        scope.gram({ batch: 2, count, length, vectorStride: 1, entryStride: count, values, gram, outOffset: 5 });
        return { gram };
      },
      roundings: length,
    });
  });

  test('Gram matrix of rows', async () => {
    await expectParity({
      inputs: { values: normals(count * 10) },
      record: (scope, { values }) => {
        const gram = scope.array('gram', count * count);
        scope.gram({ batch: 1, count, length: 10, vectorStride: 10, entryStride: 1, values, gram, outOffset: 0 });
        return { gram };
      },
      roundings: 10,
    });
  });

  test('column norms, and scaling by them and back', async () => {
    const rows = 13;
    await expectParity({
      inputs: { factor: normals(2 * rows * count) },
      record: (scope, { factor }) => {
        const norms = scope.array('norms', 2 * count);
        const columns = { batch: 2, rows, rank: count, factor };
        scope.columnNorms({ ...columns, norms });
        scope.scaleColumns({ ...columns, by: 'divide', scales: norms });
        return { norms, factor };
      },
      roundings: 2 * rows + 4,
    });
  });
});

test('a zero column is left alone by division', async () => {
  using scope = (await webgpu()).scope('zero column');
  const factor = scope.array('factor', Float64Array.of(0, 3, 0, 4));
  const norms = scope.array('norms', 2);
  scope.columnNorms({ batch: 1, rows: 2, rank: 2, factor, norms });
  scope.scaleColumns({ batch: 1, rows: 2, rank: 2, by: 'divide', scales: norms, factor });
  expect(Array.from(await scope.read(norms))).toEqual([0, 5]);
  expect(Array.from(await scope.read(factor))).toEqual([0, Math.fround(0.6), 0, Math.fround(0.8)]);
});

// H + ridge · I with ridge = trace / rank has a condition number of at most 1 + rank, since λ_max(H) ≤ trace = rank · ridge.
// Cholesky solves a system within (rank + 1) · u of the given one (Higham, Accuracy and Stability, thm. 10.4), and the Gram
// matrices themselves carry 20 roundings, so a solution x is off by at most (1 + rank) · (2 rank + 20) · u · ‖x‖.
test.each([1, 2, 7, 16, 33, 64, 65])('normal equations of rank %i', async (rank) => {
  const order = 3;
  const batch = 2;
  const rows = 9;
  const length = 20;
  const inputs = {
    values: normals(order * batch * length * rank, 7).map((x) => x / Math.sqrt(length)),
    rightSide: normals(batch * rows * rank, 8),
    factor: normals(batch * rows * rank, 9),
  };
  const record = (scope: Scope, { values, rightSide, factor }: Record<keyof typeof inputs, DeviceArray>) => {
    const grams = scope.array('grams', order * batch * rank * rank);
    const columns = { batch: order * batch, count: rank, length, vectorStride: 1, entryStride: rank };
    scope.gram({ ...columns, values, gram: grams, outOffset: 0 });
    const cholesky = scope.array('cholesky', batch * rank * rank);
    scope.factorNormalMatrix({ order, mode: 1, batch, rank, ridge: 1, grams, cholesky });
    scope.subtractSolution({ batch, rows, rank, cholesky, rightSide, factor });
    return { factor };
  };
  const solved = await onCpu(inputs, record);
  const magnitudes = inputs.factor.map((before, index) => {
    const row = index - (index % rank);
    const change = Array.from({ length: rank }, (_, c) => solved['factor']![row + c]! - inputs.factor[row + c]!);
    return Math.abs(before) + (1 + rank) * Math.hypot(...change);
  });
  await expectParity({ inputs, record, roundings: (2 * rank + length) ** 2 / 36, magnitudes: { factor: magnitudes } });
});
