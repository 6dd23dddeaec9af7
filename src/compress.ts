// The public compression of a dense tensor to a Tucker model, in the tensor's own units. The work is in src/compression.
import { compress as compressSteps, exactError, outsideOf } from './compression/compress.js';
import { improveBases, truncateModes } from './compression/truncate-modes.js';
import { InputError } from './errors.js';
import { denseTargetOf } from './fit-options.js';
import { denseProblem } from './handles/dense.js';
import { requireNamedOptions, shown } from './names.js';
import type { DenseTarget } from './targets/dense.js';
import type { TensorLike } from './targets/tensor-like.js';
import type { DenseTensor } from './tensor/dense.js';
import { sumOfSquares } from './tensor/square-sum.js';
import type { Tucker } from './tensor/tucker.js';
import { atLeisure, type Work } from './yield.js';
import { requireForm, requireIntegerIn } from './tensor/require.js';

export interface TuckerOptions {
  /** Directions to keep per mode, or one number for all modes; a mode has at most its size. Default: told from the noise. */
  readonly ranks?: number | readonly number[];
  /** In place of ranks: the largest relative error ‖X − model‖ / ‖X‖, from 1e-7 up to 1. As many directions are kept as it takes. */
  readonly tolerance?: number;
  /** Sweeps of the higher-order orthogonal iteration at most, which lower the error a little for given ranks. Default: 0. */
  readonly sweeps?: number;
  /** Ends the work: the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal;
}

export interface CompressedTensor extends Tucker {
  readonly shape: readonly number[];
  /** Sizes of the core: 1 where nothing stands out from the noise. */
  readonly ranks: readonly number[];
  /** ‖X − model‖ / ‖X‖ by ‖X − model‖² = ‖X‖² − ‖core‖², which is exact for orthonormal factors; 0 for a zero tensor. */
  readonly relativeError: number;
  /**
   * Whether what is outside the core is white noise, by its singular values: then the ranks are those of the signal. False also where
   * ranks or a tolerance were given, and nobody looked.
   */
  readonly isWhite: boolean;
  /** Standard deviation of that noise per cell, in the units of the tensor; undefined where it is not white or where there is none. */
  readonly noise: number | undefined;
}

/** Singular values come from the squares of the entries, whose rounding, 1e-14 of the largest in sums of many, hides smaller errors. */
const minTolerance = 1e-7;
/** A sweep that raises ‖core‖² by less than this part of it is the last. */
const minGain = 1e-12;

/**
 * A Tucker model with orthonormal factors of a dense target, or of a tensor as other libraries hold it (see TensorLike): X ≈ core ×_1
 * factors[0] ×_2 factors[1] …, by the sequentially truncated higher-order SVD (Vannieuwenhoven, Vandebril & Meerbergen 2012), whose error
 * is at most √order times the smallest one for its ranks. Without ranks or a tolerance, of every mode as many directions are kept as stand
 * out from a Marchenko-Pastur bulk of white noise; where there is no such bulk, the leading 16 of every mode are kept, and `isWhite` is
 * false. With a tolerance τ, the directions that a mode drops hold at most τ² / order of ‖X‖². Cost about 2 · size · (length of the
 * shortest mode) flops.
 *
 * @example
 * ```ts
 * import { compress } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.01, seed: 1 });
 * const { core, factors } = await compress(tensor, { tolerance: 0.05 });
 * console.log(core.shape, factors.length); // [ 2, 2, 2 ] 3
 * ```
 * @throws InputError for bad options and for missing cells.
 */
export async function compress(
  given: DenseTarget | TensorLike,
  options: TuckerOptions = {},
): Promise<CompressedTensor> {
  const who = 'compress';
  requireNamedOptions(who, options, ['ranks', 'tolerance', 'sweeps', 'signal']);
  const target = await denseTargetOf(who, given);
  if (target.known) {
    throw new InputError(
      `${who}: expected all cells to be known, got missing ones. Fill them first, by toDense of what decompose finds.`,
    );
  }
  const { sweeps = 0, signal } = options;
  requireIntegerIn(who, 'sweeps', sweeps, 0, Number.MAX_SAFE_INTEGER);
  const keep = keepFor(target, options);
  const problem = denseProblem(target);
  const { scale } = problem;
  const tensor = scale === 1 ? target : problem.scaled(1 / scale).target;
  return inUnits(await atLeisure(compressed(tensor, keep, sweeps), signal), scale);
}

/** How many directions of a mode are kept, by its squared singular values; undefined: as many as stand out from noise. */
type KeepValues = ((mode: number, values: Float64Array) => number) | undefined;

function keepFor({ shape }: DenseTarget, { ranks, tolerance }: TuckerOptions): KeepValues {
  const who = 'compress';
  if (ranks !== undefined && tolerance !== undefined) {
    throw new InputError(`${who}: expected ranks or a tolerance, got both. Leave one of them out.`);
  }
  if (tolerance !== undefined) {
    if (!(typeof tolerance === 'number' && tolerance >= minTolerance && tolerance < 1)) {
      throw new InputError(
        `${who}: expected tolerance to be from ${minTolerance} up to 1, got ${shown(tolerance)}. Give a relative error such as 0.01; exact data need none.`,
      );
    }
    let budget: number | undefined;
    return (_, values) => {
      budget ??= (tolerance ** 2 / shape.length) * values.reduce((sum, value) => sum + value, 0);
      return countAbove(values, budget);
    };
  }
  if (ranks === undefined) return undefined;
  requireForm(who, ranks, typeof ranks === 'number' || Array.isArray(ranks), {
    name: 'ranks',
    expected: 'a number or a list of numbers',
  });
  const perMode = typeof ranks === 'number' ? shape.map((size) => Math.min(size, ranks)) : ranks;
  if (perMode.length !== shape.length) {
    throw new InputError(
      `${who}: expected ${shape.length} ranks, one per mode, got ${perMode.length}. Give one per mode, or one number.`,
    );
  }
  perMode.forEach((rank, mode) => requireIntegerIn(who, `ranks[${mode}]`, rank, 1, shape[mode]!));
  return (mode) => perMode[mode]!;
}

/** How many of the values, descending, are needed for the rest to have a sum of at most `budget`; one at least. */
function countAbove(values: Float64Array, budget: number): number {
  let rest = 0;
  let count = values.length;
  while (count > 1 && rest + values[count - 1]! <= budget) rest += values[--count]!;
  return count;
}

function* compressed(tensor: DenseTensor, keep: KeepValues, sweeps: number): Work<CompressedTensor> {
  const squaredNorm = sumOfSquares(tensor.data);
  let model: Tucker;
  let variance: number | undefined;
  let isWhite = false;
  if (keep) {
    model = yield* truncateModes(tensor, keep);
  } else {
    const found = yield* compressSteps(tensor, { model: 'tucker' });
    model = { core: found.core, factors: found.bases };
    ({ isWhite } = found);
    variance = isWhite ? found.variance : undefined;
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const next = yield* improveBases(tensor, model);
    const before = sumOfSquares(model.core.data);
    const gain = sumOfSquares(next.core.data) - before;
    if (gain > 0) model = next;
    if (gain <= minGain * before) break;
  }
  const { core, factors } = model;
  const outside = yield* outsideOf(tensor, squaredNorm, core, factors);
  const relativeError = squaredNorm > 0 ? Math.sqrt(Math.max(0, outside) / squaredNorm) : 0;
  return {
    core,
    factors,
    shape: tensor.shape,
    ranks: core.shape,
    relativeError,
    isWhite: isWhite && (variance !== undefined || relativeError <= exactError),
    noise: variance === undefined ? undefined : Math.sqrt(variance),
  };
}

function inUnits(found: CompressedTensor, scale: number): CompressedTensor {
  const { core, noise } = found;
  const data = new Float64Array(core.data).map((value) => value * scale);
  return {
    ...found,
    core: { shape: core.shape, data },
    noise: noise === undefined ? undefined : noise * scale,
  };
}
