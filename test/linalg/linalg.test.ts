import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix as Oracle, CholeskyDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { maxAssignment } from '../../src/linalg/assignment.js';
import { factorInPlace, inverseOfFactored, solveInPlace } from '../../src/linalg/cholesky.js';
import { dot } from '../../src/linalg/dot.js';
import { symmetricEigen } from '../../src/linalg/eigen.js';
import { qr } from '../../src/linalg/qr.js';
import { randomStream } from '../../src/random/stream.js';
import { columnProducts, matrix, rowProducts, transpose } from '../../src/tensor/matrix.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { matrixOf } from '../support/arbitraries.js';
import { expectClose } from '../support/close.js';

const gaussian = (rows: number, columns: number, seed: number): Matrix =>
  matrix(rows, columns, randomStream(seed).fillNormal(new Float64Array(rows * columns)));
const multiply = (a: Matrix, b: Matrix): Matrix => rowProducts(a, transpose(b));
const identity = (n: number): Matrix =>
  matrix(
    n,
    n,
    Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
  );
const oracle = (a: Matrix): Oracle => Oracle.from1DArray(a.rows, a.columns, Array.from(a.data));
const sizes = [1, 2, 3, 7, 20];

/** L [n, n] with zeros above the diagonal, and whether the factorization succeeded. */
function cholesky({ rows: n, data }: Matrix): { ok: boolean; lower: Matrix } {
  const lower = data.slice();
  const ok = factorInPlace(lower, n);
  for (let i = 0; i < n; i++) lower.fill(0, i * n + i + 1, (i + 1) * n);
  return { ok, lower: matrix(n, n, lower) };
}

describe.each(sizes)('cholesky, n = %i', (n) => {
  const a = columnProducts(gaussian(n + 3, n, n), gaussian(n + 3, n, n));
  it('gives L with L·Lᵀ = A, as ml-matrix', () => {
    const { ok, lower } = cholesky(a);
    expect(ok).toBe(true);
    expectClose(rowProducts(lower, lower).data, a.data, 1e-13);
    expectClose(lower.data, new CholeskyDecomposition(oracle(a)).lowerTriangularMatrix.to1DArray(), 1e-11);
  });
  it('solves, and inverts', () => {
    const { lower } = cholesky(a);
    const x = gaussian(n, 1, 99);
    const solution = multiply(a, x).data;
    solveInPlace(lower.data, n, solution);
    expectClose(solution, x.data, 1e-8);
    expectClose(multiply(a, matrix(n, n, inverseOfFactored(lower.data, n))).data, identity(n).data, 1e-8);
  });
});

describe('cholesky', () => {
  it('fails where a column depends on others', () => {
    const a = gaussian(5, 4, 1);
    for (let i = 0; i < 5; i++) a.data[i * 4 + 2] = (a.data[i * 4] ?? 0) - 3 * (a.data[i * 4 + 1] ?? 0);
    expect(cholesky(columnProducts(a, a)).ok).toBe(false);
    expect(cholesky(matrix(1, 1, [-1])).ok).toBe(false);
    expect(cholesky(matrix(1, 1, [NaN])).ok).toBe(false);
  });
});

describe('qr', () => {
  it('gives orthonormal columns, an upper triangle with diagonal ≥ 0, and their product', () => {
    for (const [rows, columns] of [
      [1, 1],
      [5, 3],
      [3, 5],
      [4, 4],
      [20, 7],
      [300, 22],
    ] as const) {
      const a = gaussian(rows, columns, 3);
      const { q, r } = qr(a);
      expectClose(columnProducts(q, q).data, identity(Math.min(rows, columns)).data, 1e-14);
      expectClose(multiply(q, r).data, a.data, 1e-14);
      for (let i = 0; i < r.rows; i++) {
        expect(r.data[i * columns + i]).toBeGreaterThanOrEqual(0);
        for (let j = 0; j < i; j++) expect(r.data[i * columns + j]).toBe(0);
      }
    }
  });
  it('of columns whose squares are beyond float64', () => {
    const a = gaussian(6, 3, 4);
    for (let at = 0; at < a.data.length; at++) a.data[at]! *= [1e200, 1e-200, 1][at % 3]!;
    const { q, r } = qr(a);
    expectClose(columnProducts(q, q).data, identity(3).data, 1e-14);
    const product = multiply(q, r);
    for (let k = 0; k < 3; k++) {
      const column = (from: Matrix): Float64Array => from.data.filter((_, at) => at % 3 === k);
      expectClose(column(product), column(a), 1e-14);
    }
  });
  it('of any matrix, zeros and repeated columns included, still multiplies back', () => {
    fc.assert(fc.property(matrixOf(4, 3), (a) => expectClose(multiply(qr(a).q, qr(a).r).data, a.data, 1e-13)));
  });
});

describe('symmetricEigen', () => {
  it.each(sizes)('diagonalizes, with the values of ml-matrix, n = %i', (n) => {
    const g = gaussian(n, n, n + 50);
    const a = matrix(
      n,
      n,
      g.data.map((value, at) => value + (g.data[(at % n) * n + Math.floor(at / n)] ?? NaN)),
    );
    const { values, vectors } = symmetricEigen(a);
    expectClose(columnProducts(vectors, vectors).data, identity(n).data, 1e-13);
    const scaled = matrix(
      n,
      n,
      vectors.data.map((value, at) => value * (values[at % n] ?? NaN)),
    );
    expectClose(rowProducts(scaled, vectors).data, a.data, 1e-13);
    const expected = new EigenvalueDecomposition(oracle(a)).realEigenvalues.sort((x, y) => y - x);
    expectClose(values, expected, 1e-12);
  });
  it('sorts, and keeps tiny eigenvalues of a graded definite matrix accurate', () => {
    const { values } = symmetricEigen(matrix(3, 3, [1, 1e-10, 0, 1e-10, 1e-12, 0, 0, 0, 5]));
    expectClose(values.slice(0, 2), [5, 1], 1e-15);
    expect(values[2]).toBeGreaterThan(0.99e-12);
  });
  it('takes any symmetric matrix to its end', () => {
    fc.assert(
      fc.property(matrixOf(4, 4), (g) => {
        const a = columnProducts(g, g);
        const { values, vectors } = symmetricEigen(a);
        const scaled = matrix(
          4,
          4,
          vectors.data.map((value, at) => value * (values[at % 4] ?? NaN)),
        );
        expectClose(rowProducts(scaled, vectors).data, a.data, 1e-13);
      }),
    );
    expect(symmetricEigen(matrix(0, 0)).values.length).toBe(0);
    expect(() => symmetricEigen(matrix(1, 1, [NaN]))).toThrow(InputError);
  });
});

describe('maxAssignment', () => {
  const total = (scores: Matrix, columnOf: ArrayLike<number>): number =>
    Array.from(columnOf).reduce(
      (sum, column, row) => sum + (column < 0 ? 0 : (scores.data[row * scores.columns + column] ?? NaN)),
      0,
    );
  /** Best total over all injections, by trying them. */
  function best(
    scores: Matrix,
    row = 0,
    used = new Set<number>(),
    skips = Math.max(0, scores.rows - scores.columns),
  ): number {
    if (row === scores.rows) return 0;
    let value = skips > 0 ? best(scores, row + 1, used, skips - 1) : -Infinity;
    for (let column = 0; column < scores.columns; column++) {
      if (used.has(column)) continue;
      const rest = best(scores, row + 1, new Set([...used, column]), skips);
      value = Math.max(value, (scores.data[row * scores.columns + column] ?? NaN) + rest);
    }
    return value;
  }

  it('is as good as trying all, rectangular too', () => {
    const sized = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(
        sized.chain(([rows, columns]) => matrixOf(rows, columns)),
        (scores) => {
          const columnOf = Array.from(maxAssignment(scores));
          const used = columnOf.filter((column) => column >= 0);
          expect(new Set(used).size).toBe(used.length);
          expect(used.length).toBe(Math.min(scores.rows, scores.columns));
          expect(total(scores, columnOf)).toBeCloseTo(best(scores), 9);
        },
      ),
    );
  });
  it('finds a hidden permutation of 300 rows', () => {
    const n = 300;
    const random = randomStream(5);
    const scores = matrix(
      n,
      n,
      Array.from({ length: n * n }, () => random.uniform()),
    );
    for (let row = 0; row < n; row++) scores.data[row * n + ((row * 7 + 3) % n)] = 2;
    expect(Array.from(maxAssignment(scores))).toEqual(Array.from({ length: n }, (_, row) => (row * 7 + 3) % n));
  });
  it('refuses NaN', () => expect(() => maxAssignment(matrix(1, 1, [NaN]))).toThrow(InputError));
});

describe('dot', () => {
  it.each([0, 1, 3, 4, 7])('sums %i products, also from the middle of longer arrays', (count) => {
    const a = Float64Array.from({ length: 12 }, (_, i) => i + 1);
    const b = Float64Array.from({ length: 12 }, (_, i) => 2 * i - 5);
    let expected = 0;
    for (let k = 0; k < count; k++) expected += a[2 + k]! * b[5 + k]!;
    expect(dot(a, b, count, 2, 5)).toBe(expected);
    expect(dot(a.subarray(2, 2 + count), b.subarray(5))).toBe(expected);
  });
});
