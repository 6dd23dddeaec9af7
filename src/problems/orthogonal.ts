// An orthogonally decomposable symmetric tensor: orthonormal directions, weights 1, 1/ratio, 1/ratio², …
// The case with theory: gradient flow fits the components one after the other, largest first
// (Ge, Ren, Wang, Zhou, "Understanding Deflation Process in Over-parametrized Tensor Decomposition", NeurIPS 2021).
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { orthonormalRows } from './directions.js';
import { requireInteger, requireOptions, requireRank, requireRoom } from './options.js';
import { plantedWeights } from './weights.js';

export interface OrthogonalOptions {
  order: number;
  dim: number;
  /** At most dim. */
  rank: number;
  seed: number;
  /** Quotient of consecutive weights, the first is 1. Default 1: all equal. */
  ratio?: number;
  /** Give each weight a random sign. Default false. */
  mixedSigns?: boolean;
}

const known = ['order', 'dim', 'rank', 'seed', 'ratio', 'mixedSigns'];

/**
 * A symmetric tensor `Σ_r weights[r] · vectors[r, :]^{⊗ order}` with orthonormal vectors: directions by QR of a Gaussian matrix (stream 0 of
 * the seed), signs of the weights from stream 1.
 *
 * @example
 * ```ts
 * import { orthogonal } from 'polyadic/problems';
 *
 * const { truth } = orthogonal({ order: 3, dim: 4, rank: 3, ratio: 2, seed: 1 });
 * console.log(truth.weights); // Float64Array(3) [ 1, 0.5, 0.25 ]
 * ```
 * @throws InputError for unknown options, and for a rank above dim.
 */
export function orthogonal(options: OrthogonalOptions): { truth: SymmetricKruskal } {
  const who = 'orthogonal';
  requireOptions(who, options, known);
  const { order, dim, rank, seed, ratio = 1, mixedSigns = false } = options;
  requireInteger(who, 'order', order, 1);
  requireInteger(who, 'dim', dim, 1);
  requireRank(who, rank, dim);
  requireRoom(who, 'orthonormal directions', rank, dim);
  const vectors = orthonormalRows(randomStream(seed, problemStreams), rank, dim);
  const weights = plantedWeights(who, randomStream(seed, problemStreams + 1), rank, { ratio, mixedSigns });
  return { truth: { order, weights, vectors } };
}
