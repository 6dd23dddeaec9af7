// A basis that grows from candidates: orthonormal, complete, and no larger than their span.
import { expect, test } from 'vitest';
import { multiply } from '../../src/linalg/algebra.js';
import { GrowingBasis } from '../../src/linalg/growing-basis.js';
import { randomStream } from '../../src/random/stream.js';
import { columnProducts } from '../../src/tensor/matrix.js';

/** `count` random mixtures of `rank` random vectors of this length, the later of these smaller by the powers of `decay`. */
function candidates(count: number, rank: number, length: number, decay = 1): Float64Array[] {
  const random = randomStream(2);
  const vectors = { rows: rank, columns: length, data: random.fillNormal(new Float64Array(rank * length)) };
  vectors.data.forEach((value, at) => (vectors.data[at] = value * decay ** Math.floor(at / length)));
  const mixtures = { rows: count, columns: rank, data: random.fillNormal(new Float64Array(count * rank)) };
  const { data } = multiply(mixtures, vectors);
  return Array.from({ length: count }, (_, i) => data.slice(i * length, (i + 1) * length));
}

test.each([1, 0.01])('the span of mixtures, vectors decaying by %d', (decay) => {
  const basis = new GrowingBasis();
  const all = candidates(9, 5, 12, decay);
  for (const one of all) basis.add(one);
  while (basis.grow());
  expect([basis.size, basis.candidates]).toEqual([5, 4]);
  const { columns } = basis;
  const gram = columnProducts(columns, columns);
  gram.data.forEach((value, at) => expect(Math.abs(value - (at % 6 === 0 ? 1 : 0))).toBeLessThan(1e-14));
  for (const one of all) {
    const parts = multiply({ rows: 1, columns: 12, data: one }, columns);
    const square = parts.data.reduce((sum, part) => sum + part ** 2, 0);
    const whole = one.reduce((sum, value) => sum + value ** 2, 0);
    expect(Math.abs(square / whole - 1)).toBeLessThan(1e-13);
  }
});

test('nothing grows from nothing, nor from zeros', () => {
  const basis = new GrowingBasis();
  expect(basis.grow()).toBe(false);
  basis.add(new Float64Array(3));
  expect([basis.grow(), basis.size]).toEqual([false, 0]);
});

test('a candidate that comes later is seen less what the basis has', () => {
  const basis = new GrowingBasis();
  basis.add(Float64Array.of(2, 0, 0));
  expect(basis.grow()).toBe(true);
  basis.add(Float64Array.of(5, 3, 0));
  basis.add(Float64Array.of(-1, 0, 0));
  expect([basis.grow(), basis.grow()]).toEqual([true, false]);
  expect(Array.from(basis.columns.data)).toEqual([1, 0, 0, 1, 0, 0]);
});
