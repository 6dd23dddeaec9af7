// From a dense tensor to its rank, with reasons, and the model of that rank: compress, fit on the core, decide. Called by
// algorithms/compressed.ts.
import { compress, largestRank, liveCells, type Compression, type CompressOptions } from '../compression/compress.js';
import type { DenseTensor } from '../tensor/dense.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { besideFloor, candidateOf, isTooSmall, noiseBound, type RankCandidate } from './candidates.js';
import { rankByScan, rankInWhiteNoise, withoutUnevenNoise, type WatchedWork } from './choose.js';
import { expand } from './expand.js';
import { coreFits, opposite, type CoreFit, type CoreFits, type SearchOptions } from './core-fits.js';
import { verdictOf, type Verdict } from './verdict.js';

/** How a rank was chosen. */
export interface RankChoice extends Verdict {
  readonly rank: number;
  /** The ranks that were looked at, in their order. */
  readonly candidates: readonly RankCandidate[];
  readonly compression: {
    /** Sizes of the core that ranks were fitted on. */
    readonly core: readonly number[];
    /** Part of the squared norm that it holds. */
    readonly kept: number;
    /** Whether nothing but white noise is outside it. */
    readonly isWhite: boolean;
    /** Standard deviation of the noise, relative to the root mean square of the tensor; undefined where it is not known to be white. */
    readonly noise: number | undefined;
  };
}

/** A rank and its model, before the last digits. */
export interface FoundModel {
  readonly compression: Compression;
  readonly fits: CoreFits;
  readonly fit: CoreFit;
  /** Of the full tensor, unit columns. */
  readonly kruskal: Kruskal;
  /** Whether nothing but white noise is left. */
  readonly isWhite: boolean;
}

/** The rank that nothing speaks against, and its fit. */
export function* findRank(tensor: DenseTensor, search: SearchOptions): WatchedWork<FoundModel> {
  const fits = yield* startFits(tensor, search);
  const white = fits.compression.isWhite ? yield* rankInWhiteNoise(fits) : undefined;
  if (white === undefined) {
    return yield* scanned(tensor, search, fits);
  }
  const model = yield* found(fits, yield* withoutUnevenNoise(fits, white), true);
  // With its last digits, components that cancel each other may show: what is left is no white noise.
  return model.fit.minCosine < opposite ? yield* scanned(tensor, search) : model;
}

function* scanned(tensor: DenseTensor, search: SearchOptions, begun?: CoreFits): WatchedWork<FoundModel> {
  const isBegun = begun !== undefined && !begun.compression.isWhite;
  const fits = isBegun ? begun : yield* startFits(tensor, search, { seeksNoise: false });
  const rank = yield* rankByScan(fits);
  return yield* found(fits, rank === 0 && isTooSmall(fits.compression) ? 1 : rank, false);
}

/** The fit of a rank that is given. */
export function* fitRank(tensor: DenseTensor, rank: number, search: SearchOptions): WatchedWork<FoundModel> {
  const fits = yield* startFits(tensor, search, { minDirections: rank });
  return yield* found(fits, rank, fits.compression.isWhite);
}

function* startFits(tensor: DenseTensor, search: SearchOptions, options: CompressOptions = {}): WatchedWork<CoreFits> {
  return coreFits(tensor, yield* compress(tensor, options), search);
}

function* found(fits: CoreFits, rank: number, isWhite: boolean): WatchedWork<FoundModel> {
  const { compression } = fits;
  const fit = yield* fits.refine(rank);
  return { compression, fits, fit, kruskal: expand(compression, fit.kruskal), isWhite };
}

/** All ranks that were looked at, in their order. */
export function candidatesOf({ compression, known, ofSigns }: CoreFits): readonly RankCandidate[] {
  const candidates = Array.from(known.values())
    .sort((a, b) => a.rank - b.rank)
    .flatMap((fit) => {
      const before = known.get(fit.rank - 1);
      return before ? [candidateOf(compression, before, fit, ofSigns.get(before.rank))] : [];
    });
  return besideFloor(candidates);
}

/** A component of less than this part of the tensor's norm is no stronger than noise. */
export function visibleFrom({ compression, fit }: FoundModel): number {
  const { variance, squaredNorm } = compression;
  const perCell = variance ?? fit.squaredError / liveCells(compression);
  return Math.sqrt((perCell * noiseBound(compression)) / squaredNorm);
}

/** The choice of a rank and why, for the model that was found. `outliers`: components that were taken out as single cells. */
export function rankChoiceOf(
  found: FoundModel,
  { relativeError, outliers }: { relativeError: number; outliers: number },
): RankChoice {
  const { compression, fits, fit, isWhite } = found;
  const rank = fit.rank - outliers;
  const candidates = candidatesOf(fits);
  const { core, squaredNorm, outside, variance } = compression;
  return {
    rank,
    ...verdictOf({
      rank,
      isWhite,
      isInSpectra: rank <= (largestRank(compression.ranks) ?? 0),
      candidates,
      outliers,
      relativeError,
      visibleFrom: visibleFrom(found),
      tooFewCells: isTooSmall(compression) ? liveCells(compression) : undefined,
    }),
    candidates,
    compression: {
      core: core.shape,
      kept: 1 - outside / squaredNorm,
      isWhite,
      noise: variance === undefined ? undefined : Math.sqrt((variance * liveCells(compression)) / squaredNorm),
    },
  };
}
