// Packed symmetric tensors: the bijection of offsets and ascending indices, multiplicities, packing and its refusal.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { denseNorm, denseTensor, indexAt } from '../../src/tensor/dense.js';
import { symmetricKruskal } from '../../src/tensor/kruskal.js';
import {
  binomial,
  forEachPacked,
  largestAsymmetry,
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

describe('the largest asymmetry', () => {
  const smallTensor = fc
    .constantFrom([2, 1], [2, 4], [3, 2], [3, 3], [4, 2], [5, 2])
    .chain(([order = 0, dim = 0]) =>
      fc
        .array(fc.integer({ min: -9, max: 9 }), { minLength: dim ** order, maxLength: dim ** order })
        .map((entries) => denseTensor(new Array<number>(order).fill(dim), entries)),
    );

  test('is the largest over all pairs of permuted indices, and is where it says', () => {
    fc.assert(
      fc.property(smallTensor, (tensor) => {
        const { shape, data } = tensor;
        const sorted = Array.from(data, (_, at) => indexAt(at, shape).sort().join());
        let worst = 0;
        data.forEach((a, i) => data.forEach((b, j) => sorted[i] === sorted[j] && (worst = Math.max(worst, a - b))));
        const { difference, relative, indices } = largestAsymmetry(tensor);
        expect(difference).toBe(worst);
        expect(relative).toBe(worst === 0 ? 0 : worst / Math.max(...data.map(Math.abs)));
        const [high = NaN, low = NaN] = indices.map((index) => data[index.reduce((at, i) => at * shape[0]! + i, 0)]);
        expect(high - low).toBe(worst);
        expect([...indices[0]].sort()).toEqual([...indices[1]].sort());
      }),
    );
  });

  test('is nothing for packed tensors, and the size of a change of one entry', () => {
    fc.assert(
      fc.property(orderAndDim, fc.integer({ min: 0, max: 5000 }), ([order, dim], anywhere) => {
        const packed = packedOf(order, dim, (offset) => 2 + Math.sin(offset));
        const tensor = unpackSymmetric(packed);
        expect(largestAsymmetry(tensor).difference).toBe(0);
        const at = anywhere % tensor.data.length;
        const index = indexAt(at, tensor.shape);
        tensor.data[at]! += 4; // now the largest by far
        const { difference, relative, indices } = largestAsymmetry(tensor);
        const alone = index.every((i) => i === index[0]);
        expect(difference > 0).toBe(!alone);
        if (alone) return;
        expect(indices[0]).toEqual(index);
        expect(relative).toBe(difference / tensor.data[at]!);
      }),
      { numRuns: 50 },
    );
  });

  test('needs modes of one size and an order of packed tensors', () => {
    expect(() => largestAsymmetry(denseTensor([2, 3], new Float64Array(6)))).toThrow(
      'largestAsymmetry: expected modes of one size, got shape [2, 3]',
    );
    expect(() => largestAsymmetry(denseTensor([3], new Float64Array(3)))).toThrow('an order from 2 to 8, got 1');
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

function packedOf(order: number, dim: number, entry: (offset: number) => number) {
  return symmetricTensor(
    order,
    dim,
    Float64Array.from({ length: packedLength(order, dim) }, (_, offset) => entry(offset)),
  );
}

/** Negative where a comes before b, compared from the last index backwards. */
function colexicographic(a: readonly number[], b: readonly number[]): number {
  for (let p = a.length - 1; p >= 0; p--) {
    const difference = (a[p] ?? 0) - (b[p] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
