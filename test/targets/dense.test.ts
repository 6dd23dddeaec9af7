// The constructor of dense targets: which cells it takes for missing, what it keeps, and what it refuses with which words.
import { expect, test } from 'vitest';
import { dense, InputError, relativeError, toDense } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';

const shape = [2, 3];
const data = [1, 2, NaN, 4, Infinity, 6];

test('known cells, missing cells or NaN that is said to mean missing leave the same target; missing cells hold 0', () => {
  const target = dense(shape, data, { known: [1, 1, 0, 1, 0, 1] });
  expect(target.known).toEqual(Uint8Array.of(1, 1, 0, 1, 0, 1));
  expect(target.data).toEqual(Float64Array.of(1, 2, 0, 4, 0, 6));
  expect(dense(shape, data, { known: [true, true, false, true, false, true] })).toEqual(target);
  expect(dense(shape, data, { missing: [0, 0, 1, 0, 1, 0] })).toEqual(target);
  expect(dense(shape, data, { missing: [false, false, true, false, true, false] })).toEqual(target);
  const marked = [1, 2, NaN, 4, NaN, 6];
  expect(dense(shape, marked, { missing: 'nan' })).toEqual(target);
  expect(dense(shape, data, { known: [1, 1, 1, 1, 0, 1], missing: 'nan' })).toEqual(target);
});

test('a tensor without a missing cell says nothing of known ones, and keeps its data', () => {
  const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
  const target = dense(shape, numbers, { known: new Uint8Array(6).fill(1), missing: 'nan' });
  expect(target).toEqual(dense(shape, numbers));
  expect(target.data).toBe(numbers);
  expect('known' in target).toBe(false);
});

test('the relative error is over the known cells', () => {
  const { tensor, truth } = plantedCp({ shape: [4, 3, 5], rank: 2, seed: 1 });
  const known = new Uint8Array(60).fill(1);
  const spoiled = Float64Array.from(tensor.data);
  for (const cell of [0, 17, 33, 59]) {
    known[cell] = 0;
    spoiled[cell] = 1e6;
  }
  const target = dense(tensor.shape, spoiled, { known });
  expect(relativeError(truth, target)).toBeLessThan(1e-14);
  expect(relativeError(toDense(truth), target)).toBeLessThan(1e-14);
  const half = { ...truth, weights: truth.weights.map((weight) => weight / 2) };
  expect(relativeError(half, target)).toBeCloseTo(0.5, 14);
  expect(relativeError(toDense(half), target)).toBeCloseTo(0.5, 14);
});

test.each([
  [() => dense([6], data), 'at least 2 modes, got 1'],
  [
    () => dense(shape, data),
    "got NaN at index [0, 2]. If it marks a missing cell, give { missing: 'nan' }, or mark it in known",
  ],
  [() => dense(shape, data, { missing: 'nan' }), 'got Infinity at index [1, 1]'],
  [() => dense(shape, data, { known: [1, 1, 1, 1, 0, 1] }), 'got NaN at index [0, 2]'],
  [() => dense(shape, data, { known: [1, 1, 1] }), 'known to have 6 marks, one for each number, got 3'],
  [() => dense(shape, data, { known: [1, 1, 0.5, 1, 1, 1] }), 'known to hold 0 and 1, got 0.5 at index [0, 2]'],
  [
    () => dense(shape, data, { missing: 'NaN' as 'nan' }),
    'missing to be \'nan\' or marks of the missing cells, got the string "NaN"',
  ],
  [() => dense(shape, data, { nan: true } as object), 'got nan'],
  [() => dense([3, 3], data, { missing: 'nan' }), 'expected 9 numbers'],
  [() => dense(shape, data, { known: [1, 1, 0, 1, 0, 0] }), 'got none at index 2 of mode 1'],
  [() => dense(shape, data, { known: [0, 0, 0, 1, 0, 1] }), 'got none at index 0 of mode 0'],
  [() => dense([1, 2, 3], data, { known: [1, 1, 0, 0, 0, 0] }), 'got none at index 1 of mode 1'],
])('bad input %# is refused', (make, message) => {
  expect(make).toThrow(InputError);
  expect(make).toThrow(message);
});
