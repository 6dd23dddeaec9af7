// Cross-validation of a rank by hidden cells: every known cell is hidden once, in one of K folds; a model of the rank is fitted to the
// cells that are left and predicts the hidden ones:
//   error² = Σ over all known cells (x − its prediction)² / Σ x²
// The error of the cells that a model was fitted to falls with every component. That of hidden cells rises again once components fit
// noise. Wold, "Cross-validatory estimation of the number of components in factor and principal components models", Technometrics 20
// (1978); for CP models Louwerse, Smilde & Kiers, "Cross-validation of multiway component models", J. Chemometrics 13 (1999).
import { InputError } from './errors.js';
import { denseTargetOf, fitOf, fitOptionNames, type FitOptions } from './fit-options.js';
import { denseProblem } from './handles/dense.js';
import { requireNamedOptions } from './names.js';
import { randomStream } from './random/stream.js';
import { splitStream } from './random/streams.js';
import type { StopReason } from './result.js';
import { denseOf, type DenseTarget } from './targets/dense.js';
import type { TensorLike } from './targets/tensor-like.js';
import { fiberSteps } from './tensor/fibers.js';
import type { Kruskal } from './tensor/kruskal.js';
import { sumOfSquares } from './tensor/square-sum.js';
import { atLeisure, inRanges, type Work } from './yield.js';
import { requireIntegerIn } from './tensor/require.js';

export interface HeldOutCellsOptions extends FitOptions {
  /** Parts into which the known cells fall; each is hidden once. Default: 10, so that every fit has nine tenths of them. */
  readonly folds?: number;
}

export interface HeldOutCells {
  readonly rank: number;
  /** Of the hidden cells, relative to the norm of the tensor: 0 perfect, 1 as good as predicting 0. */
  readonly error: number;
  /** Standard error of `error`, from how much the folds differ. */
  readonly standardError: number;
  readonly folds: readonly HeldOutFold[];
}

export interface HeldOutFold {
  /** Cells that were hidden. */
  readonly hidden: number;
  /** ‖x − prediction‖ / ‖x‖ over these. */
  readonly error: number;
  /** The same over the cells that the model was fitted to. */
  readonly fitted: number;
  /** How the fit ended. */
  readonly stop: StopReason;
}

const maxFolds = 1000;
/** What it takes to draw a number, in flops. */
const drawFlops = 20;

/**
 * The error of a rank of a dense target, or of a TensorLike, at cells that the fit did not use, √(Σ (x − its prediction)² / Σ x²): every
 * known cell is hidden in one fold. Compare it between ranks: the rank with the smallest error predicts best, and a smaller one within one
 * standard error of it is as good (Breiman et al., Classification and Regression Trees, 1984). One fit per fold, of the whole tensor with
 * missing cells. The same seed hides the same cells, whatever the rank, so that ranks are compared on the same.
 *
 * @example
 * ```ts
 * import { heldOutCells } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 1, noise: 0.1, seed: 1 });
 * for (const rank of [1, 2]) console.log(rank, (await heldOutCells(tensor, rank, { folds: 3 })).error);
 * ```
 * @throws InputError for bad options, fewer cells than folds, and where hiding leaves a slice without a known cell.
 */
export async function heldOutCells(
  given: DenseTarget | TensorLike,
  rank: number,
  options: HeldOutCellsOptions = {},
): Promise<HeldOutCells> {
  const who = 'heldOutCells';
  requireNamedOptions(who, options, ['folds', ...fitOptionNames]);
  const target = await denseTargetOf(who, given);
  const { folds: count = 10, seed = 0, signal, onProgress } = options;
  requireIntegerIn(who, 'folds', count, 2, maxFolds);
  requireIntegerIn(who, 'seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const { shape, known } = target;
  // Of unit size, so that no square overflows; the errors are relative.
  const problem = denseProblem(target);
  const { data } = problem.scaled(1 / problem.scale).target;
  const cells = known ? known.reduce((sum, cell) => sum + cell, 0) : data.length;
  if (cells < count) {
    throw new InputError(
      `${who}: expected at least as many known cells as folds, got ${cells} and ${count}. Lower folds.`,
    );
  }
  const foldOf = await atLeisure(dealt(target, count, seed), signal);
  const folds: HeldOutFold[] = [];
  let missed = 0;
  for (let fold = 0; fold < count; fold++) {
    const shown = foldOf.map((own) => Number(own !== fold && own !== noFold));
    const part = denseOf(who, shape, data, { known: shown });
    const { kruskal, relativeError: fitted, stop } = await fitOf(part, rank, options);
    const { hidden, square, residual } = await atLeisure(errorsAt(data, kruskal, foldOf, fold), signal);
    missed += residual;
    folds.push({ hidden, error: Math.sqrt(residual / (square || 1)), fitted, stop });
    onProgress?.({ done: fold + 1, count });
  }
  const error = Math.sqrt(missed / (sumOfSquares(data) || 1));
  return { rank, error, standardError: deviationOf(folds.map((fold) => fold.error)) / Math.sqrt(count), folds };
}

/** In the place of a fold's number, for cells that are missing. */
const noFold = 0xffff;

/** Deals the known cells to the folds: of as many in a row as there are folds one to each, in random order. `[size]` */
function* dealt({ data, known }: DenseTarget, count: number, seed: number): Work<Uint16Array> {
  const random = randomStream(seed, splitStream);
  const foldOf = new Uint16Array(data.length).fill(noFold);
  const hand = Uint16Array.from({ length: count }, (_, fold) => fold);
  let left = 0;
  yield* inRanges(data.length, drawFlops, (from, end) => {
    for (let at = from; at < end; at++) {
      if (known?.[at] === 0) continue;
      if (left === 0) left = count;
      const drawn = Math.floor(random.uniform() * left--);
      const fold = hand[drawn]!;
      hand[drawn] = hand[left]!;
      hand[left] = fold;
      foldOf[at] = fold;
    }
  });
  return foldOf;
}

interface HiddenErrors {
  readonly hidden: number;
  /** Σ x² and Σ (x − prediction)² over the hidden cells. */
  readonly square: number;
  readonly residual: number;
}

function* errorsAt(data: DenseTarget['data'], model: Kruskal, foldOf: Uint16Array, fold: number): Work<HiddenErrors> {
  let hidden = 0;
  let square = 0;
  let residual = 0;
  yield* fiberSteps(model, (fiber, offset) => {
    for (let j = 0; j < fiber.length; j++) {
      if (foldOf[offset + j] !== fold) continue;
      const value = data[offset + j]!;
      hidden++;
      square += value ** 2;
      residual += (value - fiber[j]!) ** 2;
    }
  });
  return { hidden, square, residual };
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
