// Free numbers of CP models: the dimension of the set of tensors that they reach, where that is known.
import { expect, test } from 'vitest';
import { freeNumbers } from '../../src/tensor/free-numbers.js';

test.each([
  { shape: [3, 4, 5], rank: 2, numbers: 20 },
  { shape: [2, 2, 2, 2], rank: 1, numbers: 5 },
  // Matrices of rank R: R (I + J − R), up to all of their entries.
  { shape: [10, 10], rank: 6, numbers: 84 },
  { shape: [4, 7], rank: 4, numbers: 28 },
  { shape: [4, 7], rank: 9, numbers: 28 },
  { shape: [3, 4, 5], rank: 0, numbers: 0 },
])('$shape, rank $rank: $numbers', ({ shape, rank, numbers }) => expect(freeNumbers(shape, rank)).toBe(numbers));
