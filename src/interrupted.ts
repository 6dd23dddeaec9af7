// What an aborted run gives back: the best of its states that explains anything, with no more components than were asked for. Called by
// decompose with a problem of unit size.
import { explicitErrorFloor } from './analysis/relative-error.js';
import { bestError } from './algorithms/algorithm.js';
import type { Backend } from './backend/backend.js';
import type { LossName } from './losses/losses.js';
import type { ResidualError } from './handles/handle.js';
import type { Problem } from './handles/problem.js';
import type { ResolvedOptions } from './options.js';
import type { RunState } from './result.js';
import { rankOf, type AnyKruskal } from './tensor/kruskal.js';
import type { Work } from './yield.js';

export interface InterruptedResult extends ResidualError {
  readonly kruskal: AnyKruskal;
  /** Where there are no components. */
  readonly advice?: string;
}

const nothingFound =
  'The run was aborted before it found anything: there are no components yet. Let it run for longer.';

/** Flops of a step up to which measuring the error anew takes no longer than an abort may. Beyond, the error is that of the report. */
const quickStep = 2e7;
/** In units of roundoff, the error of a reported error. */
const reportFloor = 32;

/** The first of the states whose model is better than zero; else the model without components, and an advice that says so. */
export function* interruptedResult(
  problem: Problem,
  { rank, finish }: Pick<ResolvedOptions, 'rank' | 'finish'>,
  states: readonly RunState[],
  { loss, roundoff }: { readonly loss: LossName } & Pick<Backend, 'roundoff'>,
): Work<InterruptedResult> {
  const maxRank = rank === 'auto' || finish === 'none' ? Infinity : rank;
  for (const state of new Set(states)) {
    const components = rankOf(state.kruskal);
    if (components === 0) continue;
    const isCut = components > maxRank;
    const kruskal = isCut ? yield* problem.strongest(state.kruskal, maxRank) : state.kruskal;
    const isQuick = isCut || problem.stepFlops(components) <= quickStep;
    const error = isQuick
      ? yield* problem.measure(kruskal, loss)
      : { relativeError: bestError(state), errorFloor: Math.max(explicitErrorFloor, reportFloor * roundoff) };
    if (error.relativeError < 1) return { kruskal, ...error };
  }
  const error = yield* problem.measure(problem.empty, loss);
  return { kruskal: problem.empty, ...error, advice: nothingFound };
}
