// Cross-validation by hidden cells: the planted rank predicts best, and its error is that of the noise.
import { expect, test } from 'vitest';
import { dense, heldOutCells } from '../src/index.js';
import { plantedCp } from '../src/problems/index.js';

const shape = [12, 10, 8];
const noise = 0.1;
const { tensor } = plantedCp({ shape, rank: 2, seed: 4, noise });
const target = dense(shape, tensor.data);

test('the planted rank has the smallest error; that of the fitted cells goes on falling', async () => {
  const results = await Promise.all([1, 2, 3].map((rank) => heldOutCells(target, rank, { folds: 5 })));
  const [one, two, three] = results.map(({ error }) => error) as [number, number, number];
  expect(two).toBeLessThan(one);
  expect(two).toBeLessThan(three);
  const fitted = results.map(({ folds }) => folds.reduce((sum, fold) => sum + fold.fitted, 0));
  expect(fitted[2]).toBeLessThan(fitted[1]!);
});

test('at the planted rank it is the noise, and what the free numbers add to it', async () => {
  const { error, standardError, folds } = await heldOutCells(target, 2);
  const cells = tensor.data.length;
  expect(folds.reduce((sum, { hidden }) => sum + hidden, 0)).toBe(cells);
  expect(folds.map(({ hidden }) => hidden)).toEqual(new Array(10).fill(cells / 10));
  // The noise is noise / √(1 + noise²) of the tensor; p fitted numbers raise its square by p / n on cells that they were not fitted to.
  const numbers = 2 * (12 + 10 + 8 - 2);
  const expected = (noise / Math.sqrt(1 + noise ** 2)) * Math.sqrt(1 + numbers / (0.9 * cells));
  expect(Math.abs(error - expected)).toBeLessThan(4 * standardError);
  expect(standardError).toBeLessThan(0.1 * error);
});

test('a tensor as other libraries hold it has the same errors', async () => {
  const given = { shape, data: tensor.data, known: new Uint8Array(tensor.data.length).fill(1, 1) };
  const expected = await heldOutCells(dense(shape, tensor.data, { known: given.known }), 1, { folds: 2 });
  expect(await heldOutCells(given, 1, { folds: 2 })).toEqual(expected);
});

test('a tensor of noise is predicted no better than by zeros', async () => {
  const { error } = await heldOutCells(dense(shape, plantedCp({ shape, rank: 1, seed: 4, noise: 1e6 }).tensor.data), 1);
  expect(error).toBeGreaterThan(1);
});

test('the same seed hides the same cells whatever the rank and the units; another one hides others', async () => {
  const folds = 4;
  const first = await heldOutCells(target, 1, { folds, seed: 5 });
  expect(await heldOutCells(target, 1, { folds, seed: 5 })).toEqual(first);
  expect((await heldOutCells(target, 1, { folds, seed: 6 })).error).not.toBe(first.error);
  // By a power of two every number of the run is exactly the same, also where squares would overflow.
  const huge = dense(
    shape,
    tensor.data.map((value) => value * 2 ** 600),
  );
  expect(await heldOutCells(huge, 1, { folds, seed: 5 })).toEqual(first);
});

test('missing cells are neither fitted nor predicted', async () => {
  const data = tensor.data.map((value, at) => (at % 29 === 3 ? NaN : value));
  const known = data.filter((value) => !Number.isNaN(value)).length;
  const { folds, error } = await heldOutCells(dense(shape, data, { missing: 'nan' }), 2, { folds: 5 });
  expect(folds.reduce((sum, { hidden }) => sum + hidden, 0)).toBe(known);
  expect(error).toBeLessThan(2 * noise);
});

test('bad input is refused in one line', async () => {
  await expect(heldOutCells(target, 2, { folds: 1 })).rejects.toThrow(
    'heldOutCells: expected folds to be an integer from 2 to 1000, got 1. Change folds.',
  );
  await expect(heldOutCells(dense([2, 2], [1, 2, 3, 4]), 1)).rejects.toThrow(
    'as many known cells as folds, got 4 and 10',
  );
  await expect(heldOutCells(target, 0)).rejects.toThrow('expected rank to be an integer from 1');
  const thin = dense(
    [3, 2, 2],
    [1, 2, 3, 4, ...new Array<number>(8).fill(NaN)].map((v, at) => (at === 4 || at === 8 ? 1 : v)),
    {
      missing: 'nan',
    },
  );
  await expect(heldOutCells(thin, 1, { folds: 2 })).rejects.toThrow(
    /heldOutCells: expected a known cell in every slice/,
  );
});

test('progress counts the fits, and an abort ends the work with its reason', async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const done = heldOutCells(target, 2, {
    signal: controller.signal,
    onProgress: (progress) => {
      seen.push(progress.done);
      if (progress.done === 2) controller.abort(new Error('enough'));
    },
  });
  await expect(done).rejects.toThrow('enough');
  expect(seen).toEqual([1, 2]);
});
