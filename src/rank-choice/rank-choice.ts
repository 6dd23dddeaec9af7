// From a dense tensor to its rank, with reasons, and the model of that rank: compress, fit on the core, decide. Called by
// algorithms/compressed.ts.
import { compress, largestRank, liveCells, type Compression, type CompressOptions } from '../compression/compress.js';
import type { DenseTensor } from '../tensor/dense.js';
import { freeNumbers, hasManyExactFits } from '../tensor/free-numbers.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { sizeOf } from '../tensor/shape.js';
import { sumOfSquares } from '../tensor/square-sum.js';
import { besideFloor, candidateOf, isTooSmall, noiseBound, type RankCandidate } from './candidates.js';
import { outlierComponents } from './outliers.js';
import { rankByScan, rankInWhiteNoise, withoutUnevenNoise, type WatchedWork } from './choose.js';
import { expand } from './expand.js';
import {
  coreFits,
  minShare,
  opposite,
  type CoreFit,
  type CoreFits,
  type RankFits,
  type SearchOptions,
} from './core-fits.js';
import { tellsNoise } from './random-signs.js';
import { verdictOf, type Verdict } from './verdict.js';

/** How a rank was chosen. */
export interface RankChoice extends Verdict {
  readonly rank: number;
  /** The ranks that were looked at, in their order. */
  readonly candidates: readonly RankCandidate[];
  /**
   * A component whose norm is below this part of the tensor's may have been missed: 1.3 σ (Σ √I_n + 3) / ‖X‖ for noise of standard deviation
   * σ per cell, I_n the sizes of the modes, and where the residual has structure √0.1 of the relative error, if that is more. Without the
   * factor 1.3 it is what noise alone gives, so that a component is seen about half of the time.
   */
  readonly visibleFrom: number;
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
  /** The largest rank that was to be looked at; Infinity where none was said. */
  readonly maxRank: number;
  /** Whether more directions stand out from white noise than ranks were to be looked at. Default false. */
  readonly isCut?: boolean;
}

export interface RankSearchOptions extends SearchOptions {
  /** Whether many cells were filled: their noise is made, so that white noise of the tensor says nothing of the data's. Default false. */
  readonly isFilled?: boolean;
  /** Default: as far as it takes. */
  readonly maxRank?: number | undefined;
}

/** The rank that nothing speaks against, and its fit. */
export function* findRank(tensor: DenseTensor, search: RankSearchOptions): WatchedWork<FoundModel> {
  const { maxRank = Infinity, isFilled = false } = search;
  const { fits, model, isCut } = isFilled
    ? { fits: yield* structuredFits(tensor, search), model: undefined, isCut: false }
    : yield* findInNoise(tensor, search);
  if (model) return model;
  return { ...(yield* found(fits, yield* scannedRank(fits, maxRank), false, maxRank)), isCut };
}

/** The model that leaves nothing but white noise, where there is one; else fits for a scan of the ranks. */
export function* findInNoise(
  tensor: DenseTensor,
  search: RankSearchOptions,
): WatchedWork<{ readonly fits: CoreFits; readonly model?: FoundModel; readonly isCut: boolean }> {
  const { maxRank = Infinity } = search;
  const fits = yield* startFits(tensor, search);
  if (!fits.compression.isWhite) return { fits, isCut: false };
  const isCut = (largestRank(fits.compression.ranks) ?? 0) > maxRank;
  const white = yield* rankInWhiteNoise(fits, maxRank);
  if (white === undefined) return { fits: yield* structuredFits(tensor, search), isCut };
  const model = yield* found(fits, yield* withoutUnevenNoise(fits, white), true, maxRank);
  // With its last digits, components that cancel each other may show: what is left is no white noise. Nor is it where the components were
  // grown around outlying cells, and no independent start comes to them: they may be mixtures of such cells.
  const { fit, kruskal } = model;
  const isMixed = fit.agreeing === 0 && outlierComponents(tensor, kruskal, fit.relativeError).length > 0;
  return fit.minCosine < opposite || isMixed
    ? { fits: yield* structuredFits(tensor, search), isCut }
    : { fits, model, isCut };
}

/** The rank by a scan; where there are too few cells to tell a component from noise, at least one. */
export function* scannedRank(fits: RankFits, maxRank = Infinity): WatchedWork<number> {
  const rank = yield* rankByScan(fits, maxRank);
  return rank === 0 && isTooSmall(fits.compression) ? 1 : rank;
}

/** Fits for a scan of the ranks: the core keeps the leading directions, whether they are noise or not. */
export const structuredFits = (tensor: DenseTensor, search: SearchOptions): WatchedWork<CoreFits> =>
  startFits(tensor, search, { seeksNoise: false });

/** The fit of a rank that is given. */
export function* fitRank(tensor: DenseTensor, rank: number, search: SearchOptions): WatchedWork<FoundModel> {
  const fits = yield* startFits(tensor, search, { minDirections: rank });
  return yield* found(fits, rank, fits.compression.isWhite, Infinity);
}

function* startFits(tensor: DenseTensor, search: SearchOptions, options: CompressOptions = {}): WatchedWork<CoreFits> {
  return coreFits(tensor, yield* compress(tensor, { ...options, device: search.device }), search);
}

function* found(fits: CoreFits, rank: number, isWhite: boolean, maxRank: number): WatchedWork<FoundModel> {
  const { compression } = fits;
  const fit = yield* fits.refine(rank);
  return { compression, fits, fit, kruskal: expand(compression, fit.kruskal), isWhite, maxRank };
}

/** All ranks that were looked at, in their order. */
export function candidatesOf({ compression, known, ofSigns }: RankFits): readonly RankCandidate[] {
  const candidates = Array.from(known.values())
    .sort((a, b) => a.rank - b.rank)
    .flatMap((fit) => {
      const before = known.get(fit.rank - 1);
      return before ? [candidateOf(compression, before, fit, ofSigns.get(before.rank))] : [];
    });
  return besideFloor(candidates);
}

/** A rank, and the fits that it was chosen by. */
export interface ChosenRank extends Pick<FoundModel, 'compression' | 'fit' | 'isWhite' | 'isCut'> {
  readonly fits: RankFits;
  readonly maxRank?: number | undefined;
}

/**
 * From about this multiple of the strongest rank-one part of noise on a component is seen: measured, not derived. At 1.06 times it was missed
 * in 8 of 20 tensors (docs/how-polyadic-chooses-a-rank.md).
 */
const seenFrom = 1.3;

/**
 * A component of less than this part of the tensor's norm is not much stronger than noise; or, where the residual has structure, it takes
 * less of that than a component must.
 */
export function visibleFrom({ compression, fit, isWhite }: ChosenRank): number {
  const { variance, squaredNorm } = compression;
  const perCell = variance ?? fit.squaredError / liveCells(compression);
  const inStructure = isWhite ? 0 : minShare * fit.squaredError;
  return Math.sqrt(Math.max(seenFrom ** 2 * perCell * noiseBound(compression), inStructure) / squaredNorm);
}

/** Squared entries of a basis that are rounding. */
const nullEntry = 1e-18;

/**
 * The sizes of the modes without slices of zeros, and one less where the sum along a mode is zero, as in centered data: what is null for such
 * a reason does not speak for a low rank.
 */
const varyingSizes = ({ bases }: Compression): number[] =>
  bases.map(({ rows, columns, data }) => {
    const sums = new Float64Array(columns);
    let varying = 0;
    for (let i = 0; i < rows; i++) {
      const row = data.subarray(i * columns, (i + 1) * columns);
      row.forEach((value, k) => (sums[k]! += value));
      if (sumOfSquares(row) > nullEntry) varying++;
    }
    return varying - Number(sumOfSquares(sums) <= nullEntry * rows);
  });

/** The choice of a rank and why, for the model that was found. `outliers`: components that were taken out as single cells. */
export function rankChoiceOf(
  found: ChosenRank,
  {
    relativeError,
    outliers,
    furtherShare,
    halvesMatch,
  }: {
    readonly relativeError: number;
    readonly outliers: number;
    readonly furtherShare?: number | undefined;
    readonly halvesMatch?: number | undefined;
  },
): RankChoice {
  const { compression, fits, fit, isWhite, maxRank = Infinity, isCut = false } = found;
  const visible = visibleFrom(found);
  const rank = fit.rank - outliers;
  const candidates = candidatesOf(fits);
  const { core, squaredNorm, outside, variance } = compression;
  const varying = varyingSizes(compression);
  const isUnique = rank <= 1 || core.shape.filter((size) => size > 1).length >= 3;
  return {
    rank,
    ...verdictOf({
      isUnique,
      rank,
      isWhite,
      isInSpectra: rank <= (largestRank(compression.ranks) ?? 0),
      candidates,
      outliers,
      relativeError,
      furtherShare,
      directions: Math.max(...core.shape),
      fitsAnything: freeNumbers(varying, fit.rank) >= sizeOf(varying),
      isOneOfMany: hasManyExactFits(core.shape, fit.rank),
      cellsPerNumber: liveCells(compression) / Math.max(1, freeNumbers(compression.liveSizes, fit.rank)),
      tellsNoise: tellsNoise(compression.liveSizes),
      halvesMatch,
      visibleFrom: visible,
      endedAt: isCut || fits.known.has(maxRank) ? maxRank : undefined,
      tooFewCells: isTooSmall(compression) ? liveCells(compression) : undefined,
    }),
    candidates,
    visibleFrom: visible,
    compression: {
      core: core.shape,
      kept: 1 - outside / squaredNorm,
      isWhite,
      noise: variance === undefined ? undefined : Math.sqrt((variance * liveCells(compression)) / squaredNorm),
    },
  };
}
