// What speaks for and against each rank: the gain of its last component next to what noise would give, and the diagnostics of its fit.
//   noise         the gain is below σ² (Σ √I_n + 3)²: the best rank-one part of white noise has a norm of about σ Σ √I_n, and one more
//                 than t σ above it comes with probability e^{−t²/2} (1.1 % at t = 3). σ² = RSS / (n − p), p the free numbers.
//                 Or it is one of at least two in a row that take no more than the residual with random signs has (random-signs.ts)
//   small         where the residual has structure: it takes less than a tenth of what was left. Not where later ones are noise
//   degenerate    two components cancel each other (product of cosines below −0.85)
//   inconsistent  core consistency below 50 % (Bro & Kiers 2003)
//   untested      it has more components than some mode has entries, where core consistency says nothing, unless the last takes nine
//                 tenths at once or later ones are noise
//   unstable      fewer than a third of the starts came to the same components, unless the last takes nine tenths at once
import { exactError, type Compression } from '../compression/compress.js';
import { sizeOf } from '../tensor/shape.js';
import type { Work } from '../yield.js';
import { minShare, opposite, overwhelming, type CoreFit, type RankFits } from './core-fits.js';
import { deviations, signMargin } from './random-signs.js';
import { freeNumbers } from '../tensor/free-numbers.js';

export type Refusal = 'noise' | 'small' | 'degenerate' | 'inconsistent' | 'untested' | 'unstable';

/** A rank that was looked at. */
export interface RankCandidate {
  readonly rank: number;
  readonly relativeError: number;
  /** 1 − relativeError² */
  readonly explained: number;
  /** Part of the squared error of the rank before that the last component takes. */
  readonly share: number;
  /** What it takes, over what the strongest component of white noise would. Above 1 it is more than white noise gives. */
  readonly noiseRatio: number;
  /** What it takes, over what noise that is not white would: the same sizes with random signs. Undefined where that was not asked. */
  readonly signRatio: number | undefined;
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

/** A component of less than so many times what white noise gives may be noise of another kind. */
export const weakBelow = 10;
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
  return candidateOf(fits.compression, before, fit, fits.ofSigns.get(rank - 1));
}

/** The same, next to what was left with random signs. */
export function* candidateBesideSigns(fits: RankFits, rank: number): Work<RankCandidate> {
  const gain = (yield* fits.fit(rank - 1, { isQuick: true })).squaredError - (yield* fits.fit(rank)).squaredError;
  if (fits.compareSigns) yield* fits.compareSigns(rank - 1, gain / signMargin(fits.compression.liveSizes));
  return yield* candidate(fits, rank);
}

/** Whether noise would take as much, be it white, of unequal sizes, or correlated along a mode. */
export const isNoiseLike = ({ noiseRatio, signRatio }: RankCandidate): boolean =>
  noiseRatio <= 1 || (signRatio !== undefined && signRatio <= 1);

/** Whether it is known to take more than any such noise. */
export const standsOut = ({ noiseRatio, signRatio }: RankCandidate): boolean =>
  noiseRatio > 1 && signRatio !== undefined && signRatio > 1;

/**
 * If the components after a rank take more than this part of what it leaves, that is no noise, though each of them may look like it: six
 * components of strong memory in a short tensor took half, six of equal planted ones in noise of half their norm four fifths.
 */
export const maxOfNoise = 2 / 3;

/**
 * The smallest rank beside which nothing but noise was seen: two components or more, all of them like noise, which take no more than two
 * thirds of what is left together. One alone says little: what is left beside it may hold many components that look like noise together.
 * Undefined where there is none.
 */
export function noiseFloor(candidates: readonly RankCandidate[]): number | undefined {
  const last = candidates.findLast((one) => !isNoiseLike(one));
  const above = candidates.filter((one) => one.rank > (last?.rank ?? 0));
  const first = above[0];
  const end = above.at(-1);
  if (!first || !end || above.length < 2) return undefined;
  const left = (1 - first.explained) / (1 - first.share);
  return 1 - end.explained > (1 - maxOfNoise) * left ? first.rank - 1 : undefined;
}

/** With what the later ones say: those above a floor of noise are noise, and those below it are neither small nor untested. */
export function besideFloor(candidates: readonly RankCandidate[]): readonly RankCandidate[] {
  const floor = noiseFloor(candidates);
  if (floor === undefined) return candidates;
  return candidates.map((one) => {
    const refusals = one.refusals.filter((refusal) => !['small', 'untested', 'noise'].includes(refusal));
    const isNoise = one.rank > floor || one.refusals.includes('noise');
    return { ...one, refusals: isNoise ? ['noise' as const, ...refusals] : refusals };
  });
}

/** What the fit of a rank says, next to that of one component less. */
export function candidateOf(compression: Compression, before: CoreFit, fit: CoreFit, ofSigns?: number): RankCandidate {
  const { liveSizes, squaredNorm } = compression;
  const { rank, relativeError, coreConsistency, starts, agreeing, minCosine, isAtNoise } = fit;
  const gain = before.squaredError - fit.squaredError;
  const spare = Math.max(1, sizeOf(liveSizes) - freeNumbers(liveSizes, rank));
  const variance = Math.max(fit.squaredError, exactError ** 2 * squaredNorm) / spare;
  const noiseRatio = gain / (variance * noiseBound(compression));
  const share = gain / Math.max(before.squaredError, Number.MIN_VALUE);
  const signRatio =
    ofSigns === undefined ? undefined : gain / Math.max(signMargin(liveSizes) * ofSigns, Number.MIN_VALUE);
  const refusals: Refusal[] = [];
  if (noiseRatio <= 1) refusals.push('noise');
  else if (!isAtNoise && share < minShare) refusals.push('small');
  if (minCosine < opposite) refusals.push('degenerate');
  // Where the residual is noise, nothing is left to be inconsistent with.
  if (!isAtNoise && !fit.isQuick) {
    if (coreConsistency !== undefined && coreConsistency < minCoreConsistency) refusals.push('inconsistent');
    const isTensor = compression.shape.length > 2;
    if (isTensor && rank > 1 && coreConsistency === undefined && share < overwhelming) refusals.push('untested');
    const isUnstable = rank > 1 && share < overwhelming && agreeing < Math.max(2, minAgreement * starts);
    if (isTensor && isUnstable) refusals.push('unstable');
  }
  const explained = 1 - relativeError ** 2;
  const measured = { rank, relativeError, explained, share, noiseRatio, signRatio, coreConsistency };
  return { ...measured, starts, agreeing, minCosine, isAtNoise, refusals };
}
