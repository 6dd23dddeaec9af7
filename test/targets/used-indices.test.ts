// Entries without the indices that have no value: the same values, and models that fit on either side.
import { expect, test } from 'vitest';
import { predictEntries } from '../../src/analysis/predict.js';
import { observed } from '../../src/targets/observed.js';
import { usedIndices, type UsedIndices } from '../../src/targets/used-indices.js';
import { matrix } from '../../src/tensor/matrix.js';
import { finished } from '../../src/yield.js';

const target = observed([6, 3, 4], [4, 0, 1, 1, 2, 1, 4, 2, 3, 0, 0, 1], [5, 6, 7, 8]);
const model = {
  weights: Float64Array.of(2),
  factors: [matrix(6, 1, [5, 1, 9, 9, 3, 9]), matrix(3, 1, [1, 2, 3]), matrix(4, 1, [8, 1, 8, 2])],
};

function without(modes: readonly number[]): UsedIndices {
  const used = finished(usedIndices(target, modes));
  if (!used) throw new Error('expected indices without a value');
  return used;
}

test('indices count those that have a value, in their order', () => {
  const used = without([0, 1, 2]);
  expect(used.target.shape).toEqual([3, 2, 2]);
  expect([...used.target.indices]).toEqual([2, 0, 0, 1, 1, 0, 2, 1, 1, 0, 0, 0]);
  expect(used.target.values).toBe(target.values);
  expect(used.spared).toEqual([3, 1, 2]);
});

test('a model predicts the same entries on either side, and the mean of the others where nothing is known', () => {
  const { target: small, taken, restored } = without([0, 1, 2]);
  const predictions = predictEntries(model, target.indices);
  expect(predictEntries(taken(model), small.indices)).toEqual(predictions);
  const back = restored(taken(model));
  expect(predictEntries(back, target.indices)).toEqual(predictions);
  // Of two indices the mean says nothing.
  expect(back.factors.map(({ data }) => [...data])).toEqual([
    [5, 1, 3, 3, 3, 3],
    [1, 0, 3],
    [0, 1, 0, 2],
  ]);
});

test('only of the modes named, and not where every index has a value', () => {
  const used = without([1, 2]);
  expect([used.target.shape, used.spared]).toEqual([
    [6, 2, 2],
    [0, 1, 2],
  ]);
  expect(used.restored(used.taken(model)).factors[0]).toEqual(model.factors[0]);
  expect(finished(usedIndices(used.target, [1, 2]))).toBeUndefined();
});

test('squares are expected to be larger where nothing is known, the more so the fewer the others are', () => {
  const { taken, restoredSecondMoment } = without([0, 1, 2]);
  expect(restoredSecondMoment(taken(model)).factors.map(({ data }) => [...data])).toEqual([
    [5, 1, 6, 6, 3, 6],
    [1, 6, 3],
    [4.5, 1, 4.5, 2],
  ]);
});
