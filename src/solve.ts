// A run from problem to answer, as a stream of states: directly in float64 on the CPU, or by a search on a backend (search.ts). Called by
// decompose with a problem of unit size.
import type { DirectAlgorithm } from './algorithms/algorithm.js';
import type { AlgorithmChoice } from './algorithms/registry.js';
import type { Backend, Host } from './backend/backend.js';
import type { FinishState } from './handles/handle.js';
import type { Problem } from './handles/problem.js';
import type { ResolvedOptions } from './options.js';
import type { RunState } from './result.js';
import { emptyState, interrupted, singleState } from './run-states.js';
import { rankOf } from './tensor/kruskal.js';

/**
 * Yields the states of a run. The last one has an `end` and is the outcome. A state may repeat the step of the one before. The host is
 * enough for algorithms that solve directly.
 */
export async function* solve(
  problem: Problem,
  resolved: ResolvedOptions,
  backend: Backend | Host,
): AsyncGenerator<RunState> {
  const { method } = resolved;
  if ('solve' in method) {
    yield* solveDirectly(method, problem, resolved, backend);
    return;
  }
  if (!('scope' in backend)) throw new Error(`solve: expected a backend for ${method.kind}, got the host alone.`);
  const { solveBySearch } = await import('./search.js');
  yield* solveBySearch(method, problem, resolved, backend);
}

/** The states of an algorithm that works in float64 on the CPU, from the model without components on. */
async function* solveDirectly(
  algorithm: DirectAlgorithm<Problem, AlgorithmChoice>,
  problem: Problem,
  resolved: ResolvedOptions,
  backend: Backend | Host,
): AsyncGenerator<RunState> {
  const device = backend.kind === 'cpu' ? undefined : backend;
  const stateOf = (next: FinishState): RunState => ({
    ...singleState(next),
    phase: next.phase ?? 'search',
    step: next.step,
    width: rankOf(next.kruskal),
  });
  const work = algorithm.solve(problem, { ...resolved, options: resolved.algorithm, device });
  const last = yield* interrupted(work, stateOf, emptyState(problem), resolved.signal);
  if (last) yield { ...last, end: { stop: 'aborted' } };
}
