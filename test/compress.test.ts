// The public compression: orthonormal factors, an error that is what it says, ranks told from noise, given, or by a tolerance.
import { describe, expect, test } from 'vitest';
import {
  compress,
  dense,
  denseNorm,
  matrix,
  tuckerToDense,
  type DenseTarget,
  type TuckerOptions,
} from '../src/index.js';
import { plantedCp } from '../src/problems/index.js';
import { randomStream } from '../src/random/stream.js';
import { qr } from '../src/linalg/qr.js';
import { columnProducts } from '../src/tensor/matrix.js';
import { subtract } from '../src/tensor/dense.js';
import { sizeOf } from '../src/tensor/shape.js';

const noise = 0.02;

/** A random Tucker model whose cells have unit variance, and white noise. */
function planted(shape: readonly number[], ranks: readonly number[], deviation: number, seed = 1): DenseTarget {
  const random = randomStream(seed, 9);
  const normals = (length: number): Float64Array => random.fillNormal(new Float64Array(length));
  const factors = shape.map((rows, mode) => qr(matrix(rows, ranks[mode]!, normals(rows * ranks[mode]!))).q);
  const scale = Math.sqrt(sizeOf(shape) / sizeOf(ranks));
  const core = { shape: ranks, data: normals(sizeOf(ranks)).map((value) => value * scale) };
  const { data } = tuckerToDense({ core, factors });
  return dense(
    shape,
    data.map((value) => value + deviation * random.normal()),
  );
}

const tucker = planted([20, 24, 16], [2, 5, 4], noise);

test('nested arrays are taken as a tensor', async () => {
  const rows = [
    [3, 0],
    [0, 4],
  ];
  expect(await compress(rows, { ranks: 1 })).toEqual(await compress(dense([2, 2], rows.flat()), { ranks: 1 }));
});

test('ranks that differ between modes are told from white noise, and its size', async () => {
  const { ranks, isWhite, noise: found, relativeError, shape } = await compress(tucker);
  expect(ranks).toEqual([2, 5, 4]);
  expect(shape).toEqual([20, 24, 16]);
  expect(isWhite).toBe(true);
  // Cells but for the numbers of the core and the factors. The variance is a mean over them: its standard deviation is √(2 / 7461) of it,
  // 1.6 %, and that of its root half of that. Four of them.
  const spare = 20 * 24 * 16 - 2 * 5 * 4 - (2 * 18 + 5 * 19 + 4 * 12);
  const allowed = 4 * 0.008;
  expect(Math.abs((found ?? 0) / noise - 1)).toBeLessThan(allowed);
  expect(Math.abs((relativeError * denseNorm(tucker)) / (noise * Math.sqrt(spare)) - 1)).toBeLessThan(allowed);
});

const asked: [string, TuckerOptions][] = [
  ['told from the noise', {}],
  ['ranks per mode', { ranks: [1, 3, 4] }],
  ['one number for all', { ranks: 3 }],
  ['improved', { ranks: 2, sweeps: 5 }],
  ['by tolerance', { tolerance: 0.3 }],
  ['everything', { ranks: [20, 24, 16] }],
];
test.each(asked)('factors are orthonormal and the error is that of the model: %s', async (_, options) => {
  const { core, factors, ranks, relativeError } = await compress(tucker, options);
  expect(core.shape).toEqual(ranks);
  factors.forEach((factor, mode) => {
    expect([factor.rows, factor.columns]).toEqual([tucker.shape[mode], ranks[mode]]);
    columnProducts(factor, factor).data.forEach((value, at) =>
      expect(Math.abs(value - Number(at % (ranks[mode]! + 1) === 0))).toBeLessThan(1e-12),
    );
  });
  const residual = subtract(tucker, tuckerToDense({ core, factors }));
  // ‖X‖² − ‖G‖² has a rounding of some 1e-15 ‖X‖², which is 1e-12 beside the square of an error of 0.02 or more; no error is 1e-15.
  expect(relativeError).toBeCloseTo(denseNorm(residual) / denseNorm(tucker), 11);
});

test('a tolerance is kept, with no more directions than it takes', async () => {
  for (const tolerance of [0.6, 0.3, 0.1, 0.03]) {
    const { ranks, relativeError } = await compress(tucker, { tolerance });
    expect(relativeError).toBeLessThanOrEqual(tolerance);
    if (tolerance === 0.03) expect(ranks).toEqual([2, 5, 4]);
    if (tolerance === 0.6) expect(sizeOf(ranks)).toBeLessThan(40);
  }
});

test('sweeps lower the error and never raise it', async () => {
  const target = planted([9, 10, 11], [9, 10, 11], 0);
  const errors = await Promise.all(
    [0, 1, 5, 50].map(async (sweeps) => (await compress(target, { ranks: 2, sweeps })).relativeError),
  );
  expect(errors[1]).toBeLessThan(errors[0]!);
  expect(errors[2]).toBeLessThan(errors[1]!);
  expect(errors[3]).toBeLessThanOrEqual(errors[2]!);
});

test('where the residual has structure it says so', async () => {
  const random = randomStream(1);
  // Every component a tenth weaker than the one before: no floor.
  const { tensor } = plantedCp({
    shape: [30, 30, 30],
    rank: 30,
    seed: 1,
    weights: Array.from({ length: 30 }, (_, r) => 0.9 ** r),
  });
  const data = Float64Array.from(tensor.data, (value) => value + 1e-6 * random.normal());
  const { isWhite, noise: found, ranks } = await compress(dense(tensor.shape, data));
  expect(isWhite).toBe(false);
  expect(found).toBeUndefined();
  expect(ranks).toEqual([16, 16, 16]);
  // Where ranks are given, nobody looked.
  expect((await compress(tucker, { ranks: [2, 5, 4] })).isWhite).toBe(false);
});

test('exact data are exact, noise alone leaves one direction per mode, zero is zero', async () => {
  const exact = await compress(planted([13, 9, 10], [3, 2, 4], 0));
  expect(exact.ranks).toEqual([3, 2, 4]);
  expect(exact.relativeError).toBeLessThan(1e-12);
  expect([exact.isWhite, exact.noise]).toEqual([true, undefined]);
  const shape = [20, 30, 40];
  const pure = randomStream(2).fillNormal(new Float64Array(sizeOf(shape)));
  const alone = await compress(dense(shape, pure));
  expect(alone.ranks).toEqual([1, 1, 1]);
  expect(alone.isWhite).toBe(true);
  const zero = await compress(dense([3, 4, 5], new Float64Array(60)));
  expect([zero.relativeError, denseNorm(zero.core)]).toEqual([0, 0]);
});

test('the answer to a multiple is that multiple of the answer, where squares overflow too; modes of size 1 pass', async () => {
  const factor = 2 ** 700;
  const scaled = dense(
    tucker.shape,
    new Float64Array(tucker.data).map((value) => value * factor),
  );
  const one = await compress(tucker);
  const other = await compress(scaled);
  expect(other.ranks).toEqual(one.ranks);
  expect(other.relativeError).toBe(one.relativeError);
  expect(other.noise).toBe((one.noise ?? NaN) * factor);
  expect(other.core.data).toEqual(new Float64Array(one.core.data).map((value) => value * factor));
  const flat = await compress(dense([20, 1, 24, 16], tucker.data));
  expect(flat.ranks).toEqual([2, 1, 5, 4]);
});

describe('bad input', () => {
  const cases: [string, TuckerOptions][] = [
    ['compress: expected ranks or a tolerance, got both. Leave one of them out.', { ranks: 2, tolerance: 0.1 }],
    ['compress: expected tolerance to be from 1e-7 up to 1, got 0.', { tolerance: 0 }],
    ['compress: expected 3 ranks, one per mode, got 2.', { ranks: [2, 2] }],
    ['compress: expected ranks[1] to be an integer from 1 to 24, got 25.', { ranks: [2, 25, 2] }],
    ['compress: expected ranks[0] to be an integer from 1 to 20, got 0.', { ranks: 0 }],
    ['compress: expected sweeps to be an integer', { sweeps: -1 }],
    ['compress: expected a known option', { rank: 2 } as TuckerOptions],
  ];
  test.each(cases)('%s', async (message, options) => {
    await expect(compress(tucker, options)).rejects.toThrow(message);
  });
  test('missing cells', async () => {
    await expect(compress(dense([2, 2], [1, 2, 3, NaN], { missing: 'nan' }))).rejects.toThrow(
      'compress: expected all cells',
    );
  });
});

test('an abort ends the work with its reason', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(compress(tucker, { signal })).rejects.toThrow('enough');
});
