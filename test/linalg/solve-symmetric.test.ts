// The pseudo-inverse solution of symmetric systems: H·H⁺·H = H and what else defines it, and what a cutoff leaves out.
import { expect, test } from 'vitest';
import { identity, multiply } from '../../src/linalg/algebra.js';
import { qr } from '../../src/linalg/qr.js';
import { solveSymmetric } from '../../src/linalg/solve-symmetric.js';
import { randomStream } from '../../src/random/stream.js';
import { columnProducts, matrix, rowProducts, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { expectClose } from '../support/close.js';

const gaussian = (rows: number, columns: number, seed: number): Matrix =>
  matrix(rows, columns, randomStream(seed).fillNormal(new Float64Array(rows * columns)));

test.each([1, 2, 5, 20])('a regular system has its solution, n = %i', (n) => {
  const g = gaussian(2 * n + 5, n, n);
  const h = columnProducts(g, g);
  const x = gaussian(n, 3, 90);
  expectClose(solveSymmetric(h, multiply(h, x), 1e-12).data, x.data, 1e-12);
});

// Penrose's four conditions; the singular values of g are of one size.
test('a Gram matrix of rank 3 has its pseudo-inverse', () => {
  const g = gaussian(3, 8, 2);
  const h = columnProducts(g, g);
  const inverse = solveSymmetric(h, identity(8), 1e-12);
  const product = multiply(h, inverse);
  expectClose(multiply(product, h).data, h.data, 1e-13);
  expectClose(multiply(inverse, product).data, inverse.data, 1e-13);
  expectClose(transpose(product).data, product.data, 1e-13);
});

test('eigenvalues above the cutoff count, others do not', () => {
  const { q } = qr(gaussian(3, 3, 5));
  const scaled = (values: number[]): Matrix => ({ ...q, data: q.data.map((value, at) => value * values[at % 3]!) });
  const h = rowProducts(scaled([1, 1e-3, 1e-6]), q);
  expectClose(solveSymmetric(h, identity(3), 1e-2).data, rowProducts(scaled([1, 0, 0]), q).data, 1e-14);
  expectClose(solveSymmetric(h, identity(3), 1e-4).data, rowProducts(scaled([1, 1e3, 0]), q).data, 1e-11);
  expectClose(solveSymmetric(h, identity(3), 1e-9).data, rowProducts(scaled([1, 1e3, 1e6]), q).data, 1e-8);
});

test('the zero matrix gives zeros, and so does a negative one', () => {
  expect(solveSymmetric(matrix(2, 2), identity(2), 0).data).toEqual(new Float64Array(4));
  expect(solveSymmetric(matrix(1, 1, [-1]), identity(1), 0).data).toEqual(new Float64Array(1));
});
