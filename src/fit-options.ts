// What the diagnostics of a rank share that fit the tensor, or parts of it, anew: their options, and a fit that ends when it is aborted.
import { decompose } from './decompose.js';
import { InputError } from './errors.js';
import type { Decomposition } from './result.js';
import type { DenseTarget } from './targets/dense.js';
import { targetOf } from './targets/target-of.js';
import type { TensorLike } from './targets/tensor-like.js';
import type { Kruskal } from './tensor/kruskal.js';

export interface FitOptions {
  /** Everything random follows from it: an integer from 0. Default: 0. */
  readonly seed?: number;
  /** Starts of every fit. Default: as in decompose. */
  readonly starts?: number;
  /** Ends the work: the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Called after every fit. */
  readonly onProgress?: (progress: FitProgress) => void;
}

export interface FitProgress {
  /** Fits that are done, and how many there will be. */
  readonly done: number;
  readonly count: number;
}

export const fitOptionNames: readonly (keyof FitOptions)[] = ['seed', 'starts', 'signal', 'onProgress'];

/** A dense target, or a tensor of another library as one. @throws InputError for a target of another kind. */
export async function denseTargetOf(who: string, given: DenseTarget | TensorLike): Promise<DenseTarget> {
  const target = await targetOf(who, given);
  if (target.kind === 'dense') return target;
  throw new InputError(
    `${who}: expected a dense target, got a ${target.kind} one. Give dense(shape, data), or decompose the ${target.kind} target.`,
  );
}

/** One fit of a rank. @throws the reason of the signal where it is aborted. */
export async function fitOf(
  target: DenseTarget,
  rank: number,
  { seed, starts, signal }: FitOptions,
): Promise<Decomposition<Kruskal>> {
  signal?.throwIfAborted();
  const result = await decompose(target, {
    rank,
    ...(seed === undefined ? {} : { seed }),
    ...(starts === undefined ? {} : { starts }),
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  return result;
}
