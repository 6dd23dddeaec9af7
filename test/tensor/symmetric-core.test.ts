// Packed symmetric tensors contracted and compressed, against the same sums over the full tensor.
import { describe, expect, test } from 'vitest';
import { packedLength, packedOffset, unpackSymmetric, type SymmetricTensor } from '../../src/tensor/symmetric.js';
import { contractMode, symmetricCore } from '../../src/tensor/symmetric-core.js';
import { finished } from '../../src/yield.js';
import { normals } from '../support/parity.js';

const randomTensor = (order: number, dim: number): SymmetricTensor => ({
  order,
  dim,
  data: normals(packedLength(order, dim), order),
});

/** All indices of a full tensor, row-major. */
const indicesOf = (order: number, dim: number): number[][] =>
  Array.from({ length: dim ** order }, (_, at) =>
    Array.from({ length: order }, (__, p) => Math.floor(at / dim ** (order - 1 - p)) % dim),
  );

describe.each([
  [2, 4],
  [3, 5],
  [4, 4],
  [5, 3],
  [3, 1],
])('order %i, dim %i', (order, dim) => {
  const tensor = randomTensor(order, dim);
  const full = unpackSymmetric(tensor).data;
  const indices = indicesOf(order, dim);

  test('one mode contracted with a vector', () => {
    const b = normals(dim, 9);
    const part = finished(contractMode(tensor, b));
    expect([part.order, part.dim]).toEqual([order - 1, dim]);
    const sums = new Float64Array(dim ** (order - 1));
    indices.forEach((index, at) => {
      sums[Math.floor(at / dim)]! += full[at]! * b[index[order - 1]!]!;
    });
    indicesOf(order - 1, dim).forEach((index, at) => {
      const packed = part.data[packedOffset([...index].sort((x, y) => x - y))]!;
      // dim products of numbers of size 1.
      expect(Math.abs(packed - sums[at]!)).toBeLessThan(1e-13);
    });
  });

  test.each([1, 2, 3])('every mode multiplied by a matrix of %i columns', (columns) => {
    const basis = { rows: dim, columns, data: normals(dim * columns, 7) };
    const core = finished(symmetricCore(tensor, basis));
    expect([core.order, core.dim, core.data.length]).toEqual([order, columns, packedLength(order, columns)]);
    for (const index of indicesOf(order, columns)) {
      const sum = indices.reduce(
        (total, from, at) =>
          total + index.reduce((product, c, p) => product * basis.data[from[p]! * columns + c]!, full[at]!),
        0,
      );
      const packed = core.data[packedOffset([...index].sort((x, y) => x - y))]!;
      // Up to 4⁴ products of five numbers of size 1.
      expect(Math.abs(packed - sum)).toBeLessThan(1e-11);
    }
  });
});
