// The last digits of a CP model of a dense tensor, and what the model says by itself then; for compressed.ts and constrained.ts.
import { cancellationWatch } from '../analysis/cancellation.js';
import type { Degeneracy } from '../analysis/degeneracy.js';
import { polishCp, type PolishOptions } from '../compaction/polish-cp.js';
import { cancellationAdvice, fitsAnythingAdvice } from '../finish/dense-advice.js';
import { exactError } from '../finish/exact-error.js';
import type { FinishState, FinishWork } from '../handles/handle.js';
import type { CoreFit } from '../rank-choice/core-fits.js';
import type { Agreement, RunEnd } from '../result.js';
import type { DenseTarget } from '../targets/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { sizeOf } from '../tensor/shape.js';

/** A state after a step on the full tensor. */
export interface Polished extends FinishState {
  readonly kruskal: Kruskal;
  /** Set where two components cancel each other and still grow. */
  readonly cancels?: Degeneracy | undefined;
  readonly isAtLimit?: boolean;
  /** Why the device was not used to the end. */
  readonly whyNotOnDevice?: string | undefined;
}

/** Gauss-Newton on the full tensor. */
export function* polish(target: DenseTarget, start: Polished, options: PolishOptions): FinishWork<Polished> {
  const watch = cancellationWatch(denseNorm(target));
  let last = start;
  for (const report of polishCp(target, start.kruskal, options)) {
    if (!report) {
      yield;
      continue;
    }
    const { step, kruskal, relativeError, stop } = report;
    const cancels = watch(kruskal);
    last = {
      step: start.step + step,
      phase: 'polish',
      kruskal,
      relativeError,
      cancels,
      isAtLimit: stop === 'stepLimit',
    };
    yield last;
  }
  return last;
}

/**
 * What the last model says by itself: an exact fit, two components that cancel each other, or steps that were used up. `numbers`: what
 * the model could choose freely; `matrixAdvice`: what is said of a matrix.
 */
export function endOfPolish(
  target: DenseTarget,
  { kruskal, relativeError, cancels, isAtLimit }: Polished,
  { numbers, matrixAdvice }: { readonly numbers: number; readonly matrixAdvice: string | undefined },
): RunEnd | undefined {
  const rank = rankOf(kruskal);
  if (cancels) return { stop: 'stalled', advice: cancellationAdvice(cancels, rank, denseNorm(target)) };
  if (relativeError <= exactError) {
    if (numbers >= sizeOf(target.shape)) return { stop: 'converged', advice: fitsAnythingAdvice(rank) };
    return { stop: 'converged', ...(matrixAdvice === undefined ? {} : { advice: matrixAdvice }) };
  }
  return isAtLimit ? { stop: 'stepLimit' } : undefined;
}

export const agreementOf = ({ agreeing, starts }: CoreFit): Agreement => ({
  agreeing,
  count: starts,
  compared: 'models',
});
