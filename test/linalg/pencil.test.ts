// Pencils A = P·D₁·Qᵀ, B = P·D₂·Qᵀ that are built from their eigenvectors, the columns of Q⁻ᵀ. D₁ and D₂ hold cosines and sines of
// angles between 0 and π, whose differences are the distances between eigenvalues. A backward error of n·ε turns an eigenvector by
// cond(P)·cond(Q)·n·ε / distance at most, to first order (Stewart & Sun, Matrix Perturbation Theory, 1990, section VI.2).
import { EigenvalueDecomposition, Matrix as Oracle } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { multiply } from '../../src/linalg/algebra.js';
import { generalEigenvalues } from '../../src/linalg/general-eigen.js';
import { luInPlace, luSolveInPlace } from '../../src/linalg/lu.js';
import { pencilVectors } from '../../src/linalg/pencil.js';
import { svd } from '../../src/linalg/svd.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { expectClose } from '../support/close.js';

const gaussian = (rows: number, columns: number, seed: number): Matrix =>
  matrix(rows, columns, randomStream(seed).fillNormal(new Float64Array(rows * columns)));
const numbers = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));
const diagonal = (values: readonly number[]): Matrix => {
  const a = matrix(values.length, values.length);
  values.forEach((value, i) => (a.data[i * (values.length + 1)] = value));
  return a;
};
const times = (a: Matrix, factor: number): Matrix => ({ ...a, data: a.data.map((value) => value * factor) });

/** U·diag·Vᵀ with singular values from 1 to 1/condition, and its inverse's transpose. */
function conditioned(n: number, condition: number, seed: number): { q: Matrix; inverseTransposed: Matrix } {
  const { u, v } = svd(gaussian(n, n, seed));
  const values = numbers(n, (i) => condition ** (-i / Math.max(1, n - 1)));
  return {
    q: multiply(multiply(u, diagonal(values)), transpose(v)),
    inverseTransposed: multiply(multiply(u, diagonal(values.map((value) => 1 / value))), transpose(v)),
  };
}

interface Built {
  readonly a: Matrix;
  readonly b: Matrix;
  /** The true eigenvectors, in its columns. */
  readonly vectors: Matrix;
}

function built(first: Matrix, second: Matrix, condition = 10, seed = 1): Built {
  const n = first.rows;
  const p = conditioned(n, condition, seed).q;
  const { q, inverseTransposed } = conditioned(n, condition, seed + 100);
  return {
    a: multiply(multiply(p, first), transpose(q)),
    b: multiply(multiply(p, second), transpose(q)),
    vectors: inverseTransposed,
  };
}

const fromAngles = (angles: readonly number[], condition = 10, seed = 1): Built =>
  built(diagonal(angles.map(Math.cos)), diagonal(angles.map(Math.sin)), condition, seed);

const columns = (a: Matrix, chosen: readonly number[]): Matrix =>
  matrix(
    a.rows,
    chosen.length,
    numbers(a.rows * chosen.length, (at) => {
      const column = chosen[at % chosen.length] ?? NaN;
      return a.data[Math.floor(at / chosen.length) * a.columns + column]!;
    }),
  );

function beside(...parts: Matrix[]): Matrix {
  const rows = parts[0]?.rows ?? 0;
  const count = parts.reduce((sum, part) => sum + part.columns, 0);
  const out = matrix(rows, count);
  let first = 0;
  for (const part of parts) {
    for (let i = 0; i < rows; i++) {
      out.data.set(part.data.subarray(i * part.columns, (i + 1) * part.columns), i * count + first);
    }
    first += part.columns;
  }
  return out;
}

const unitColumns = (a: Matrix): Matrix => {
  const norms = numbers(a.columns, (k) => Math.hypot(...columns(a, [k]).data));
  return { ...a, data: a.data.map((value, at) => value / norms[at % a.columns]!) };
};

/** The sine of the largest angle between a vector of the first column space and the second space. Orthonormal bases come from the SVD. */
function distance(from: Matrix, to: Matrix): number {
  const { u } = svd(unitColumns(to));
  const unit = svd(unitColumns(from)).u;
  const projected = multiply(u, multiply(transpose(u), unit));
  return svd({ ...unit, data: unit.data.map((value, at) => value - projected.data[at]!) }).values[0]!;
}

/** How far A and B are, relative to their norms, from mapping the span of k vectors to one space of k dimensions. */
function residual({ a, b }: Built, vectors: Matrix): number {
  const images = beside(
    times(multiply(a, vectors), 1 / Math.hypot(...a.data)),
    times(multiply(b, vectors), 1 / Math.hypot(...b.data)),
  );
  return svd(images).values[vectors.columns] ?? 0;
}

function vectorsOf({ a, b }: Built): Matrix {
  const found = pencilVectors(a, b);
  if (!found) throw new Error('no vectors');
  for (let k = 0; k < a.rows; k++) expect(Math.abs(Math.hypot(...columns(found, [k]).data) - 1)).toBeLessThan(1e-14);
  return found;
}

/** Every true vector of the group is in the span of some found columns, as many as the group has; which columns those are. */
function expectGroup(found: Matrix, truth: Matrix, group: readonly number[], tolerance: number): number[] {
  const space = columns(truth, group);
  const near = numbers(found.columns, (k) => k)
    .map((k) => ({ k, far: distance(columns(found, [k]), space) }))
    .sort((x, y) => x.far - y.far)
    .slice(0, group.length)
    .map(({ k }) => k);
  expect(distance(space, columns(found, near))).toBeLessThan(tolerance);
  return near;
}

describe.each([
  { n: 1, condition: 1 },
  { n: 2, condition: 10 },
  { n: 3, condition: 1e3 },
  { n: 10, condition: 10 },
  { n: 30, condition: 1e3 },
  { n: 60, condition: 10 },
])('n = $n, factors of condition $condition', ({ n, condition }) => {
  test('all eigenvectors', () => {
    const pencil = fromAngles(
      numbers(n, (i) => ((i + 0.3) * Math.PI) / n),
      condition,
    );
    const found = vectorsOf(pencil);
    const separation = Math.sin(Math.PI / Math.max(2, n));
    const tolerance = (10 * condition ** 2 * n * Number.EPSILON) / separation;
    expect(tolerance).toBeLessThan(1e-5);
    const used = numbers(n, (k) => k).flatMap((k) => expectGroup(found, pencil.vectors, [k], tolerance));
    expect(new Set(used).size).toBe(n);
    for (let k = 0; k < n; k++) expect(residual(pencil, columns(found, [k]))).toBeLessThan(10 * n * Number.EPSILON);
  });
});

// M⁻¹·N loses all digits of the eigenvalues here, N·M⁻¹ does not, and the other way round for the transposed pencil.
test.each([false, true])('one factor of condition 1e9 (transposed: %s)', (isTransposed) => {
  const n = 20;
  const { q } = conditioned(n, 1e9, 3);
  const { q: p } = conditioned(n, 1, 4);
  const angles = numbers(n, (i) => ((i + 0.3) * Math.PI) / n);
  const mixture = (values: number[]): Matrix => {
    const a = multiply(multiply(p, diagonal(values)), transpose(q));
    return isTransposed ? transpose(a) : a;
  };
  const a = mixture(angles.map(Math.cos));
  const b = mixture(angles.map(Math.sin));
  const found = vectorsOf({ a, b, vectors: p });
  const truth = isTransposed ? p : conditioned(n, 1e9, 3).inverseTransposed;
  const tolerance = (10 * 1e9 * n * Number.EPSILON) / Math.sin(Math.PI / n);
  expect(tolerance).toBeLessThan(1e-3);
  const used = numbers(n, (k) => k).flatMap((k) => expectGroup(found, truth, [k], tolerance));
  expect(new Set(used).size).toBe(n);
});

test('A and B may both be singular', () => {
  const pencil = built(diagonal([1, 0, 1, 2]), diagonal([0, 1, 3, -1]));
  const found = vectorsOf(pencil);
  numbers(4, (k) => k).forEach((k) => expectGroup(found, pencil.vectors, [k], 1e-11));
});

test('repeated eigenvalues: the columns span the space that belongs to them', () => {
  const pencil = fromAngles([0.5, 1, 1, 1, 2, 2.5]);
  const found = vectorsOf(pencil);
  // A space is as well determined as a vector: angles are 0.5 apart at least.
  expectGroup(found, pencil.vectors, [1, 2, 3], 1e-11);
  [0, 4, 5].forEach((k) => expectGroup(found, pencil.vectors, [k], 1e-11));
});

test('complex pairs: two orthogonal columns that span the plane', () => {
  const first = diagonal([1, 1, -0.5, -0.5, 3]);
  first.data[1] = -2;
  first.data[5] = 2;
  first.data[13] = 0.1;
  first.data[17] = -0.1;
  const pencil = built(first, diagonal([1, 1, 1, 1, 1]));
  const found = vectorsOf(pencil);
  for (const pair of [
    [0, 1],
    [2, 3],
  ]) {
    const [i, j] = expectGroup(found, pencil.vectors, pair, 1e-11);
    if (i === undefined || j === undefined) throw new Error('two columns');
    expect(Math.abs(i - j)).toBe(1);
    const product = columns(found, [i]).data.reduce((sum, value, at) => sum + value * columns(found, [j]).data[at]!, 0);
    expect(Math.abs(product)).toBeLessThan(1e-13);
    expect(residual(pencil, columns(found, [i, j]))).toBeLessThan(1e-14);
  }
  expectGroup(found, pencil.vectors, [4], 1e-11);
});

test('a Jordan block gives its one eigenvector', () => {
  const first = diagonal([1, 1, 3]);
  first.data[1] = 1;
  const pencil = built(first, diagonal([1, 1, 1]), 2);
  const found = vectorsOf(pencil);
  // Half of the digits: the eigenvalue moves by the root of a perturbation.
  expect(distance(columns(pencil.vectors, [0]), columns(found, [0, 1, 2]))).toBeLessThan(1e-5);
  expectGroup(found, pencil.vectors, [0], 1e-5);
  expectGroup(found, pencil.vectors, [2], 1e-12);
});

test.each([1e250, 1e-250])('matrices of any scale: %d', (scale) => {
  const pencil = fromAngles([0.5, 1, 2]);
  const found = vectorsOf({ ...pencil, a: times(pencil.a, scale), b: times(pencil.b, 1 / scale) });
  numbers(3, (k) => k).forEach((k) => expectGroup(found, pencil.vectors, [k], 1e-11));
});

describe('undefined', () => {
  const a = gaussian(4, 4, 1);
  const zero = matrix(4, 4);
  const narrow = gaussian(4, 3, 2);
  const common = (seed: number): Matrix => multiply(gaussian(4, 3, seed), transpose(narrow));
  test.each([
    ['NaN', a, matrix(4, 4, [...numbers(15, () => 1), NaN])],
    ['Infinity', times(a, Infinity), a],
    ['two zeros', zero, zero],
    ['a common null vector', common(3), common(4)],
    ['a singular matrix and zero', common(3), zero],
  ])('%s', (_, first, second) => expect(pencilVectors(first, second)).toBeUndefined());
});

test('a regular matrix and zero: any basis', () => {
  expect(svd(vectorsOf({ a: gaussian(4, 4, 1), b: matrix(4, 4), vectors: matrix(4, 4) })).values[3]).toBeGreaterThan(
    1e-3,
  );
});

test('sizes that differ are refused', () => {
  expect(() => pencilVectors(matrix(2, 2), matrix(3, 3))).toThrow(InputError);
  expect(() => pencilVectors(matrix(2, 3), matrix(2, 3))).toThrow(InputError);
});

describe('generalEigenvalues', () => {
  const sorted = (values: { real: ArrayLike<number>; imaginary: ArrayLike<number> }): number[][] =>
    Array.from(values.real, (real, k) => [real, values.imaginary[k] ?? NaN]).sort(
      ([a = 0, b = 0], [c = 0, d = 0]) => Math.round((a - c) * 1e9) || b - d,
    );
  const valuesOf = ({ rows, data }: Matrix): number[][] => {
    const found = generalEigenvalues(data.slice(), rows);
    if (!found) throw new Error('no values');
    return sorted(found);
  };

  test.each([1, 2, 3, 4, 10, 40])('as ml-matrix, n = %i', (n) => {
    const a = gaussian(n, n, n);
    const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
      Oracle.from1DArray(n, n, Array.from(a.data)),
    );
    expectClose(valuesOf(a).flat(), sorted({ real: realEigenvalues, imaginary: imaginaryEigenvalues }).flat(), 1e-11);
  });

  // The usual shifts of this matrix are 0 for ever.
  test('a cyclic permutation has the roots of 1', () => {
    const a = matrix(4, 4, [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
    expectClose(valuesOf(a).flat(), [-1, 0, 0, -1, 0, 1, 1, 0], 1e-14);
  });

  test('rows and columns of very different size, after balancing', () => {
    const scales = [1, 1e8, 1e-6, 1e3, 1e10];
    const a = gaussian(5, 5, 9);
    const scaled = { ...a, data: a.data.map((value, at) => (value * scales[at % 5]!) / scales[Math.floor(at / 5)]!) };
    expectClose(valuesOf(scaled).flat(), valuesOf(a).flat(), 1e-13);
  });

  // Their product is the determinant, 1e-17 − 1e-18.
  test('two real eigenvalues without cancellation', () => {
    expect(valuesOf(matrix(2, 2, [1, 1e-9, 1e-9, 1e-17]))[0]![0]! / 9e-18).toBeCloseTo(1, 12);
  });

  test('undefined for NaN', () => expect(generalEigenvalues(Float64Array.of(NaN), 1)).toBeUndefined());
});

describe('LU', () => {
  test.each([1, 2, 5, 40])('solves, n = %i', (n) => {
    const a = gaussian(n, n, n);
    const x = gaussian(n, 3, 77);
    const solution = multiply(a, x);
    const lu = a.data.slice();
    luSolveInPlace(lu, luInPlace(lu, n), n, solution.data, 3);
    expectClose(solution.data, x.data, 1e-12);
  });
  test('exchanges rows where the first pivot is 0, and takes the smallest pivot allowed where all are', () => {
    const lu = Float64Array.of(0, 2, 3, 0);
    const x = Float64Array.of(4, 9);
    luSolveInPlace(lu, luInPlace(lu, 2), 2, x);
    expect(Array.from(x)).toEqual([3, 2]);
    const singular = Float64Array.of(1, 2, 2, 4);
    luInPlace(singular, 2, 1e-3);
    expect(singular[3]).toBe(1e-3);
  });
});
