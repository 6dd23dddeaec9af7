// How close two pictures are, in decibels: the peak signal-to-noise ratio.
//   PSNR = 10 log10(peak² / MSE),  MSE = mean over all numbers of (a − b)²
import { InputError } from '../errors.js';
import { requireSameShape } from '../tensor/kruskal.js';
import type { DenseTensor } from '../tensor/dense.js';
import { requireDense } from '../tensor/require.js';

/**
 * The peak signal-to-noise ratio of two pictures, 10 log₁₀(peak² / mean of (a − b)²), in dB; Infinity for equal ones. `peak` is the largest
 * number there can be, 255 for 8 bits. Cost O(N).
 *
 * @example
 * ```ts
 * import { denseTensor, psnr } from 'polyadic';
 *
 * console.log(psnr(denseTensor([1, 2, 1], [100, 200]), denseTensor([1, 2, 1], [101, 199])).toFixed(1)); // 48.1
 * ```
 * @throws InputError for tensors of different shapes, and a peak that is not above 0.
 */
export function psnr(a: DenseTensor, b: DenseTensor, peak = 255): number {
  requireDense('psnr', a, 'the first tensor');
  requireDense('psnr', b, 'the second tensor');
  requireSameShape('psnr', a.shape, b.shape);
  if (!(peak > 0))
    throw new InputError(`psnr: expected a positive peak, got ${peak}. Give the largest number there can be.`);
  let squares = 0;
  for (let at = 0; at < a.data.length; at++) squares += (a.data[at]! - b.data[at]!) ** 2;
  return 10 * Math.log10((peak ** 2 * a.data.length) / squares);
}
