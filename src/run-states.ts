// The states of runs: of work in float64 on the CPU that may be interrupted, of single models, and how many starts agree.
import type { FinishState } from './handles/handle.js';
import type { Problem } from './handles/problem.js';
import type { Agreement, Observed, RunState } from './result.js';
import { maxQuietPauses, yieldIfDue } from './yield.js';

/**
 * Yields the states of work in float64 on the CPU, up to its end; or, when it is aborted before, returns the last one. Others get their
 * turn at every pause, and where there is no news for many of them the last state is repeated.
 */
export async function* interrupted<S extends FinishState>(
  work: Iterable<S | undefined>,
  stateOf: (next: S) => RunState,
  begun: RunState,
  signal: AbortSignal | undefined,
): AsyncGenerator<RunState, RunState | undefined> {
  let state = begun;
  let quiet = 0;
  if (signal?.aborted) return state;
  for (const next of work) {
    quiet = next ? 0 : quiet + 1;
    if (next) {
      state = stateOf(next);
      yield state;
      if (state.end) return undefined;
    } else if (quiet % maxQuietPauses === 0) {
      yield { ...state, isRepeat: true };
    }
    await yieldIfDue();
    if (signal?.aborted) return state;
  }
  return undefined;
}

/** Before anything is found. */
export const emptyState = ({ empty }: Problem): RunState => ({
  ...singleState({ step: 0, kruskal: empty, relativeError: 1 }),
  phase: 'search',
  step: 0,
  width: 0,
});

/** A single model that is worked on in float64. */
export const singleState = ({ kruskal, relativeError, details, end }: FinishState): Observed => ({
  kruskal,
  startErrors: [relativeError],
  best: 0,
  ...(details ? { details } : {}),
  ...(end ? { end } : {}),
});

/** How many starts have errors within 1 % of the best, or within rounding. */
export function agreementByErrors(startErrors: readonly number[], roundoff: number): Agreement {
  const best = Math.min(...startErrors);
  const near = startErrors.filter((error) => error <= 1.01 * best + 32 * roundoff);
  return { agreeing: near.length, compared: 'errors' };
}
