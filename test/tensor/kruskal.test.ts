import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { innerProduct, norm } from '../../src/tensor/inner-product.js';
import {
  joinComponents,
  kruskal,
  rankOf,
  shapeOf,
  symmetricKruskal,
  symmetricToKruskal,
} from '../../src/tensor/kruskal.js';
import { selectComponents } from '../../src/tensor/normalize.js';
import { columnProducts, matrix, rowProducts, transpose } from '../../src/tensor/matrix.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { InputError } from '../../src/errors.js';
import { anyShapeKruskal, anySymmetric, kruskalPair, matrixOf, symmetricPair } from '../support/arbitraries.js';
import { bruteDense, magnitude } from '../support/brute.js';
import { expectClose } from '../support/close.js';
import { symmetricGolden } from '../support/golden.js';

it('two models joined have the components of the first, then those of the second', () => {
  fc.assert(
    fc.property(kruskalPair, ([a, b]) => {
      const joined = joinComponents(a, b);
      const numbers = Array.from(joined.weights.keys());
      expect(selectComponents(joined, numbers.slice(0, rankOf(a)))).toEqual(a);
      expect(selectComponents(joined, numbers.slice(rankOf(a)))).toEqual(b);
    }),
  );
});

describe('matrix', () => {
  it('transposes back', () => {
    fc.assert(
      fc.property(matrixOf(3, 4), (a) => {
        expect(transpose(transpose(a))).toEqual(a);
      }),
    );
  });
  it('products of columns are products of rows of the transposes', () => {
    fc.assert(
      fc.property(matrixOf(3, 2), matrixOf(3, 4), (a, b) =>
        expectClose(columnProducts(a, b).data, rowProducts(transpose(a), transpose(b)).data, 1e-13),
      ),
    );
  });
  it('refuses a wrong count and wrong sizes', () => {
    expect(() => matrix(2, 3, [1, 2])).toThrow(/expected 6 numbers for 2 × 3, got 2/);
    expect(() => matrix(-1, 3)).toThrow(InputError);
    expect(() => matrix(1.5, 3)).toThrow(InputError);
  });
});

describe('toDense', () => {
  it('is the definition, entry by entry, for both kinds', () => {
    fc.assert(
      fc.property(fc.oneof(anyShapeKruskal, anySymmetric), (model) => {
        const dense = toDense(model);
        expect(dense.shape).toEqual(shapeOf(model));
        const scale = magnitude(model);
        bruteDense(model).forEach((value, i) =>
          expect(Math.abs(value - (dense.data[i] ?? NaN))).toBeLessThanOrEqual(1e-14 * scale),
        );
      }),
    );
  });
  it('of a symmetric tensor does not change when two modes are swapped', () => {
    fc.assert(
      fc.property(anySymmetric, (model) => {
        fc.pre(model.order >= 2);
        const dim = model.vectors.columns;
        const { data } = toDense(model);
        const block = data.length / (dim * dim);
        const swapped = data.map((_, at) => {
          const i = Math.floor(at / (dim * block));
          const rest = at % (dim * block);
          return data[Math.floor(rest / block) * dim * block + i * block + (rest % block)] ?? NaN;
        });
        expectClose(swapped, data, 1e-13 * (1 + magnitude(model) / Math.max(...data.map(Math.abs), 1e-30)));
      }),
    );
  });
});

describe('innerProduct', () => {
  it('is the sum of products of the entries', () => {
    fc.assert(
      fc.property(fc.oneof(kruskalPair, symmetricPair), ([a, b]) => {
        const left = bruteDense(a);
        const right = bruteDense(b);
        const sum = left.reduce((total, value, i) => total + value * (right[i] ?? NaN), 0);
        const scale = magnitude(a) * magnitude(b) * left.length;
        expect(Math.abs(innerProduct(a, b) - sum)).toBeLessThanOrEqual(1e-13 * scale);
      }),
    );
  });
  it('takes one tensor of each kind', () => {
    fc.assert(
      fc.property(symmetricPair, ([a, b]) => {
        const allowed = 1e-13 * magnitude(a) * magnitude(b) * bruteDense(a).length;
        expect(Math.abs(innerProduct(a, b) - innerProduct(symmetricToKruskal(a), b))).toBeLessThanOrEqual(allowed);
      }),
    );
  });
  it.each(symmetricGolden)('gives the norm of the golden target: $name', ({ target, file }) => {
    expectClose(norm(target), file.target.frobenius, 1e-13);
  });
  it('refuses different shapes', () => {
    const a = kruskal([1], [matrix(2, 1)]);
    const b = kruskal([1], [matrix(3, 1)]);
    expect(() => innerProduct(a, b)).toThrow(/got \[2\] and \[3\]/);
  });
});

describe('constructors', () => {
  it('check the number of components', () => {
    expect(() => kruskal([1, 2], [matrix(2, 1)])).toThrow(/factors\[0\] to have 2 columns, one a weight, got 1/);
    expect(() => kruskal([], [])).toThrow(InputError);
    expect(() => symmetricKruskal(3, [1], matrix(2, 5))).toThrow(/expected 1 rows/);
    expect(() => symmetricKruskal(0, [], matrix(0, 5))).toThrow(/order from 1 to 1024, got 0/);
    expect(rankOf(symmetricKruskal(3, [1, 2], matrix(2, 5)))).toBe(2);
  });
});
