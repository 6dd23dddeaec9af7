// decompose() takes tensors as other libraries hold them, with the entries that these libraries mean.
import { describe, expect, test } from 'vitest';
import { decompose, dense, factorMatchScore, InputError, type TensorLike } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { denseFrom } from '../../src/targets/tensor-like.js';

const shape = [4, 3, 2];
const entries = Array.from({ length: 24 }, (_, at) => (at * 7) % 11);
const nested = Array.from({ length: 4 }, (_, i) =>
  Array.from({ length: 3 }, (_, j) => Array.from({ length: 2 }, (_, k) => entries[(i * 3 + j) * 2 + k]!)),
);
/** The same numbers with modes 0 and 2 exchanged in memory. */
const transposed = Float64Array.from(
  { length: 24 },
  (_, at) => nested[at % 4]![Math.floor(at / 4) % 3]![Math.floor(at / 12)]!,
);
const typedRows = nested.map((rows) => rows.map((row) => Float32Array.from(row)));

const likes: [string, unknown][] = [
  ['{ shape, data }', { shape, data: entries }],
  ['typed', { shape, data: Float32Array.from(entries) }],
  ['integers of 64 bits', { shape, data: BigInt64Array.from(entries, BigInt) }],
  ['{ dims, data }', { dims: shape, data: Float32Array.from(entries) }],
  ['nested arrays', nested],
  ['nested arrays of typed rows', typedRows],
  ['strides', { shape, strides: [1, 4, 12], data: transposed }],
  ['a view of an ndarray', { shape, stride: [1, 4, 12], offset: 0, data: transposed }],
  ['an offset', { shape, offset: 3, data: [9, 9, 9, ...entries] }],
  ['a mode that runs backwards', { shape, stride: [-6, 2, 1], offset: 18, data: nested.slice().reverse().flat(2) }],
  ['a tensor on a device', { shape, data: () => Promise.resolve(Float32Array.from(entries)) }],
];

test.each(likes)('%s', async (_, like) => {
  const target = await denseFrom('decompose', like);
  expect(target.shape).toEqual(shape);
  expect(Array.from(target.data)).toEqual(entries);
});

test('a transposed view is decomposed as its copy is', async () => {
  const { tensor, truth } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 3 });
  const { data } = tensor;
  const copy = new Float64Array(data.length);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 5; j++) for (let k = 0; k < 4; k++) copy[(j * 6 + i) * 4 + k] = data[(i * 5 + j) * 4 + k]!;
  }
  const view = { shape: [5, 6, 4], stride: [4, 20, 1], offset: 0, data };
  const ofView = await decompose(view, { rank: 2 });
  const ofCopy = await decompose(dense([5, 6, 4], copy), { rank: 2 });
  expect(ofView.kruskal).toEqual(ofCopy.kruskal);
  const swapped = { weights: truth.weights, factors: [truth.factors[1]!, truth.factors[0]!, truth.factors[2]!] };
  expect(factorMatchScore(ofView.kruskal, swapped)).toBeGreaterThan(0.999);
});

test('a reference of jax-js is taken for reading, so that the caller keeps the array', async () => {
  let read = 0;
  const array = { shape: [2, 2], data: () => expect.fail('the array itself was used up') };
  const like = { ...array, ref: { shape: [2, 2], data: () => (read++, Promise.resolve(Float32Array.of(1, 2, 3, 4))) } };
  expect(Array.from((await denseFrom('decompose', like)).data)).toEqual([1, 2, 3, 4]);
  expect(read).toBe(1);
});

describe('anything else is refused by name', () => {
  const wrong: [unknown, RegExp][] = [
    [null, /got null\./],
    [undefined, /got undefined\./],
    ['tensor.npy', /got a string\./],
    [3, /got a number\./],
    [Float64Array.of(1, 2, 3), /got a Float64Array of 3 entries without a shape\./],
    [{ rows: 2, cols: 3 }, /got an object of rows, cols\./],
    [new Map(), /got a Map of nothing\./],
    [Promise.resolve([[1]]), /got a Promise: await it first\./],
    [{ shape: 'wide', data: [1] }, /got an object of shape, data\./],
    [{ kind: 'sparse' }, /expected a known kind of target \(.*\), got sparse/],
    [[1, 2, 3], /at least 2 modes, got 1/],
    [[[1, 2], [3]], /expected 2 entries at \[1\] of the nested arrays.*got 1 entries/],
    [[[1, 2], 3], /expected 2 entries at \[1\] of the nested arrays.*got a number/],
    [
      [
        [1, 'a'],
        [2, 3],
      ],
      /got the string "a"/,
    ],
    [{ shape: [2, 2], data: [1, 2, 3] }, /expected 4 numbers for shape \[2, 2\], got 3/],
    [{ shape: [2, 2], stride: [2, 5], data: [1, 2, 3, 4] }, /expected entry \[0, 1\] of the view at 5, got 4 entries/],
    [{ shape: [2, 2], strides: [2], data: [1, 2, 3, 4] }, /expected an integer offset and 2 integer strides/],
    [{ shape: [1, 2], data: BigInt64Array.of(2n ** 60n + 1n, 1n) }, /integers that float64 holds exactly/],
  ];
  test.each(wrong)('%o', async (input, message) => {
    const refused = decompose(input as TensorLike);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toThrow(message);
  });
});

test.each([
  ['known', { known: entries.map((_, at) => (at === 5 ? 0 : 1)) }],
  ['missing', { missing: entries.map((_, at) => at === 5) }],
])('marks of %s cells beside shape and data count', async (_, marks) => {
  const target = await denseFrom('decompose', { shape, data: entries, ...marks });
  expect(Array.from(target.known ?? [])).toEqual(entries.map((_, at) => (at === 5 ? 0 : 1)));
});

test('NaN is missing where that is said', async () => {
  const data = entries.map((value, at) => (at === 5 ? NaN : value));
  expect((await denseFrom('decompose', { shape, data, missing: 'nan' })).known?.[5]).toBe(0);
  await expect(denseFrom('decompose', { shape, data })).rejects.toThrow(InputError);
});

test('a mask is not guessed at', async () => {
  await expect(denseFrom('decompose', { shape, data: entries, mask: entries.map(() => 1) })).rejects.toThrow(
    /got mask\. .* give it under the name that says which/,
  );
});
