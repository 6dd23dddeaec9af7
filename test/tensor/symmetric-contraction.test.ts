// Many vectors are contracted by products of matrices, few one by one: with small integers every sum is exact, so both must be equal,
// and work with pauses lets others have their turn.
import { expect, test } from 'vitest';
import { contractPacked, contractPackedSteps } from '../../src/tensor/symmetric-contraction.js';
import { packedLength } from '../../src/tensor/symmetric.js';

const integers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => ((Math.imul(i + 1 + 1000 * seed, 2654435761) >>> 16) % 7) - 3);

test.each([
  { order: 2, dim: 40, count: 65 },
  { order: 3, dim: 25, count: 300 },
  { order: 4, dim: 24, count: 64 },
  { order: 5, dim: 24, count: 64 },
])('order $order, dimension $dim, $count vectors', ({ order, dim, count }) => {
  // Multiples of order!, so that shares of an entry on the diagonal are integers.
  const data = integers(packedLength(order, dim), 1).map((value) => 120 * value);
  const tensor = { order, dim, data };
  const x = integers(count * dim, 2);
  const together = new Float64Array(count * dim).fill(7);
  contractPacked(tensor, x, count, together);
  for (let row = 0; row < count; row++) {
    const alone = new Float64Array(dim);
    contractPacked(tensor, x.subarray(row * dim, (row + 1) * dim), 1, alone);
    expect(together.subarray(row * dim, (row + 1) * dim)).toEqual(alone);
  }
});

test('pauses', () => {
  const order = 3;
  const dim = 60;
  const count = 200;
  const tensor = { order, dim, data: integers(packedLength(order, dim), 1) };
  let pauses = 0;
  const work = contractPackedSteps(tensor, integers(count * dim, 2), count, new Float64Array(count * dim));
  while (!work.next().done) pauses++;
  expect(pauses).toBeGreaterThan(3);
});
