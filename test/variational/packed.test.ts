// Lower triangles: the inverse by its definition, and matrices that have none.
import { expect, test } from 'vitest';
import { randomStream } from '../../src/random/stream.js';
import { invertPacked, multiplyPacked, pairsOf } from '../../src/variational/packed.js';

const sizes = [1, 2, 3, 5, 8, 16];

/** B Bᵀ + I, whose condition number is at most that of B Bᵀ + 1. */
function positiveDefinite(n: number): Float64Array {
  const b = randomStream(n).fillNormal(new Float64Array(n * n));
  const packed = new Float64Array(pairsOf(n));
  for (let r = 0, at = 0; r < n; r++) {
    for (let s = 0; s <= r; s++, at++) {
      for (let t = 0; t < n; t++) packed[at]! += b[r * n + t]! * b[s * n + t]!;
      if (s === r) packed[at]! += 1;
    }
  }
  return packed;
}

test.each(sizes)('A A⁻¹ x = x, %d × %d', (n) => {
  const a = positiveDefinite(n);
  const inverse = a.slice();
  invertPacked(inverse, n);
  const x = randomStream(1).fillNormal(new Float64Array(n));
  const there = new Float64Array(n);
  const back = new Float64Array(n);
  multiplyPacked(inverse, n, x, there);
  multiplyPacked(a, n, there, back);
  // Rounding grows by the condition number, below 1 + trace(B Bᵀ), about n² + 1.
  x.forEach((value, r) => expect(Math.abs(back[r]! - value)).toBeLessThan(100 * n * (n * n + 1) * Number.EPSILON));
});

test('log det of a diagonal', () => {
  expect(invertPacked(Float64Array.of(2, 0, 3, 0, 0, 5), 3)).toBeCloseTo(Math.log(30), 14);
});

test('a matrix that is not positive definite has none', () => {
  expect(invertPacked(Float64Array.of(1, 1, 1), 2)).toBeNaN();
  expect(invertPacked(Float64Array.of(1, 2, 1), 2)).toBeNaN();
});
