// The loop that drives every algorithm: records steps in batches that keep a submit under about 50 ms, observes at fixed
// steps, and decides why to stop. Where it stops depends on the numbers alone, never on the clock.
import { bestError, smallest, toleranceMet, type Algorithm, type Setup } from './algorithms/algorithm.js';
import { DeviceLostError } from './errors.js';
import type { Problem } from './handles/problem.js';
import type { Checkpoint, Observed, RunEnd } from './result.js';
import { AbortedError, maxQuietPauses, passed, throwIfAborted, untilAborted, yieldIfDue, type Work } from './yield.js';

export interface RunLimits {
  readonly maxSteps: number;
  readonly signal: AbortSignal | undefined;
  /** Where the run goes on; it is `resumed` in the setup too. */
  readonly resume?: Checkpoint | undefined;
}

/** What is observed, and after which step. The last state of a run has an `end`, and what the run leaves to the finish. */
export interface SearchState extends Observed {
  readonly step: number;
  readonly handover?: unknown;
  /** Whether there is nothing left to finish. */
  readonly isFinished?: boolean;
}

const submitMilliseconds = 50;
/** An error this many times the first one's means that the run is beyond recovery. */
const divergence = 1e3;

/**
 * Yields the state at every observation. The last one has an `end`; it and others may repeat the step of the one before.
 * @throws AbortedError, DeviceLostError before the first state.
 */
export async function* run<P extends Problem, O, S>(
  algorithm: Algorithm<P, O, S>,
  setup: Setup<P, O>,
  { maxSteps, signal, resume }: RunLimits,
): AsyncGenerator<SearchState> {
  const state = await untilAborted(passed(await algorithm.init(setup)), signal);
  const pace = { stepsPerSubmit: 1 };
  const endOf = (now: SearchState, before: SearchState | undefined, steps: number): RunEnd | undefined =>
    algorithm.done ? algorithm.done(setup, now, before, steps) : toleranceMet(setup, now);
  await setup.scope.flush();
  throwIfAborted(signal);
  // To observe once more could change bits.
  let now: SearchState = resume ? observedAt(resume) : { step: 0, ...(await algorithm.observe(state)) };
  let end = resume ? undefined : endOf(now, undefined, 0);
  const maxError = divergence * Math.max(resume ? resume.firstError : bestError(now), 1);
  while (!end) {
    yield now;
    const steps = Math.min(algorithm.reportEvery, maxSteps - now.step);
    if (steps <= 0) end = { stop: 'stepLimit' };
    if (signal?.aborted) end = { stop: 'aborted' };
    if (end) break;
    try {
      const step = await advance(algorithm, state, setup, { from: now.step, steps }, pace, signal);
      const observed = { step, ...(await algorithm.observe(state)) };
      const next = yield* concluded(algorithm, state, observed, signal);
      if (!(bestError(next) <= maxError)) end = { stop: 'diverged' };
      else {
        end = endOf(next, now, next.step - now.step);
        if (!end && next.step < now.step + steps) algorithm.resume?.(state);
        now = next;
      }
    } catch (error) {
      const stop = interruptionOf(error);
      if (!stop) throw error;
      end = { stop };
    }
  }
  yield { ...now, end, handover: algorithm.handover?.(state), isFinished: algorithm.isFinished?.(state) ?? false };
}

function observedAt({ step, startErrors, models }: Checkpoint): SearchState {
  const best = smallest(startErrors);
  return { step, startErrors, best, models, kruskal: models[best]! };
}

/** How a run ends that such an error was thrown in; undefined where it is not for the run to end by. */
export function interruptionOf(error: unknown): 'aborted' | 'deviceLost' | undefined {
  if (error instanceof AbortedError) return 'aborted';
  return error instanceof DeviceLostError ? 'deviceLost' : undefined;
}

/** What the algorithm makes of an observation. @throws AbortedError. Repeats the observation while that takes long. */
async function* concluded<P extends Problem, O, S>(
  algorithm: Algorithm<P, O, S>,
  state: S,
  observed: SearchState,
  signal: AbortSignal | undefined,
): AsyncGenerator<SearchState, SearchState> {
  if (!algorithm.conclude) return observed;
  const work: Work<Observed> = algorithm.conclude(state, observed);
  for (let quiet = 1; ; quiet++) {
    const { done, value } = work.next();
    if (done) return { step: observed.step, ...value };
    if (quiet % maxQuietPauses === 0) yield { ...observed, isRepeat: true };
    await yieldIfDue();
    throwIfAborted(signal);
  }
}

/**
 * Does some steps in submits of an adapted length, looking after each whether the run has stopped itself. The step it then
 * stands at. @throws AbortedError
 */
async function advance<P extends Problem, O, S>(
  algorithm: Algorithm<P, O, S>,
  state: S,
  { scope }: Setup<P, O>,
  { from, steps }: { readonly from: number; readonly steps: number },
  pace: { stepsPerSubmit: number },
  signal: AbortSignal | undefined,
): Promise<number> {
  for (let done = 0; done < steps;) {
    const count = Math.min(pace.stepsPerSubmit, steps - done);
    const begun = performance.now();
    for (let k = 0; k < count; k++) {
      const waiting = algorithm.step(state);
      if (waiting) await waiting;
    }
    await scope.flush();
    const stopped = await algorithm.stopped?.(state);
    const each = (performance.now() - begun) / count;
    pace.stepsPerSubmit = Math.max(1, Math.min(2 * pace.stepsPerSubmit, Math.floor(submitMilliseconds / each)));
    done += count;
    throwIfAborted(signal);
    if (stopped !== undefined) return stopped;
  }
  return from + steps;
}
