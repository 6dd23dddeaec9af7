// The loop that drives every algorithm: records steps in batches that keep a submit under about 50 ms, observes at fixed
// steps, and decides why to stop. Where it stops depends on the numbers alone, never on the clock.
import { bestError, type Algorithm, type Observation, type Setup } from './algorithms/algorithm.js';
import { DeviceLostError } from './errors.js';
import type { StopReason } from './result.js';
import type { Target } from './targets/target.js';

export interface RunLimits {
  readonly maxSteps: number;
  readonly signal: AbortSignal | undefined;
}

export interface RunReport {
  readonly step: number;
  readonly observation: Observation;
}

export interface RunEnd extends RunReport {
  readonly stop: StopReason;
}

const submitMilliseconds = 50;
/** An error this many times the first one's means that the run is beyond recovery. */
const divergence = 1e3;

export async function* run<T extends Target, O, S>(
  algorithm: Algorithm<T, O, S>,
  setup: Setup<T, O>,
  { maxSteps, signal }: RunLimits,
): AsyncGenerator<RunReport, RunEnd> {
  const state = await algorithm.init(setup);
  let last: RunReport = { step: 0, observation: await algorithm.observe(state) };
  yield last;
  const firstError = bestError(last.observation);
  let stop = algorithm.done(setup, last.observation, undefined, 0);
  const pace = { stepsPerSubmit: 1 };
  while (stop === undefined) {
    if (signal?.aborted) return { ...last, stop: 'aborted' };
    if (last.step >= maxSteps) return { ...last, stop: 'stepLimit' };
    try {
      const wanted = Math.min(algorithm.reportEvery, maxSteps - last.step);
      const step = await advance(algorithm, state, setup, { from: last.step, steps: wanted }, pace, signal);
      if (step === undefined) return { ...last, stop: 'aborted' };
      const observation = await algorithm.observe(state);
      const error = bestError(observation);
      if (!(error <= divergence * Math.max(firstError, 1))) return { ...last, stop: 'diverged' };
      stop = algorithm.done(setup, observation, last.observation, step - last.step);
      const early = step < last.step + wanted;
      if (stop === undefined && early) algorithm.resume?.(state);
      const known = step === last.step;
      last = { step, observation };
      if (known) continue;
    } catch (error) {
      if (error instanceof DeviceLostError) return { ...last, stop: 'deviceLost' };
      throw error;
    }
    yield last;
  }
  return { ...last, stop };
}

/**
 * Does some steps in submits of an adapted length, looking after each whether the run has stopped itself. The step it then
 * stands at, or undefined when aborted on the way.
 */
async function advance<T extends Target, O, S>(
  algorithm: Algorithm<T, O, S>,
  state: S,
  { scope }: Setup<T, O>,
  { from, steps }: { readonly from: number; readonly steps: number },
  pace: { stepsPerSubmit: number },
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
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
    if (signal?.aborted) return undefined;
    if (stopped !== undefined) return stopped;
  }
  return from + steps;
}
