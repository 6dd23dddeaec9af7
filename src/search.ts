// A run of an algorithm that iterates on a backend:
//   prepare (staged: the answer, where algebra gives it) ─► search on the backend, in batches of starts that fit it, of half as many where
//   it runs out of memory ─► finish of the best start, in float64 on the CPU
// Loaded for such algorithms alone.
import { bestError, smallest, type Algorithm } from './algorithms/algorithm.js';
import { isFiniteModel } from './algorithms/option-table.js';
import type { AlgorithmChoice } from './algorithms/registry.js';
import type { Backend } from './backend/backend.js';
import { InputError, OutOfMemoryError } from './errors.js';
import type { FinishState, Handle } from './handles/handle.js';
import type { Problem } from './handles/problem.js';
import type { ResolvedOptions } from './options.js';
import type { Checkpoint, Observed, RunEnd, RunState } from './result.js';
import { interruptionOf, run, type SearchState } from './run.js';
import { agreementByErrors, emptyState, interrupted, singleState } from './run-states.js';
import type { Target } from './targets/target.js';
import type { Threads } from './threads/threads.js';
import { threadsFor } from './threads/threads-for.js';
import { rankOf, shapeOf, type AnyKruskal } from './tensor/kruskal.js';
import { isInteger } from './tensor/require.js';

/** The states of a run of such an algorithm. */
export async function* solveBySearch(
  algorithm: Algorithm<Problem, AlgorithmChoice, unknown>,
  problem: Problem,
  resolved: ResolvedOptions,
  backend: Backend,
): AsyncGenerator<RunState> {
  const { signal, maxSteps, width, algorithm: options } = resolved;
  let steps = 0;
  let closest = emptyState(problem);
  let isSolved = false;
  function* preparation(): Generator<FinishState | undefined, void> {
    if (problem.prepare) yield* problem.prepare();
    if (problem.isZero) {
      yield { step: 0, kruskal: problem.empty, relativeError: 0, end: { stop: 'converged' } };
      return;
    }
    if (algorithm.prepare) yield* algorithm.prepare(problem, { ...resolved, options });
  }
  const preparedState = (next: FinishState): RunState => {
    isSolved = next.end !== undefined;
    steps = next.step;
    const state = { ...singleState(next), phase: 'search', step: steps, width: rankOf(next.kruskal) } as const;
    closest = state;
    return state;
  };
  if (yield* interrupted(preparation(), preparedState, closest, signal)) {
    yield { ...closest, step: steps, end: { stop: 'aborted' } };
    return;
  }
  if (isSolved) return;

  const tolerance = Math.max(resolved.tolerance, algorithm.finishFrom?.(problem, width) ?? 0);
  const ends: SearchState[] = [];
  const batches = batchesOf(problem, resolved, backend);
  const { onCheckpoint, resume } = resolved;
  if (resume) requireFitting(resume, algorithm.kind, problem, resolved, backend, batches);
  const keeps = onCheckpoint && algorithm.isModelsAndStep === true && batches.length === 1;
  using threads = await threadsOf(algorithm, problem, resolved, backend, batches[0]?.length ?? 0);
  const search = threads ? (await import('./threads/starts.js')).sharedStarts(algorithm, threads, signal) : algorithm;
  const sharing = threads ? { threads: threads.count } : {};
  for (let starts = batches.shift(); starts; starts = batches.shift()) {
    using scope = backend.scope(`${algorithm.kind} starts ${starts[0]} to ${starts.at(-1)}`, signal);
    const setup = {
      ...resolved,
      options,
      tolerance,
      starts,
      problem,
      scope,
      roundoff: backend.roundoff,
      ...(resume ? { resumed: resume.models } : {}),
    };
    const before = steps;
    let last: SearchState | undefined;
    let firstError = resume?.firstError;
    try {
      for await (const { end, ...state } of run(search, setup, { maxSteps, signal, resume })) {
        steps = before + state.step;
        firstError ??= bestError(state);
        if (keeps && !end && !state.isRepeat && state.models) {
          const { step, startErrors, models } = state;
          onCheckpoint({ algorithm: algorithm.kind, backend: backend.kind, step, firstError, startErrors, models });
        }
        last = end ? { ...state, end } : state;
        yield { ...state, ...sharing, phase: 'search', step: steps, width };
      }
    } catch (error) {
      if (error instanceof OutOfMemoryError && starts.length > 1) {
        const waiting = [...starts, ...batches.splice(0).flat()];
        batches.push(...inBatches(waiting, Math.ceil(starts.length / 2)));
        continue;
      }
      // Before the first state of these starts. What is known from before is the outcome.
      const stop = interruptionOf(error);
      if (!stop) throw error;
      last = { ...(ends.at(-1) ?? closest), end: { stop } };
    }
    if (last) ends.push(last);
    if (isInterrupted(last)) break;
  }
  threads?.close();
  const found = bestOf(ends);
  const searched = { ...found.state, phase: 'search', step: steps, width } as const;
  yield searched;

  const { end, kruskal } = searched;
  const canGoOn = end.stop === 'converged' || end.stop === 'stepLimit';
  if (resolved.finish === 'none' || found.isFinished || !canGoOn) return;
  const agreement = agreementByErrors(searched.startErrors, backend.roundoff);
  // Every family's finish asks for a handover of its own, which the algorithms of the family give.
  const handle: Handle<Target> = problem;
  const finish = handle.finish({
    kruskal,
    others: found.others,
    relativeError: bestError(searched),
    end,
    rank: resolved.rank,
    tolerance: resolved.tolerance,
    maxSteps,
    seed: resolved.seed,
    handover: found.handover,
  });
  const stateOf = (next: FinishState): RunState => {
    const state = { ...singleState(next), phase: 'polish', step: steps + next.step, width } as const;
    return next.end ? { ...state, end: { agreement, ...next.end } } : state;
  };
  const { startErrors, best } = found.state;
  const begun = { phase: 'polish', step: steps, width, kruskal, startErrors, best } as const;
  const last = yield* interrupted(finish, stateOf, begun, signal);
  if (last) yield { ...last, end: { stop: 'aborted', agreement } };
}

/** Sweeps of a usual search, and flops per second: als on one core of 2024. */
const usualSteps = 30;
const usualRate = 3e9;

/** Threads to share the starts of a batch. */
async function threadsOf(
  { hasIndependentStarts = false }: Algorithm<Problem, AlgorithmChoice, unknown>,
  problem: Problem,
  { threads, width, maxSteps, algorithm: options, init, constraints, signal }: ResolvedOptions,
  { kind }: Backend,
  starts: number,
): Promise<Threads | undefined> {
  const { target } = problem;
  if (!hasIndependentStarts || kind !== 'cpu' || target.kind !== 'dense') return undefined;
  const { data, known, ...rest } = target;
  const seconds = (problem.stepFlops(width) * starts * Math.min(usualSteps, maxSteps)) / usualRate;
  const bytes = 2 * data.byteLength + (known?.byteLength ?? 0);
  return threadsFor(starts, { seconds, bytes, sent: { rest, options, init, constraints }, threads, signal });
}

/** @throws InputError for a checkpoint of another run. */
function requireFitting(
  { algorithm, backend: kind, step, firstError, startErrors, models }: Checkpoint,
  expected: string,
  { shape }: Problem,
  { width, starts }: ResolvedOptions,
  backend: Backend,
  batches: readonly (readonly number[])[],
): void {
  const isFitting =
    algorithm === expected &&
    batches.length === 1 &&
    isInteger(step) &&
    Number.isFinite(firstError) &&
    [startErrors, models].every((list: unknown) => Array.isArray(list) && list.length === starts) &&
    startErrors.every((error) => Number.isFinite(error)) &&
    models.every((model) => isFiniteModel(model) && rankOf(model) === width && shapeOf(model).join() === shape.join());
  if (!isFitting) {
    throw new InputError(
      `decompose: expected a checkpoint of ${expected} with ${starts} starts of ${width} components to resume, got another. Give what onCheckpoint gave, with the target and the options of that run.`,
    );
  }
  if (kind === backend.kind) return;
  throw new InputError(
    `decompose: expected a checkpoint of the backend ${backend.kind} to resume, got one of ${kind}. Run it on ${kind}.`,
  );
}

/** The numbers of all starts, in batches that fit into one array of the backend. */
function batchesOf(
  problem: Problem,
  { width, starts }: { readonly width: number; readonly starts: number },
  { maxLength }: Backend,
): number[][] {
  const room = Math.min(maxLength, batchEntries) / problem.largestArray(width);
  const perBatch = Math.max(1, Math.min(problem.maxBatch, Math.floor(room)));
  return inBatches([...Array(starts).keys()], perBatch);
}

const inBatches = (starts: readonly number[], perBatch: number): number[][] =>
  Array.from({ length: Math.ceil(starts.length / perBatch) }, (_, b) => starts.slice(b * perBatch, (b + 1) * perBatch));

/** Entries of the largest array a batch of starts may make: 512 MiB in float32. */
const batchEntries = 2 ** 27;

interface Best {
  /** Of the best start, with the errors of all. */
  readonly state: Observed & { readonly end: RunEnd };
  /** Models of the other starts, where the algorithm gives them. */
  readonly others: readonly AnyKruskal[];
  readonly handover: unknown;
  readonly isFinished: boolean;
}

/** The best start of all batches. */
function bestOf(ends: readonly SearchState[]): Best {
  const winner = smallest(ends.map((end) => (end.scores ?? end.startErrors)[end.best]!));
  const own = ends[winner]!;
  const first = ends.slice(0, winner).reduce((count, { startErrors }) => count + startErrors.length, 0);
  const kruskal = own.models?.[own.best] ?? own.kruskal;
  const last = ends.at(-1);
  return {
    state: {
      kruskal,
      startErrors: ends.flatMap(({ startErrors }) => startErrors),
      best: first + own.best,
      end: (isInterrupted(last) ? last?.end : own.end) ?? { stop: 'stepLimit' },
    },
    others: ends.flatMap(({ models = [] }) => models).filter((model) => model !== kruskal),
    handover: own.handover,
    isFinished: own.isFinished ?? false,
  };
}

const isInterrupted = (state: SearchState | undefined): boolean =>
  state?.end?.stop === 'aborted' || state?.end?.stop === 'deviceLost';
