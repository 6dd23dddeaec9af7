// What speaks for and against each rank: the gain of its last component next to what noise would give, and the diagnostics of its fit.
//   noise         the gain is below σ² (Σ √I_n + 3)²: the best rank-one part of white noise has a norm of about σ Σ √I_n, and one more
//                 than t σ above it comes with probability e^{−t²/2} (1.1 % at t = 3). σ² = RSS / (n − p), p the free numbers
//   small         where the residual has structure: it takes less than a tenth of what was left
//   degenerate    two components cancel each other (product of cosines below −0.85)
//   inconsistent  core consistency below 50 % (Bro & Kiers 2003)
//   unstable      fewer than a third of the starts came to the same components, unless the last takes nine tenths at once
import { exactError, type Compression } from '../compression/compress.js';
import { sizeOf } from '../tensor/shape.js';
import type { Work } from '../yield.js';
import { freeNumbers, minShare, opposite, overwhelming, type CoreFit, type RankFits } from './core-fits.js';

export type Refusal = 'noise' | 'small' | 'degenerate' | 'inconsistent' | 'unstable';

/** A rank that was looked at. */
export interface RankCandidate {
  readonly rank: number;
  readonly relativeError: number;
  /** 1 − relativeError² */
  readonly explained: number;
  /** Part of the squared error of the rank before that the last component takes. */
  readonly share: number;
  /** What it takes, over what the strongest component of white noise would. Above 1 it is no noise. */
  readonly noiseRatio: number;
  /** In percent; undefined where it says nothing. */
  readonly coreConsistency: number | undefined;
  /** Independent starts, and how many of them came to this model. */
  readonly starts: number;
  readonly agreeing: number;
  /** The most negative product of the cosines of two components; 1 for fewer than two. */
  readonly minCosine: number;
  /** What is left is no more than noise. */
  readonly isAtNoise: boolean;
  /** Why it is not the rank; empty for a rank that may be. */
  readonly refusals: readonly Refusal[];
}

/** Units of σ above the mean of the strongest rank-one part of noise: passed by 1 % of noise. */
const deviations = 3;
const minCoreConsistency = 50;
const minAgreement = 1 / 3;

/** In units of σ²: the most that a component of pure noise takes, but for 1 % of noise. */
export const noiseBound = ({ liveSizes }: Compression): number =>
  (liveSizes.reduce((sum, size) => sum + Math.sqrt(size), 0) + deviations) ** 2;

/** Whether there are too few cells to tell a component from noise: noise alone would put half of its energy into one. */
export const isTooSmall = (compression: Compression): boolean =>
  2 * noiseBound(compression) >= sizeOf(compression.liveSizes);

/** Looks at the last component of a rank. Quickly: by one start, only whether it is more than noise. */
export function* candidate(fits: RankFits, rank: number, isQuick = false): Work<RankCandidate> {
  const fit = yield* fits.fit(rank, { isQuick });
  const before = yield* fits.fit(rank - 1, { isQuick: true });
  return candidateOf(fits.compression, before, fit);
}

/** What the fit of a rank says, next to that of one component less. */
export function candidateOf(compression: Compression, before: CoreFit, fit: CoreFit): RankCandidate {
  const { liveSizes, squaredNorm } = compression;
  const { rank, relativeError, coreConsistency, starts, agreeing, minCosine, isAtNoise } = fit;
  const gain = before.squaredError - fit.squaredError;
  const spare = Math.max(1, sizeOf(liveSizes) - freeNumbers(liveSizes, rank));
  const variance = Math.max(fit.squaredError, exactError ** 2 * squaredNorm) / spare;
  const noiseRatio = gain / (variance * noiseBound(compression));
  const share = gain / Math.max(before.squaredError, Number.MIN_VALUE);
  const refusals: Refusal[] = [];
  if (noiseRatio <= 1) refusals.push('noise');
  else if (!isAtNoise && share < minShare) refusals.push('small');
  if (minCosine < opposite) refusals.push('degenerate');
  // Where the residual is noise, nothing is left to be inconsistent with.
  if (!isAtNoise && !fit.isQuick) {
    if (coreConsistency !== undefined && coreConsistency < minCoreConsistency) refusals.push('inconsistent');
    const isUnstable = rank > 1 && share < overwhelming && agreeing < Math.max(2, minAgreement * starts);
    if (isUnstable && compression.shape.length > 2) refusals.push('unstable');
  }
  const explained = 1 - relativeError ** 2;
  const measured = { rank, relativeError, explained, share, noiseRatio, coreConsistency };
  return { ...measured, starts, agreeing, minCosine, isAtNoise, refusals };
}
