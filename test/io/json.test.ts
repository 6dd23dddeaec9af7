import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { kruskalFromJson, kruskalToJson } from '../../src/io/index.js';
import { anyShapeKruskal, anySymmetric } from '../support/arbitraries.js';

/** Deeper than what works by recursion can follow. */
const nested = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], []);

describe('kruskalFromJson', () => {
  it('reads back exactly what kruskalToJson gave, through text', () => {
    fc.assert(
      fc.property(fc.oneof(anyShapeKruskal, anySymmetric), (model) => {
        const back = kruskalFromJson(JSON.parse(JSON.stringify(kruskalToJson(model))));
        const plain = (value: unknown): unknown =>
          JSON.parse(
            JSON.stringify(value, (_, v: unknown) => (ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v)),
          );
        expect(plain(back)).toEqual(plain(model));
      }),
    );
  });

  const symmetric = { order: 3, dim: 2, weights: [1], vectors: [[1, 2]] };
  const general = { weights: [1, 2], factors: [[[1, 2]], [[3, 4]]] };
  it.each<[string, unknown, RegExp]>([
    ['null', null, /an object .* got null/],
    ['a list', [1], /an object/],
    ['no vectors', { weights: [1] }, /vectors \(symmetric\) or factors \(general\), got neither/],
    ['both', { ...symmetric, factors: [] }, /got both/],
    ['no weights', { ...symmetric, weights: undefined }, /weights to be an array, got nothing/],
    ['a weight of text', { ...symmetric, weights: ['1'] }, /weights\[0\] to be a finite number, got "1"/],
    [
      'null in the vectors',
      { ...symmetric, vectors: [[1, null]] },
      /vectors\[0\]\[1\] to be a finite number, got null/,
    ],
    ['a short row', { ...symmetric, vectors: [[1]] }, /vectors\[0\] to have 2 numbers, got 1/],
    [
      'a row too many',
      {
        ...symmetric,
        vectors: [
          [1, 2],
          [3, 4],
        ],
      },
      /vectors to have 1 rows, one a weight, got 2/,
    ],
    ['more modes than anything has', { ...symmetric, order: 1e9 }, /an order from 1 to 1024, got 1000000000/],
    ['arrays in arrays', nested(100_000), /an object .* got an array of 1/],
    ['a weight of arrays in arrays', { ...general, weights: [nested(100_000)] }, /a finite number, got an array of 1/],
    ['order 2.5', { ...symmetric, order: 2.5 }, /order to be an integer ≥ 1, got 2.5/],
    ['no dim', { ...symmetric, dim: undefined }, /dim to be an integer ≥ 1, got nothing/],
    ['a ragged factor', { ...general, factors: [[[1, 2]], [[3]]] }, /factors\[1\]\[0\] to have 2 numbers, got 1/],
    ['a number as factor', { ...general, factors: [7] }, /factors\[0\] to be an array, got 7/],
    ['no factor', { ...general, factors: [] }, /one factor matrix a mode, got none/],
  ])('refuses %s and names the place', (_, value, message) => {
    expect(() => kruskalFromJson(value)).toThrow(InputError);
    expect(() => kruskalFromJson(value)).toThrow(message);
  });
  it('gives a tensor or an InputError for any JSON', () => {
    const maybe = fc.oneof(
      fc.jsonValue(),
      fc.record({ order: fc.nat(3), dim: fc.nat(3), weights: fc.jsonValue(), vectors: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(maybe, (value) => {
        try {
          kruskalFromJson(value);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
  it('ignores other fields, as a result file has them', () => {
    expect(kruskalFromJson({ ...symmetric, stop: 'converged' })).toEqual(kruskalFromJson(symmetric));
  });
});

describe('kruskalToJson', () => {
  it('refuses NaN, which JSON would turn into null', () => {
    const vectors = { rows: 1, columns: 2, data: Float64Array.of(1, NaN) };
    expect(() => kruskalToJson({ order: 3, weights: Float64Array.of(1), vectors })).toThrow(/vectors\[0\]\[1\]/);
  });
});
