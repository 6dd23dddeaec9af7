// Matrices that are hard for symmetric eigensolvers: A·V = V·diag(values) and VᵀV = I hold for all of them within rounding, and values
// that are known are met. Every reflection and rotation adds a few ε to an entry, and about 2n of them meet each entry.
import { describe, expect, it, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { multiply } from '../../src/linalg/algebra.js';
import { symmetricEigen, symmetricEigenSteps } from '../../src/linalg/eigen.js';
import { qr } from '../../src/linalg/qr.js';
import { svd } from '../../src/linalg/svd.js';
import { randomStream } from '../../src/random/stream.js';
import { columnProducts, matrix, rowProducts, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { expectClose } from '../support/close.js';
import { pauseFlops } from '../../src/yield.js';

const rounding = (n: number): number => 4 * (n + 1) * Number.EPSILON;
const gaussian = (rows: number, columns: number, seed: number): Matrix =>
  matrix(rows, columns, randomStream(seed).fillNormal(new Float64Array(rows * columns)));
const build = (n: number, entry: (i: number, j: number) => number): Matrix =>
  matrix(
    n,
    n,
    Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n)),
  );
const diagonal = (values: readonly number[]): Matrix =>
  build(values.length, (i, j) => (i === j ? (values[i] ?? NaN) : 0));
const symmetric = (n: number, seed: number): Matrix => {
  const g = gaussian(n, n, seed).data;
  return build(n, (i, j) => g[i * n + j]! + g[j * n + i]!);
};
/** With these eigenvalues, and vectors of no special direction. */
const withValues = (values: readonly number[], seed: number): Matrix => {
  const { q } = qr(gaussian(values.length, values.length, seed));
  const a = multiply(multiply(q, diagonal(values)), transpose(q)).data;
  return build(values.length, (i, j) => (a[i * values.length + j]! + a[j * values.length + i]!) / 2);
};
const numbers = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));

function decomposed(a: Matrix): Float64Array {
  const n = a.rows;
  const { values, vectors } = symmetricEigen(a);
  expectClose(columnProducts(vectors, vectors).data, diagonal(numbers(n, () => 1)).data, rounding(n), 'VᵀV');
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scaled = { ...vectors, data: vectors.data.map((value, at) => value * values[at % n]!) };
  rowProducts(scaled, vectors).data.forEach((value, at) =>
    expect(Math.abs(value - a.data[at]!)).toBeLessThanOrEqual(rounding(n) * largest),
  );
  values.forEach((value, k) => expect(value).toBeLessThanOrEqual(values[k - 1] ?? Infinity));
  return values;
}

/** All values within rounding of the matrix' norm. */
function expectValues(a: Matrix, expected: readonly number[]): void {
  expectClose(
    decomposed(a),
    expected.toSorted((x, y) => y - x),
    rounding(a.rows),
  );
}

const wilkinson = build(21, (i, j) => (i === j ? Math.abs(10 - i) : Math.abs(i - j) === 1 ? 1 : 0));
const second = build(100, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));

describe('known values', () => {
  it.each([
    ['random', numbers(40, (i) => Math.sin(i) * 3)],
    ['one double', [3, 3]],
    ['repeated', numbers(30, (i) => Math.floor(i / 10))],
    ['clustered', numbers(30, (i) => 1 + i * 1e-13)],
    ['negative', numbers(9, (i) => -1 - i)],
    ['of both signs', numbers(12, (i) => (i % 2 ? 1 : -1))],
    ['from 1 to 1e-20', numbers(21, (i) => 10 ** -i)],
    ['all but one tiny', numbers(17, (i) => (i ? 1e-200 : 1))],
  ])('%s', (_, values) => expectValues(withValues(values, 7), values));

  it('the second difference', () =>
    expectValues(
      second,
      numbers(100, (k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / 101)),
    ));

  // Two values that agree in 14 digits, of vectors that stay apart. Wilkinson, The Algebraic Eigenvalue Problem, 1965, p. 309.
  it('Wilkinson W21', () => {
    const values = decomposed(wilkinson);
    expectClose(values.slice(0, 2), [10.746194182903393, 10.746194182903322], 1e-15);
    expectClose(values[20]!, -1.1254415221199835, 1e-14);
  });

  it('diagonal matrices in any order, exactly', () => {
    const { values, vectors } = symmetricEigen(diagonal([2, -7, 0, 5, 2]));
    expect(Array.from(values)).toEqual([5, 2, 2, 0, -7]);
    expect(vectors.data.every((value) => value === 0 || value === 1)).toBe(true);
    expectValues(diagonal([0, 0, 0]), [0, 0, 0]);
  });

  it('a Gram matrix of rank 3 has 27 values of rounding', () => {
    const g = gaussian(3, 30, 2);
    const values = decomposed(columnProducts(g, g));
    values.slice(3).forEach((value) => expect(Math.abs(value)).toBeLessThan(rounding(30) * values[0]!));
    expect(values[2]).toBeGreaterThan(0.1 * values[0]!);
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 33, 150])('random symmetric, n = %i', (n) => void decomposed(symmetric(n, n)));

// D·C·D with C well conditioned: the one-sided Jacobi method has every singular value of G·D to all digits.
test.each([
  { decades: 3, shuffled: false },
  { decades: 3, shuffled: true },
  { decades: 8, shuffled: false },
  { decades: 8, shuffled: true },
])(
  'covariances of variables of very different scale keep their small values, $decades decades',
  ({ decades, shuffled }) => {
    const n = 12;
    const scales = numbers(n, (i) => 10 ** ((-decades * (shuffled ? (i * 5) % n : i)) / (n - 1)));
    const scaled = gaussian(4 * n, n, 5);
    for (let at = 0; at < scaled.data.length; at++) scaled.data[at]! *= scales[at % n]!;
    const expected = svd(scaled).values;
    // The entries of the Gram matrix have lost 4n·ε each, relative to their own size, and cond(C) is below 10.
    decomposed(columnProducts(scaled, scaled)).forEach((value, k) =>
      expect(Math.abs(value / expected[k]! ** 2 - 1)).toBeLessThan(10 * 4 * n * Number.EPSILON * 10),
    );
  },
);

test('a power of two scales the values and leaves the vectors, down to subnormal numbers and up to 1e300', () => {
  const integer = build(6, (i, j) => ((i * j * 7 + i + j) % 11) - 5);
  const { values, vectors } = symmetricEigen(integer);
  for (const exponent of [-1070, -900, -300, 300, 1000]) {
    const scaled = { ...integer, data: integer.data.map((value) => value * 2 ** (exponent / 2) * 2 ** (exponent / 2)) };
    const other = symmetricEigen(scaled);
    expect(other.vectors).toEqual(vectors);
    // Subnormal results are rounded to multiples of 2^−1074.
    other.values.forEach((value, k) => {
      const expected = values[k]! * 2 ** (exponent / 2) * 2 ** (exponent / 2);
      expect(value).toBe(expected);
    });
  }
});

// In the middle of a QL step all numbers are below 1e-160 here, and their squares lose digits.
test('a chain of weak couplings keeps its vectors orthonormal', () => {
  const couplings = [-1.2e-88, -1.11e-13, 1.95e-25];
  const chain = build(4, (i, j) => (Math.abs(i - j) === 1 ? (couplings[Math.min(i, j)] ?? NaN) : 0));
  chain.data[10] = 3.1e-53;
  decomposed(chain);
});

test('averages the triangles', () => {
  expect(symmetricEigen(matrix(2, 2, [1, 3, 1, 1]))).toEqual(symmetricEigen(matrix(2, 2, [1, 2, 2, 1])));
});

// 8/3·n³ flops of reflections alone, 7.2e7 for n = 300.
test('pauses', () => {
  const work = symmetricEigenSteps(symmetric(300, 1));
  let pauses = 0;
  while (!work.next().done) pauses++;
  // About 9 n³ flops.
  const expected = (9 * 300 ** 3) / pauseFlops;
  expect(pauses).toBeGreaterThanOrEqual(expected / 4);
  expect(pauses).toBeLessThan(2 * expected);
});

test.each([NaN, Infinity])('refuses %d', (value) =>
  expect(() => symmetricEigen(matrix(2, 2, [1, 0, value, 1]))).toThrow(InputError),
);
