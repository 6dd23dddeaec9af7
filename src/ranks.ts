// What every rank gives, and which one it is, without the last digits of the answer: the first part of what decompose does with a dense
// tensor whose rank is not given (src/rank-choice).
import { decompose } from './decompose.js';
import { denseTargetOf } from './fit-options.js';
import { requireNamedOptions } from './names.js';
import type { RankCandidate } from './rank-choice/candidates.js';
import type { RankChoice } from './rank-choice/rank-choice.js';
import type { DenseTarget } from './targets/dense.js';
import type { TensorLike } from './targets/tensor-like.js';

export interface RanksOptions {
  /** Everything random follows from it: an integer from 0. Default: 0. */
  readonly seed?: number;
  /** Starts per rank, where no fit is at the noise. Default: 6. */
  readonly starts?: number;
  /** The largest rank that is looked at. Default: as far as it takes. */
  readonly maxRank?: number;
  /** Ends the work: the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Called with the ranks that were looked at so far, whenever there is one more. */
  readonly onProgress?: (progress: RanksProgress) => void;
}

export interface RanksProgress {
  /** Seconds since the work began. */
  readonly seconds: number;
  readonly candidates: readonly RankCandidate[];
}

/**
 * The candidate ranks of a dense target, or of a tensor as other libraries hold it (see TensorLike), each with its error, what its last
 * component takes, core consistency, agreement of the starts and why it was refused; and the verdict with its reasons. It is `rankChoice`
 * of what decompose gives, without the polish on the full tensor.
 *
 * @example
 * ```ts
 * import { ranks } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * const { verdict, confidence, reasons } = await ranks(tensor); // or ranks(dense(shape, data)), which may have missing cells
 * console.log(`${verdict} (${confidence})`, reasons);
 * ```
 * @throws InputError for bad options and other targets.
 */
export async function ranks(given: DenseTarget | TensorLike, options: RanksOptions = {}): Promise<RankChoice> {
  const who = 'ranks';
  requireNamedOptions(who, options, ['seed', 'starts', 'maxRank', 'signal', 'onProgress']);
  const target = await denseTargetOf(who, given);
  const { maxRank, signal, onProgress, ...search } = options;
  signal?.throwIfAborted();
  const { rankChoice } = await decompose(target, {
    ...search,
    algorithm: { kind: 'compressed', ...(maxRank === undefined ? {} : { maxRank }) },
    finish: 'none',
    ...(signal ? { signal } : {}),
    onProgress: ({ seconds, details }) => {
      if (details.ranks) onProgress?.({ seconds, candidates: details.ranks });
    },
  });
  signal?.throwIfAborted();
  return rankChoice ?? choiceOfZero(target);
}

/** A tensor of zeros has no component. */
const choiceOfZero = ({ shape }: DenseTarget): RankChoice => ({
  rank: 0,
  confidence: 'sure',
  verdict: 'no low-rank structure',
  reasons: ['All cells are zero.'],
  candidates: [],
  visibleFrom: 0,
  compression: { core: shape.map(() => 1), kept: 1, isWhite: false, noise: undefined },
});
