// The rank of a dense tensor that is not known, and the fit of that rank on the core of its compression.
//   white residual   from the largest multilinear rank up while the next component is more than noise, down while the last is not
//   structured       every rank from 1 on, until three in a row are refused (candidates.ts); the largest that is not
import { liveCells, type Compression, largestRank, shortMode } from '../compression/compress.js';
import {
  besideFloor,
  maxOfNoise,
  candidate,
  candidateBesideSigns,
  isNoiseLike,
  noiseFloor,
  standsOut,
  weakBelow,
  type RankCandidate,
} from './candidates.js';
import type { Work } from '../yield.js';
import { opposite, overwhelming, type CoreFit, type CoreFits, type RankFits } from './core-fits.js';
import { freeNumbers } from '../tensor/free-numbers.js';

/** Ranks above the largest multilinear one that are tried. */
const maxAbove = 3;
/** Starts of a rank next to which there is only noise. */
const startsBesideNoise = 3;
/**
 * Where more directions than this stand out from noise, the rank must be as high for an algebraic start to fit in a few steps; otherwise
 * the tensor has many directions but no CP model of their number, and to make sure of that by more starts would take minutes.
 */
const manyComponents = 16;
/** A gain of less than this, relative to the squared error, is none. */
const minGain = 1e-3;
/** Ranks in a row that must be refused. */
const refusedToEnd = 3;
/** A component that takes at least this part of what the one before took: the error falls evenly. */
const evenFall = 0.5;
/** Starts of a rank after so many refusals. */
const startsOfFar = 2;
/** Ranks that are scanned where no refusals end it earlier. */
const maxScanned = 8;
/** Part of the cells that the free numbers of a model may be. */
const maxNumbers = 0.75;
/** Ranks up to so many times the directions of a mode are asked for exact fits. */
const maxExact = 1.5;

/** Components that take more than this part of what was left are no noise of a tensor with three modes or more. */
const toCompareBelow = 0.5;

/** Where a search stands: all fits so far, and that of the best rank. */
export interface RankSearch {
  readonly fits: RankFits;
  readonly fit: CoreFit;
}

/** Work that tells where it stands, or only pauses. */
export type WatchedWork<T> = Generator<RankSearch | undefined, T>;

/** A search without what it shows of itself: an abort would give that back. */
export function* silently<T>(search: WatchedWork<T>): Work<T> {
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
    yield;
  }
}

/**
 * At most one component where fewer than three modes have more than one direction, as those of a matrix are not unique; and no more free
 * numbers than cells. A tensor of two modes is known to be a matrix, and any rank of it is fitted.
 */
export function isIdentifiable({ core, shape }: Compression, rank: number): boolean {
  if (rank <= 1) return true;
  if (shape.length === 2) return rank <= Math.min(...core.shape);
  const wide = core.shape.filter((size) => size > 1).length;
  return wide >= 3 && freeNumbers(core.shape, rank) <= core.data.length;
}

/**
 * The rank where nothing but white noise is outside the core; undefined where no fit of at most `maxRank` components comes down to that
 * noise.
 */
export function* rankInWhiteNoise(fits: CoreFits, maxRank = Infinity): WatchedWork<number | undefined> {
  const { compression } = fits;
  const top = largestRank(compression.ranks) ?? 0;
  const starts = startsBesideNoise;
  if (top === 0) return (yield* candidate(fits, 1)).noiseRatio <= 1 ? 0 : 1;
  if (top > maxRank) return undefined;
  let rank = top;
  if (top > manyComponents && !(yield* fits.fitsAlgebraically(top))) return undefined;
  const first = yield* fits.fit(rank, { starts });
  if (!first.isAtNoise && first.minCosine < opposite) return undefined;
  while (rank < Math.min(top + maxAbove, maxRank) && isIdentifiable(compression, rank + 1)) {
    const fit = yield* fits.fit(rank, { starts });
    if (fit.isAtNoise) {
      const next = yield* candidate(fits, rank + 1, true);
      yield { fits, fit };
      if (next.noiseRatio <= 1) break;
    } else {
      const next = yield* fits.fit(rank + 1, { starts });
      if (next.squaredError >= fit.squaredError * (1 - minGain)) break;
    }
    rank++;
    yield* fits.fit(rank, { starts });
  }
  // Without noise there is nothing to compare a component with: a fit is exact, or the tensor has no such model.
  if (compression.variance === undefined && !(yield* fits.fit(rank)).isAtNoise) return undefined;
  for (; rank > 0; rank--) {
    yield* fits.refitFromAbove(rank - 1);
    const last = yield* candidate(fits, rank);
    yield { fits, fit: yield* fits.fit(rank) };
    if (last.noiseRatio > 1) break;
  }
  if (rank === 0) return 0;
  const { isAtNoise, minCosine } = yield* fits.fit(rank);
  return isAtNoise && minCosine >= opposite ? rank : undefined;
}

/** The rank without the last components that are like noise that is not white. */
export function* withoutUnevenNoise(fits: CoreFits, rank: number): Work<number> {
  let left = rank;
  while (left > 0 && (yield* candidate(fits, left)).noiseRatio < weakBelow) {
    if (!isNoiseLike(yield* candidateBesideSigns(fits, left))) break;
    left--;
  }
  return left;
}

/**
 * The largest rank that nothing speaks against. Three refusals in a row end the scan, but where all modes are short the rank may exceed
 * the dimensions, and where the starts disagree while the error falls evenly, they may take different ones of many equal components:
 * then it goes on, and from there on only a component that takes nine tenths of what was left counts. Where nothing but noise is left
 * beside some rank, be it uneven or correlated, that ends it too, and small components below count: they are weak, but there. It ends at
 * `maxRank`.
 */
export function* rankByScan(fits: RankFits, maxRank = Infinity): WatchedWork<number> {
  const { shape, core } = fits.compression;
  const isShort = Math.max(...shape) <= shortMode;
  const limit = Math.max(maxScanned, isShort ? Math.floor(1.5 * Math.max(...core.shape)) : 0);
  const end = Math.min(limit, maxRank);
  const seen: RankCandidate[] = [];
  let last = 0;
  let lastPlain = 0;
  let lastShare = 0;
  let before = { explained: 0, gain: 0 };
  let errorAtEnd: number | undefined;
  let seesNoise = false;
  for (let rank = 1; rank <= limit || (rank === last + 1 && rank <= 4 * limit); rank++) {
    if (rank > maxRank || !isScannable(fits.compression, rank)) break;
    const isFar = rank - lastPlain > refusedToEnd;
    if (isFar && !seesNoise) {
      // A smaller rank has no smaller error than the last one: it tells whether any can still take so much.
      const below = yield* fits.fit(rank - 1);
      errorAtEnd ??= yield* fits.lowestError(Math.max(rank, lastScanned(fits.compression, end)), startsOfFar);
      if (errorAtEnd > (1 - overwhelming) * below.squaredError) break;
      yield* fits.fit(rank, { starts: startsOfFar });
    }
    let next = yield* candidate(fits, rank);
    if (!isShort && next.noiseRatio > 1 && next.share < toCompareBelow) next = yield* candidateBesideSigns(fits, rank);
    seen.push(next);
    const floor = isShort ? undefined : noiseFloor(seen);
    seesNoise = floor !== undefined;
    if (floor !== undefined) {
      errorAtEnd ??= yield* fits.lowestError(Math.max(rank, lastScanned(fits.compression, end)), startsOfFar);
      if (errorAtEnd > (1 - maxOfNoise) * (yield* fits.fit(floor)).squaredError) break;
    }
    const isRefused = next.refusals.length > 0 || (isFar && !next.isAtNoise && next.share < overwhelming);
    if (!isRefused) {
      last = rank;
      lastShare = next.share;
    }
    // One that is refused as small alone may be there: what comes after it tells.
    if (!isRefused || (standsOut(next) && next.refusals.every((refusal) => refusal === 'small'))) lastPlain = rank;
    yield { fits, fit: yield* fits.fit(Math.max(1, last)) };
    const gain = next.explained - before.explained;
    const isEven =
      next.refusals.every((refusal) => refusal === 'unstable' || refusal === 'untested') &&
      gain >= evenFall * before.gain;
    before = { explained: next.explained, gain };
    const hasEnded = rank - lastPlain >= refusedToEnd && rank > refusedToEnd && !isEven;
    if (next.isAtNoise || (hasEnded && floor === undefined && (!isShort || lastShare > overwhelming))) break;
  }
  const floor = noiseFloor(seen);
  if (floor === undefined) {
    const isExact = seen.at(-1)?.isAtNoise === true;
    const isSmall = Math.max(...core.shape) <= shortMode;
    return isSmall && !isExact ? ((yield* exactRank(fits, seen.length + 1, maxRank)) ?? last) : last;
  }
  const plain = besideFloor(seen).filter(({ refusals }) => refusals.length === 0);
  return Math.max(0, ...plain.map((one) => one.rank));
}

/**
 * The first rank from `from` on whose fit is exact, of those with too many free numbers for anything else to be told. Undefined where the
 * scan ended before them, or none is.
 */
function* exactRank(fits: RankFits, from: number, maxRank: number): Work<number | undefined> {
  const { compression } = fits;
  if (isScannable(compression, from)) return undefined;
  const largest = Math.min(maxRank, Math.floor(maxExact * Math.max(...compression.core.shape)));
  for (let rank = from; rank <= largest && isIdentifiable(compression, rank); rank++) {
    if ((yield* fits.fit(rank)).isAtNoise) return rank;
  }
  return undefined;
}

const isScannable = (compression: Compression, rank: number): boolean =>
  isIdentifiable(compression, rank) &&
  (rank === 1 || freeNumbers(compression.liveSizes, rank) <= maxNumbers * liveCells(compression));

/** The largest rank up to a limit that can be told from others. */
function lastScanned(compression: Compression, limit: number): number {
  let rank = limit;
  while (rank > 1 && !isScannable(compression, rank)) rank--;
  return rank;
}
