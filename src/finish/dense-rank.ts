// The rank of a dense tensor that was not told: components are grown one after the other in float64, each on what the others leave,
// until the fit is exact or nothing above the noise is left. Whether that is clear is part of the answer.
import { degeneracy } from '../analysis/degeneracy.js';
import { coarse, residualOf, withNewComponent, withoutWeakest } from '../compaction/grow-cp.js';
import { polishCp, type PolishOptions } from '../compaction/polish-cp.js';
import { noiseBound, noiseRatio, standsOut, type Cells, type RankFit } from '../compaction/rank-evidence.js';
import { coloredMode } from '../compaction/white-residual.js';
import { truncatedSvd, type Truncation } from '../compaction/truncated-svd.js';
import { InputError } from '../errors.js';
import type { DenseTarget } from '../targets/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { noComponents, rankOf, type Kruskal } from '../tensor/kruskal.js';
import type { PartlyKnownTensor } from '../tensor/partly-known.js';
import { selectComponents } from '../tensor/normalize.js';
import type { FinishWork } from '../handles/handle.js';
import { freeNumbers } from '../tensor/free-numbers.js';

/** A model whose number of components is the answer. */
export interface GrownModel {
  readonly kruskal: Kruskal;
  readonly relativeError: number;
  /** Steps of the growth. */
  readonly steps: number;
  /** Whether that number is: the fit is exact, or nothing above the noise is left. */
  readonly clear: boolean;
  /** What is not known, and what to do. */
  readonly advice?: string;
}

/** A relative error that counts as zero. */
export const exactError = 1e-11;

/** Ranks in a row that must add nothing but noise. */
const missesToEnd = 2;
/** The last component must take this many times what noise could, and the next one no more than noise does on average. */
const clearGap = 2;
/** A model that leaves more than this may be one of many. */
const clearError = 0.5;
/** With more free numbers than this share of the cells, what is left says little about the noise. */
const clearNumbers = 0.5;
/** Where the residual has structure, a component that takes less of the squared error than this is no rank. */
const smallShare = 0.1;
/** Product of cosines below which two components cancel each other rather than describe anything. */
const opposite = -0.85;
/** The most components that are tried. */
const maxRank = 32;
/** Flops of a whole growth that are spent at most, by the formula below: less than a minute. */
const growthFlops = 3e10;
/** Without a component, the others may have to go a long way to an exact fit. */
const patient: PolishOptions = { ...coarse, maxSteps: 100 };

interface Fit extends RankFit {
  readonly kruskal: Kruskal;
}

/**
 * Components that a growth may try: fewer numbers than cells, and not more work than a minute takes.
 * @throws InputError where not even one can be tried.
 */
export function rankLimit(target: DenseTarget): number {
  const { shape, count } = knownCells(target);
  let limit = 0;
  for (let flops = 0; limit < (shape.length === 2 ? Math.min(...shape) : maxRank); limit++) {
    flops += fitFlops(target, limit + 1);
    if (flops > growthFlops || (limit > 0 && freeNumbers(shape, limit + 1) >= count)) break;
  }
  if (limit > 0) return limit;
  throw new InputError(
    `als: expected a rank, got 'auto' for ${target.data.length} cells, too many to try ranks on. Give the number of components to look for (rank: R).`,
  );
}

/** Of a coarse fit at its longest: two tries per step, each a look at the tensor and a linear system. */
function fitFlops({ shape, data }: DenseTarget, rank: number): number {
  const rows = shape.reduce((sum, size) => sum + size, 0);
  return 2 * coarse.maxSteps * (6 * data.length * rank + 12 * coarse.precision.iterations * rows * rank ** 2);
}

/** What the evidence depends on. */
export const knownCells = ({ shape, data, known }: PartlyKnownTensor): Cells => ({
  shape,
  count: known ? known.reduce((sum, cell) => sum + cell, 0) : data.length,
});

/** Grows a model of up to `width` components, and says how many of them the tensor speaks for. */
export function* growRank(
  target: DenseTarget,
  { width, seed }: { readonly width: number; readonly seed: number },
): FinishWork<GrownModel> {
  const cells = knownCells(target);
  /** The best fit of every rank so far. */
  const fits: Fit[] = [{ rank: 0, relativeError: 1, kruskal: noComponents(target) }];
  let steps = 0;

  /** Of a matrix all best fits are known at once. */
  const matrix = yield* truncatedSvd(target, width);

  const matrixFit = ({ kruskal, relativeErrors }: Truncation, rank: number): Fit => ({
    rank,
    relativeError: relativeErrors[rank]!,
    kruskal: selectComponents(
      kruskal,
      Array.from({ length: rank }, (_, r) => r),
    ),
  });

  function* fit(start: Kruskal, options: PolishOptions): FinishWork<Fit> {
    if (matrix) return (fits[rankOf(start)] ??= matrixFit(matrix, rankOf(start)));
    const before = steps;
    let found: Fit = { rank: rankOf(start), relativeError: 1, kruskal: start };
    for (const report of polishCp(target, start, options)) {
      if (!report) {
        yield;
        continue;
      }
      steps = before + report.step;
      found = { ...found, relativeError: report.relativeError, kruskal: report.kruskal };
      yield { step: steps, relativeError: report.relativeError, kruskal: report.kruskal };
    }
    const known = fits[found.rank];
    if (!known || found.relativeError < known.relativeError) fits[found.rank] = found;
    return found;
  }

  /** Takes components out as long as the fit stays exact, or what the last one takes is noise. */
  function* reduced(from: Fit): FinishWork<Fit> {
    const less = yield* fit(yield* withoutWeakest(from.kruskal), patient);
    const needed = from.relativeError <= exactError ? less.relativeError > exactError : standsOut(cells, less, from);
    if (needed || less.rank === 0) return from;
    return yield* reduced(less);
  }

  // A matrix of low rank is plain, however small it is.
  const exactRank = matrix?.relativeErrors.findIndex((error) => error <= exactError) ?? 0;
  if (matrix && exactRank > 0 && exactRank < Math.min(width + 1, ...target.shape)) {
    const { kruskal, relativeError } = matrixFit(matrix, exactRank);
    return { kruskal, relativeError, steps, clear: true };
  }
  let misses = 0;
  for (let rank = 1; rank <= width && misses < missesToEnd && !leadsNowhere(fits); rank++) {
    const before = fits[rank - 1]!;
    const next = yield* fit(yield* withNewComponent(target, before.kruskal, seed), coarse);
    if (next.relativeError <= exactError) {
      const { kruskal, relativeError } = yield* reduced(next);
      return { kruskal, relativeError, steps, clear: true };
    }
    misses = standsOut(cells, before, next) ? 0 : misses + 1;
  }
  const last = fits[fits.length - 1]!;
  const spare = cells.count - freeNumbers(cells.shape, last.rank);
  const residual = yield* residualOf(target, last.kruskal);
  const colored = yield* coloredMode(residual, denseNorm(residual) ** 2 / Math.max(spare, 1));
  const ended = misses === missesToEnd && colored === undefined;
  const chosen = ended ? yield* reduced(last) : fits[lastLarge(fits)]!;
  const { rank, kruskal, relativeError } = fits[Math.max(1, chosen.rank)]!;
  const grown = { kruskal, relativeError, steps };
  const doubt = ended ? doubtOf(cells, fits, chosen.rank) : structureLeft(fits, rank);
  if (doubt !== undefined) return { ...grown, clear: false, advice: `${doubt} Give the number of components (rank).` };
  const unseen = Math.sqrt(noiseBound(cells, fits[rank]!));
  return {
    ...grown,
    clear: true,
    advice: `Nothing above the noise is left. Components of less than ${(100 * unseen).toPrecision(2)} % of the tensor's norm may have been missed.`,
  };
}

/** Why a rank at which nothing but noise seems to be left is not clear all the same. */
function doubtOf(cells: Cells, fits: readonly Fit[], rank: number): string | undefined {
  if (rank === 0) return 'No component stands out from noise, so the rank is not known; this is the strongest one.';
  const before = fits[rank - 1]!;
  const fit = fits[rank]!;
  const next = fits[rank + 1];
  const percent = (100 * fit.relativeError ** 2).toFixed(0);
  if (fit.relativeError > clearError)
    return `The components leave ${percent} % of the squares, so it is not known whether there are more of them.`;
  if (freeNumbers(cells.shape, rank) > clearNumbers * cells.count)
    return `A model of rank ${rank} has ${freeNumbers(cells.shape, rank)} free numbers for ${cells.count} cells, too many to know whether it fits structure or noise.`;
  if (cancels(fit)) return `Two components cancel each other, so rank ${rank} is not known to be right.`;
  const strength = noiseRatio(cells, before, fit);
  const following = next ? noiseRatio(cells, fit, next, 0) : 0;
  if (strength < clearGap || following > 1)
    return `Component ${strength < clearGap ? rank : rank + 1} is about as strong as noise could be, so the rank is not known to be ${rank}.`;
  return undefined;
}

function structureLeft(fits: readonly Fit[], rank: number): string {
  const last = fits.length - 1;
  const next = fits[rank + 1];
  const share = next
    ? `; component ${rank + 1} takes ${(100 * shareOf(fits, rank + 1)).toFixed(0)} % of what rank ${rank} leaves`
    : '';
  return `What is left after ${last} components is no white noise, so the rank is not known. Rank ${rank} is a guess${share}.`;
}

/** Part of the squared error that a component takes. */
const shareOf = (fits: readonly Fit[], rank: number): number =>
  1 - (fits[rank]!.relativeError / fits[rank - 1]!.relativeError) ** 2;

/**
 * Whether growing on leads nowhere: the last three components took little of what was left, ever less, while of components of equal
 * weight the last ones take ever more; or in the last five fits components cancel each other.
 */
function leadsNowhere(fits: readonly Fit[]): boolean {
  const last = fits.length - 1;
  if (last > 5 && fits.slice(-5).every(cancels)) return true;
  if (last < 4) return false;
  const first = shareOf(fits, last - 2);
  const second = shareOf(fits, last - 1);
  const third = shareOf(fits, last);
  return first < smallShare && second < first && third < second;
}

const cancels = ({ kruskal }: Fit): boolean => degeneracy(kruskal).cosine < opposite;

/** The last rank, before three in a row that do not, at which a component takes much of what is left and no two cancel each other. */
function lastLarge(fits: readonly Fit[]): number {
  let last = 1;
  for (let rank = 2; rank < fits.length && rank - last <= 3; rank++) {
    if (shareOf(fits, rank) >= smallShare && !cancels(fits[rank]!)) last = rank;
  }
  return last;
}
