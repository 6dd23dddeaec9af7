// The peak signal-to-noise ratio against its definition: known differences, the laws of a logarithm.
import { expect, test } from 'vitest';
import { psnr } from '../../src/index.js';

const tensor = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

test('a difference of the whole range is 0 dB, a tenth of it 20 dB, one gray level of 255 is 48.13 dB', () => {
  expect(psnr(tensor(0, 255), tensor(255, 0))).toBe(0);
  expect(psnr(tensor(0, 100), tensor(25.5, 74.5))).toBeCloseTo(20, 12);
  expect(psnr(tensor(10, 20), tensor(11, 19))).toBeCloseTo(20 * Math.log10(255), 12);
  expect(psnr(tensor(0, 1), tensor(0, 0), 1)).toBeCloseTo(10 * Math.log10(2), 12);
});

test('equal pictures have no noise; halving every difference adds 20 log10 2', () => {
  expect(psnr(tensor(1, 2, 3), tensor(1, 2, 3))).toBe(Infinity);
  const half = psnr(tensor(0, 0, 0), tensor(1, -2, 3)) - psnr(tensor(0, 0, 0), tensor(2, -4, 6));
  expect(half).toBeCloseTo(20 * Math.log10(2), 12);
});

test('refuses pictures of two shapes and a peak of nothing', () => {
  expect(() => psnr(tensor(1), tensor(1, 2))).toThrow(/two tensors of one shape/);
  expect(() => psnr(tensor(1), tensor(2), 0)).toThrow(/expected a positive peak, got 0/);
});
