// A symmetric tensor with known components: T = Σ_r c_r · u_r^{⊗order}, the truth that symmetric solvers must find.
// Directions are random unit vectors, or have one common cosine; rank may exceed dim (overcomplete) when they are random.
import { randomStream } from '../random/stream.js';
import { problemStreams } from '../random/streams.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { collinearRows } from './directions.js';
import { requireBetween, requireInteger, requireOptions, requireRank, requireRoom } from './options.js';
import { plantedWeights } from './weights.js';

export interface PlantedSymmetricOptions {
  order: number;
  dim: number;
  rank: number;
  seed: number;
  /** |weights| are uniform in this range. Default [0.5, 1.5]. Not used with `ratio`. */
  weightRange?: readonly [number, number];
  /** Give each weight a random sign. Default true. For odd orders the sign could be moved into the vector. */
  mixedSigns?: boolean;
  /** Cosine between any two directions, which needs rank ≤ dim. Default: independent random directions. */
  cosine?: number;
  /** |weights[r]| = ratio^−r instead: 1, 1/ratio, 1/ratio², … Rank 5 and ratio 3 span a range of 81. */
  ratio?: number;
}

const known = ['order', 'dim', 'rank', 'seed', 'weightRange', 'mixedSigns', 'cosine', 'ratio'];

/**
 * A symmetric tensor with known components of unit vectors, `Σ_r weights[r] · vectors[r, :]^{⊗ order}`. Streams of the seed: 0 directions, 1
 * weights; so changing the weights keeps the directions.
 *
 * @example
 * ```ts
 * import { plantedSymmetric } from 'polyadic/problems';
 *
 * const { truth } = plantedSymmetric({ order: 3, dim: 4, rank: 6, seed: 1 });
 * console.log(truth.vectors.rows, truth.vectors.columns); // 6 4
 * ```
 * @throws InputError for unknown options and numbers out of range.
 */
export function plantedSymmetric(options: PlantedSymmetricOptions): { truth: SymmetricKruskal } {
  const who = 'plantedSymmetric';
  requireOptions(who, options, known);
  const { order, dim, rank, seed, cosine, mixedSigns = true } = options;
  requireInteger(who, 'order', order, 1);
  requireInteger(who, 'dim', dim, 1);
  requireRank(who, rank, dim);
  const random = randomStream(seed, problemStreams);
  if (cosine !== undefined) {
    requireBetween(who, 'cosine', cosine, -1, 1);
    requireRoom(who, 'a common cosine', rank, dim);
  }
  const vectors = cosine === undefined ? random.unitVectors(rank, dim) : collinearRows(who, random, rank, dim, cosine);
  const weights = plantedWeights(who, randomStream(seed, problemStreams + 1), rank, { ...options, mixedSigns });
  return { truth: { order, weights, vectors } };
}
