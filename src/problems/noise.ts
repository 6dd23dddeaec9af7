// Noise of an exact relative size on a tensor with known components: noisy = T + level·‖T‖·N/‖N‖, N Gaussian.
// On a symmetric tensor the noise is symmetric too: N is the mean of a Gaussian tensor over the permutations of its modes
// (for matrices the Gaussian orthogonal ensemble), whose law no rotation changes, so that no direction is favored.
import { InputError } from '../errors.js';
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import type { DenseTensor } from '../tensor/dense.js';
import { requireDense } from '../tensor/require.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import {
  forEachPacked,
  multiplicity,
  requirePacked,
  symmetricNorm,
  type SymmetricTensor,
} from '../tensor/symmetric.js';
import { requireBetween, requireOptions } from './options.js';

export interface NoiseOptions {
  /** ‖noise‖ / ‖tensor‖, Frobenius norms. */
  level: number;
  seed: number;
}

const known = ['level', 'seed'];

/** Planted problems draw from the first few streams of a seed; the noise of the same seed is independent of them. */
const noiseStream = problemStreams + 2 ** 16;

/**
 * T + level·‖T‖·N/‖N‖ with independent standard normal entries in N. The tensor given is not written. Cost O(entries).
 *
 * @example
 * ```ts
 * import { denseTensor } from 'polyadic';
 * import { addNoise } from 'polyadic/problems';
 *
 * const noisy = addNoise(denseTensor([2, 2], [1, 2, 3, 4]), { level: 0.1, seed: 1 });
 * console.log(noisy.shape); // [ 2, 2 ]
 * ```
 * @throws InputError for a negative level, a seed that is no integer from 0, and norms that are not finite.
 */
export function addNoise(tensor: DenseTensor, options: NoiseOptions): DenseTensor & { readonly data: Float64Array } {
  requireDense('addNoise', tensor);
  checkOptions('addNoise', options);
  const { shape, data } = tensor;
  const noisy = scaledNormals('addNoise', data.length, euclideanNorm(data), options);
  for (let at = 0; at < data.length; at++) noisy[at]! += data[at]!;
  return { shape: [...shape], data: noisy };
}

/**
 * T + level·‖T‖·N/‖N‖ with N[i] = g/√(number of orders of i) for the ascending index i and standard normal g: the variance
 * of a mean over those orders. Then ‖N‖² = Σ g², over the packed entries. The tensor given is not written. Cost O(entries).
 *
 * @example
 * ```ts
 * import { packKruskal } from 'polyadic';
 * import { addSymmetricNoise, plantedSymmetric } from 'polyadic/problems';
 *
 * const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 2, seed: 1 });
 * console.log(addSymmetricNoise(packKruskal(truth), { level: 0.1, seed: 1 }).data.length); // 20
 * ```
 * @throws InputError for a negative level, a seed that is no integer from 0, and norms that are not finite.
 */
export function addSymmetricNoise(
  tensor: SymmetricTensor,
  options: NoiseOptions,
): SymmetricTensor & { readonly data: Float64Array } {
  requirePacked('addSymmetricNoise', tensor);
  checkOptions('addSymmetricNoise', options);
  const { order, dim, data } = tensor;
  const noisy = scaledNormals('addSymmetricNoise', data.length, symmetricNorm(tensor), options);
  forEachPacked(order, dim, (index, at) => (noisy[at] = data[at]! + noisy[at]! / Math.sqrt(multiplicity(index))));
  return { order, dim, data: noisy };
}

/** `count` normals scaled to the norm level·norm. */
export function scaledNormals(
  who: string,
  count: number,
  norm: number,
  { level, seed, stream = noiseStream }: NoiseOptions & { stream?: number },
): Float64Array {
  if (!Number.isFinite((1 + level) * norm)) {
    throw new InputError(
      `${who}: expected a tensor and noise of finite norms, got ${norm} and level ${level}. Scale the tensor down, or lower the level.`,
    );
  }
  const random = randomStream(seed, stream);
  const normals = new Float64Array(count);
  if (level === 0) return normals;
  const scale = (level * norm) / euclideanNorm(random.fillNormal(normals));
  for (let at = 0; at < count; at++) normals[at]! *= scale;
  return normals;
}

function checkOptions(who: string, options: NoiseOptions): void {
  requireOptions(who, options, known);
  requireBetween(who, 'level', options.level, 0, Number.MAX_VALUE);
}
