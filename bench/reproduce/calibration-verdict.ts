// What the calibration calls right, wrong and said. The words are defined at the top of calibration.ts.
import type { AnyKruskal, DecomposeOptions, Decomposition, Target } from '../../src/index.js';

/** One random problem with its known truth. */
export interface Instance {
  readonly target: Target;
  /** What decompose is told besides seed, backend and signal. */
  readonly options: Pick<DecomposeOptions, 'rank'>;
  /** Sizes, weights, noise, in words. */
  readonly about: string;
  readonly truth: Truth;
  /** The error that the verdict is about. */
  readonly errorOf: (model: AnyKruskal) => number;
}

export type Truth =
  /** An exact model of `rank` components exists, or none at all can be confirmed and only an exact answer is right. */
  | { readonly kind: 'exact'; readonly rank: number }
  | {
      readonly kind: 'noisy';
      /** The lowest error known of a model with the planted number of components. */
      readonly best: number;
      /** The smallest and the largest rank that are right. */
      readonly ranks: readonly [number, number];
      /** A higher error means that something clearly above the noise is missing. */
      readonly poorAbove: number;
    }
  /** The data hold nothing but noise. */
  | { readonly kind: 'noise' };

export interface Answer extends Pick<Decomposition, 'rank' | 'stop' | 'starts'> {
  readonly error: number;
}

export type Quality = 'right' | 'poor' | 'wrong error' | 'wrong rank';

/** Below this an error counts as 0. */
const exactError = 1e-8;
const wrongFactor = 10;

export const isSaid = ({ stop, starts }: Answer): boolean => stop === 'converged' && starts.agreeing === starts.count;

/** NaN is a wrong error: every comparison asks whether the error is low, not whether it is high. */
export function qualityOf({ error, rank }: Answer, truth: Truth): Quality {
  const exact = error <= exactError;
  switch (truth.kind) {
    case 'exact':
      return !exact ? 'wrong error' : rank <= truth.rank ? 'right' : 'wrong rank';
    case 'noise':
      return exact || rank === 0 ? 'right' : 'wrong rank';
    case 'noisy': {
      const [min, max] = truth.ranks;
      if (!(error <= Math.max(wrongFactor * truth.best, exactError))) return 'wrong error';
      if (rank < min || rank > max) return 'wrong rank';
      return error <= truth.poorAbove ? 'right' : 'poor';
    }
    default:
      return truth satisfies never;
  }
}

/** In words, for the list: what would have been right. */
export function describeTruth(truth: Truth): string {
  switch (truth.kind) {
    case 'exact':
      return `error 0 with rank ≤ ${truth.rank}`;
    case 'noise':
      return 'rank 0, or an error of 0';
    case 'noisy': {
      const [min, max] = truth.ranks;
      return `error about ${truth.best.toPrecision(2)}, rank ${min === max ? min : `${min} to ${max}`}`;
    }
    default:
      return truth satisfies never;
  }
}
