// The constructors denseSymmetric, moments and sensing: what they keep, and what they refuse with which words.
import { expect, test } from 'vitest';
import { denseSymmetric, denseTensor, InputError, matrix, moments, packSymmetric, sensing } from '../../src/index.js';

test('denseSymmetric keeps packed entries, of packSymmetric too', () => {
  const target = denseSymmetric(2, 2, [1, 2, 3]);
  expect(target).toEqual({ kind: 'denseSymmetric', order: 2, dim: 2, data: Float64Array.of(1, 2, 3) });
  expect(denseSymmetric(packSymmetric(denseTensor([2, 2], [1, 2, 2, 3])))).toEqual(target);
});

test('moments weighs samples by 1 / count unless told otherwise', () => {
  const target = moments({
    order: 3,
    samples: [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ],
  });
  expect(target).toMatchObject({ kind: 'moments', order: 3, dim: 2, cumulant: false });
  expect([...target.weights]).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect([...moments({ order: 2, samples: [[1]], weights: [3] }).weights]).toEqual([3]);
});

test('a cumulant is taken of whitened samples', () => {
  const samples = matrix(4, 2, [1, 1, 1, -1, -1, 1, -1, -1]);
  expect(moments({ order: 4, samples, cumulant: true }).cumulant).toBe(true);
});

test('sensing takes dense measurements, or factors with one component each', () => {
  const dense = sensing([2, 2], [1, 2, 3, 4, 5, 6, 7, 8], [9, 10]);
  expect(dense).toMatchObject({ kind: 'sensing', shape: [2, 2], count: 2, measurements: { kind: 'dense' } });
  const factors = [matrix(2, 2, [1, 2, 3, 4]), matrix(2, 3, [1, 2, 3, 4, 5, 6])];
  expect(sensing([2, 3], { factors }, [1, 2]).measurements).toEqual({
    kind: 'kruskal',
    terms: 1,
    factors,
    weights: Float64Array.of(1, 1),
  });
  expect(sensing([2, 3], { factors, terms: 2, weights: [3, 4] }, [1]).count).toBe(1);
});

const factors = [matrix(2, 2, [1, 2, 3, 4]), matrix(2, 2, [1, 2, 3, 4])];

test.each([
  [() => denseSymmetric(3, 3, [1]), 'expected 10 numbers'],
  [() => packSymmetric(denseTensor([2, 2], [1, 2, 3, 4])), 'an entry 0.500 off the mean'],
  [() => moments({ order: 1, samples: [[1]] }), 'an order from 2 to 8, got 1'],
  [() => moments({ order: 3, samples: [] }), 'rows of one length'],
  [() => moments({ order: 3, samples: [[1, 2], [3]] }), 'got 2 and 1'],
  [() => moments({ order: 3, samples: [[1, NaN]] }), 'got NaN'],
  [() => moments({ order: 3, samples: [[1]], weights: [1, 2] }), 'expected 1 weights'],
  [() => moments({ order: 3, samples: [[1], [-1]], cumulant: true }), 'expected order 4'],
  [() => moments({ order: 4, samples: [[2], [-2]], cumulant: true }), 'mean square 4.00 in coordinate 0'],
  [() => moments({ order: 3, samples: [[1e110]] }), 'samples of size about 1e110. Divide them by 1e110.'],
  [() => moments({ order: 3, samples: [[1e-110]] }), 'samples of size about 1e-110. Divide them by 1e-110.'],
  [() => moments({ order: 3, samples: [[1]], weights: [1e305] }), 'weights of size about 1e305. Divide them by 1e305.'],
  [() => sensing([4], [1, 2, 3, 4], [1]), 'at least 2 modes'],
  [() => sensing([2, 2], [], []), 'at least one measurement'],
  [() => sensing([2, 2], [1, 2, 3], [1]), 'expected measurements [1, 4]'],
  [() => sensing([2, 2], [1, 2, 3, Infinity], [1]), 'finite measurements, got Infinity at entry 3'],
  [() => sensing([2, 2], { factors: [] }, [1]), 'one factor a mode, 2'],
  [() => sensing([2, 2], { factors }, [1]), 'factors[0] to be [1, 2]'],
  [() => sensing([2, 2], { factors, weights: [1] }, [1, 2]), 'expected 2 weights'],
  [() => sensing([2, 2], { factors, terms: 0 }, [1, 2]), 'positive integer, got 0'],
])('bad input %# is refused', (make, message) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});
