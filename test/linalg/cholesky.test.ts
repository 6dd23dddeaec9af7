// The Cholesky factor of small matrices, in one go, and of large ones, half by half: its product with itself is the matrix, within rounding;
// what stands above the diagonal is left alone; a column that is a combination of those before it is found, wherever it is.
import { describe, expect, test } from 'vitest';
import { factorInPlace, factorSteps } from '../../src/linalg/cholesky.js';
import { finished } from '../../src/yield.js';
import { normals } from '../support/parity.js';

/** B·Bᵀ for B [n, columns], with NaN above the diagonal. */
function lowerGram(b: Float64Array, n: number, columns: number): Float64Array {
  const a = new Float64Array(n * n).fill(NaN);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += b[i * columns + k]! * b[j * columns + k]!;
      a[i * n + j] = sum;
    }
  }
  return a;
}

describe.each([1, 3, 31, 33, 96, 257])('n = %i', (n) => {
  const b = normals(n * n, 1);
  for (let i = 0; i < n; i++) b[i * n + i]! += n;
  const a = lowerGram(b, n, n);

  test('L·Lᵀ = A', () => {
    const l = a.slice();
    expect(factorInPlace(l, n)).toBe(true);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBeNaN();
    }
    const product = lowerGram(
      l.map((value) => (Number.isNaN(value) ? 0 : value)),
      n,
      n,
    );
    // Higham, "Accuracy and Stability of Numerical Algorithms", 2002, theorem 10.3: (n + 1)·u times the diagonal, twice that here.
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const bound = (n + 2) * Number.EPSILON * Math.sqrt(a[i * n + i]! * a[j * n + j]!);
        expect(Math.abs(product[i * n + j]! - a[i * n + j]!)).toBeLessThanOrEqual(bound);
      }
    }
  });

  test('with pauses it is the same', () => {
    const l = a.slice();
    const paused = a.slice();
    factorInPlace(l, n);
    expect(finished(factorSteps(paused, n))).toBe(true);
    expect(paused).toEqual(l);
  });
});

test.each([
  { n: 40, rank: 20 },
  { n: 257, rank: 100 },
  { n: 257, rank: 256 },
])('a matrix [$n, $n] of rank $rank is refused', ({ n, rank }) => {
  expect(factorInPlace(lowerGram(normals(n * rank, 2), n, rank), n)).toBe(false);
});
