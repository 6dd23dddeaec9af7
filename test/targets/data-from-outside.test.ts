// Arrays from JSON, forms and other libraries may hold null, strings, holes, BigInts, nested rows: every public constructor and
// every writer refuses them, naming the entry and what to do. None of them is ever 0, and none becomes a number by itself.
import { describe, expect, test } from 'vitest';
import {
  dense,
  denseSymmetric,
  denseTensor,
  factored,
  InputError,
  kruskal,
  matrix,
  moments,
  observed,
  sensing,
  symmetricKruskal,
  symmetricTensor,
} from '../../src/index.js';
import { kruskalFromJson, writeNpy, writePng, writeTns } from '../../src/io/index.js';

/** An array of four with the value in its third place. */
const holding = (value: unknown): ArrayLike<number> => [1, 2, value, 4] as number[];
const hole = new Array<number>(4);
hole[0] = hole[1] = hole[3] = 1;

const wrong: [string, ArrayLike<number>, RegExp][] = [
  ['null', holding(null), /got null (at|in|for) /],
  ['a string', holding('3'), /got the string "3" .*\. Convert it by Number\(…\)\.$/],
  ['an empty string', holding(''), /got the string "" .*Convert/],
  ['undefined', holding(undefined), /got undefined \(a hole\?\) /],
  ['a hole', hole, /got undefined \(a hole\?\) /],
  ['a BigInt', holding(3n), /got the BigInt 3n .*Convert/],
  ['a boolean', holding(true), /got true .*Convert/],
  ['a nested row', holding([3]), /got an array .*Give one flat array, row-major\.$/],
  ['an object', holding({}), /got a value of type object /],
  ['64-bit integers', BigInt64Array.of(1n, 2n, 3n, 4n) as unknown as number[], /got the BigInt 1n .*Convert/],
];

type Make = (data: ArrayLike<number>) => unknown;
const two = { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) };
const given = (data: ArrayLike<number>) => ({ ...two, data: data as Float64Array });

const makers: [string, Make][] = [
  ['dense', (data) => dense([2, 2], data)],
  ['denseTensor', (data) => denseTensor([4], data)],
  ['matrix', (data) => matrix(2, 2, data)],
  ['symmetricTensor', (data) => symmetricTensor(3, 2, data)],
  ['denseSymmetric', (data) => denseSymmetric(3, 2, data)],
  ['observed, values', (data) => observed([4, 4], [0, 0, 1, 1, 2, 2, 3, 3], data)],
  ['sensing, measurements', (data) => sensing([2, 2], data, [1])],
  ['sensing, values', (data) => sensing([1, 1], [1, 1, 1, 1], data)],
  ['sensing, factors', (data) => sensing([2, 2], { factors: [two, given(data)] }, [1, 1])],
  ['sensing, weights', (data) => sensing([2, 2], { factors: [two, two], terms: 1, weights: data }, [1, 1])],
  ['factored, flat vectors', (data) => factored({ order: 3, dim: 2, weights: [1, 1], vectors: data })],
  ['factored, a matrix', (data) => factored({ order: 3, dim: 2, weights: [1, 1], vectors: given(data) })],
  ['factored, rows', (data) => factored({ order: 3, dim: 4, weights: [1], vectors: [data] })],
  ['factored, weights', (data) => factored({ order: 3, dim: 1, weights: data, vectors: [1, 1, 1, 1] })],
  ['moments, rows', (data) => moments({ order: 3, samples: [[1, 2, 3, 4], data] })],
  ['moments, a matrix', (data) => moments({ order: 3, samples: given(data) })],
  ['moments, weights', (data) => moments({ order: 3, samples: [[1], [2], [3], [4]], weights: data })],
  ['kruskal', (data) => kruskal(data, [{ rows: 1, columns: 4, data: new Float64Array(4) }])],
  ['symmetricKruskal', (data) => symmetricKruskal(3, data, { rows: 4, columns: 1, data: new Float64Array(4) })],
  ['writePng', (data) => writePng({ shape: [2, 2, 1], data: data as Float64Array })],
];

describe.each(makers)('%s', (_, make) => {
  test.each(wrong)('refuses %s', (_, data, message) => {
    expect(() => make(data)).toThrow(InputError);
    expect(() => make(data)).toThrow(message);
  });

  test('takes integers of any width, and numbers', () => {
    for (const data of [[1, 0, 0, 1], Int8Array.of(1, 0, 0, 1), Uint32Array.of(1, 0, 0, 1)]) {
      // The weights of this sensing target are two.
      if (_ !== 'sensing, weights') expect(() => make(data)).not.toThrow();
    }
  });
});

describe('indices', () => {
  test.each(wrong.filter(([name]) => name !== '64-bit integers'))('of observed: %s', (_, data) => {
    expect(() => observed([9, 9], data, [1, 2])).toThrow(
      /expected an index from 0 to 8 in mode 0, got .* for observation 1\./,
    );
  });

  test.each(wrong.filter(([name]) => name !== '64-bit integers'))('of writeTns: %s', (_, data) => {
    const entries = { shape: [9, 9], indices: data as Uint32Array, values: Float64Array.of(1, 2) };
    expect(() => writeTns(entries)).toThrow(/expected an index from 0 to 8 in mode 0, got .* for entry 1\./);
  });
});

describe('missing cells', () => {
  test('null marks one, as NaN does, where it is said to', () => {
    const target = dense([2, 2], holding(null), { missing: 'nan' });
    expect(target.known).toEqual(Uint8Array.of(1, 1, 0, 1));
    expect(target.data).toEqual(Float64Array.of(1, 2, 0, 4));
    expect(target).toEqual(dense([2, 2], [1, 2, NaN, 4], { missing: 'nan' }));
  });

  test.each(wrong.filter(([name]) => name !== 'null'))('nothing else does: %s', (_, data, message) => {
    expect(() => dense([2, 2], data, { missing: 'nan' })).toThrow(message);
  });

  test('a missing cell may hold anything', () => {
    for (const [, data] of wrong.slice(0, -1)) {
      expect(Array.from(dense([2, 2], data, { known: [1, 1, 0, 1] }).data.subarray(2, 3))).toEqual([0]);
    }
  });

  test.each([
    [{ known: [1, 1, null, 1] }, 'known to hold 0 and 1, got null at index [1, 0]'],
    [{ known: [1, 1, '0', 1] }, 'known to hold 0 and 1, got the string "0" at index [1, 0]'],
    [
      { missing: [0, 0, undefined, 1] },
      'missing to hold 0 and 1, got undefined (a hole?) at index [1, 0]. Give 1 for missing',
    ],
    [{ missing: [0, 0, NaN, 1] }, 'missing to hold 0 and 1, got NaN at index [1, 0]'],
    [{ missing: 'null' }, `missing to be 'nan' or marks of the missing cells, got the string "null"`],
    [{ mask: [1, 1, 1, 1] }, 'expected a known option (known, missing), got mask'],
  ])('marks of other kinds are refused: %j', (options, message) => {
    expect(() => dense([2, 2], [1, 2, 3, 4], options as object)).toThrow(InputError);
    expect(() => dense([2, 2], [1, 2, 3, 4], options as object)).toThrow(message);
  });

  test('marks of the other kind are noticed where the missing cells were set to 0', () => {
    const values = [1, 0, 0, 4];
    const known = [1, 0, 0, 1];
    expect(dense([2, 2], values, { known }).data).toEqual(Float64Array.of(1, 0, 0, 4));
    expect(() => dense([2, 2], values, { missing: known })).toThrow(
      /^dense: expected known cells that are not all 0, got 0 in all 2 that missing leaves known, while missing ones hold numbers, as 1 at index \[0, 0\]\. Give the marks as known instead/,
    );
    expect(() => dense([2, 2], values, { known: [0, 1, 1, 0] })).toThrow(
      /2 that known leaves known.*Give the marks as missing instead/,
    );
    // Zeros are data where the missing cells hold nothing else.
    expect(dense([2, 2], [0, 0, NaN, 0], { known: [1, 1, 0, 1] }).known).toEqual(Uint8Array.of(1, 1, 0, 1));
  });
});

test('other numbers of the API', () => {
  expect(() => writeNpy({ shape: [1], data: [1] as unknown as Float64Array })).toThrow(/expected a typed array/);
  expect(() => kruskalFromJson({ weights: [null], factors: [[[1]]] })).toThrow(
    /weights\[0\] to be a finite number, got null/,
  );
  expect(() => kruskalFromJson({ weights: ['1'], factors: [[[1]]] })).toThrow(
    /weights\[0\] to be a finite number, got "1"/,
  );
  expect(() => kruskalFromJson({ weights: [1], factors: [[[1], [1, 2]]] })).toThrow(
    /factors\[0\]\[1\] to have 1 numbers, got 2/,
  );
  expect(() =>
    writeTns({ shape: [1, 1], indices: new Uint32Array(2), values: ['1'] as unknown as Float64Array }),
  ).toThrow(/finite values, got the string "1" for entry 0/);
});
