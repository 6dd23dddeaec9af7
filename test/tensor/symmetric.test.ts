// Packed symmetric tensors: the bijection of offsets and ascending indices, multiplicities, packing and its refusal.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { denseNorm, denseTensor } from '../../src/tensor/dense.js';
import { symmetricKruskal } from '../../src/tensor/kruskal.js';
import {
  binomial,
  forEachPacked,
  multiplicity,
  packedIndex,
  packedLength,
  packedOffset,
  packKruskal,
  packSymmetric,
  symmetricNorm,
  symmetricTensor,
  unpackSymmetric,
} from '../../src/tensor/symmetric.js';
import { toDense } from '../../src/tensor/to-dense.js';
import '../support/arbitraries.js';

const orderAndDim = fc
  .tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 6 }))
  .filter(([order, dim]) => dim ** order <= 5000);

test('every ascending index has one offset, in colexicographic order, and every offset its index', () => {
  fc.assert(
    fc.property(orderAndDim, ([order, dim]) => {
      let next = 0;
      let before: number[] = [];
      forEachPacked(order, dim, (index, offset) => {
        expect(offset).toBe(next++);
        expect(packedOffset(index)).toBe(offset);
        expect(packedIndex(offset, order)).toEqual(index);
        expect(index.every((i, p) => i < dim && (p === 0 || i >= index[p - 1]!))).toBe(true);
        if (offset > 0) expect(colexicographic(before, index)).toBeLessThan(0);
        before = [...index];
      });
      expect(next).toBe(packedLength(order, dim));
    }),
    { numRuns: 40 },
  );
});

test('multiplicities count the entries of the whole tensor', () => {
  fc.assert(
    fc.property(orderAndDim, ([order, dim]) => {
      let sum = 0;
      forEachPacked(order, dim, (index) => (sum += multiplicity(index)));
      expect(sum).toBe(dim ** order);
    }),
  );
});

test('offsets do not depend on dim, and order 2 is the lower triangle', () => {
  expect(packedOffset([3, 7])).toBe((7 * 8) / 2 + 3);
  expect(packedOffset([0, 0, 4])).toBe(packedLength(3, 4));
  expect(packedLength(3, 96)).toBe(152_096);
  expect(binomial(1030, 6)).toBe(1_634_386_955_681_025);
});

describe.each([
  { order: 2, dim: 5 },
  { order: 3, dim: 4 },
  { order: 5, dim: 3 },
])('order $order, dim $dim', ({ order, dim }) => {
  const data = Float64Array.from({ length: 3 * dim }, (_, i) => Math.sin(1 + i));
  const model = symmetricKruskal(order, [1, -2, 0.5], { rows: 3, columns: dim, data });
  const dense = toDense(model);
  const packed = packSymmetric(dense);

  test('packing and unpacking give the tensor back', () => {
    unpackSymmetric(packed).data.forEach((value, at) => expect(value).toBeCloseTo(dense.data[at] ?? NaN, 13));
    expect(packSymmetric(unpackSymmetric(packed))).toEqual(packed);
  });

  test('a Kruskal tensor packs to the same entries', () => {
    packKruskal(model).data.forEach((value, at) => expect(value).toBeCloseTo(packed.data[at] ?? NaN, 12));
  });

  test('its norm is that of the whole tensor', () => {
    expect(symmetricNorm(packed)).toBeCloseTo(denseNorm(dense), 12);
  });

  test('an asymmetry is named with its size and place', () => {
    const broken = Float64Array.from(dense.data);
    broken[1]! += order; // index [0, …, 0, 1], which has `order` permutations: off their mean by order − 1
    const place = [...new Array<number>(order - 1).fill(0), 1].join(', ');
    const pack = (): unknown => packSymmetric(denseTensor(dense.shape, broken));
    expect(pack).toThrow(InputError);
    expect(pack).toThrow(`${(order - 1).toPrecision(3)} off the mean of its permutations at index [${place}]`);
    expect(packSymmetric(denseTensor(dense.shape, broken), 100).data[1]).toBeCloseTo((packed.data[1] ?? NaN) + 1, 12);
  });
});

test.each([
  [() => symmetricTensor(1, 3, [1, 2, 3]), 'an order from 2 to 8, got 1'],
  [() => symmetricTensor(9, 1, [1]), 'an order from 2 to 8, got 9'],
  [() => symmetricTensor(3, 0, []), 'positive integer, got 0'],
  [() => symmetricTensor(3, 2, [1, 2, 3]), 'expected 4 numbers for order 3 and dim 2, got 3'],
  [() => symmetricTensor(2, 2, [1, NaN, 3]), 'got NaN at index [0, 1]'],
  [() => packSymmetric(denseTensor([2, 3], new Float64Array(6))), 'got shape [2, 3]'],
])('bad input %# is refused', (make, message) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});

/** Negative where a comes before b, compared from the last index backwards. */
function colexicographic(a: readonly number[], b: readonly number[]): number {
  for (let p = a.length - 1; p >= 0; p--) {
    const difference = (a[p] ?? 0) - (b[p] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
