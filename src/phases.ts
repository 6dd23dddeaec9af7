// The two phases of a run: `search`, the algorithm's starts on the backend, and `polish`, the best start finished in float64
// on the CPU. Called by decompose with a target of unit size.
import { bestError, smallest, type Setup } from './algorithms/algorithm.js';
import { algorithmOf, type AlgorithmChoice } from './algorithms/registry.js';
import type { Backend } from './backend/backend.js';
import { breathe } from './macrotask.js';
import type { ResolvedOptions } from './options.js';
import type { Progress, StopReason } from './result.js';
import { run, type RunEnd, type RunReport } from './run.js';
import type { Target } from './targets/target.js';
import type { AnyKruskal } from './tensor/kruskal.js';
import { normalize } from './tensor/normalize.js';
import { flopsOfStep } from './work.js';

export interface Outcome {
  readonly kruskal: AnyKruskal;
  readonly stop: StopReason;
  readonly steps: number;
  readonly startErrors: readonly number[];
  /** In place of the stop reason's own words. */
  readonly advice?: string;
}

/** The whole run: all starts on the backend, then the best one finished in float64 where the algorithm has such a finish. */
export async function* phases(
  target: Target,
  resolved: ResolvedOptions,
  backend: Backend,
  seconds: () => number,
): AsyncGenerator<Progress, Outcome> {
  const { polish } = algorithmOf(resolved.algorithm.kind);
  if (!polish || flopsOfStep(target, resolved.width, 1) > polishFlops) {
    return yield* search(target, resolved, backend, seconds);
  }
  const rough = { ...resolved, tolerance: Math.max(resolved.tolerance, polish.from) };
  const found = yield* search(target, rough, backend, seconds);
  if (found.stop !== 'converged' && found.stop !== 'stepLimit') return found;
  let outcome = found;
  for (const { step, relativeError: error, kruskal, stop } of polish.run(target, found.kruskal, resolved)) {
    outcome = { ...found, kruskal, steps: found.steps + step, stop: stop ?? 'aborted' };
    const observation = { startErrors: [error], best: 0, kruskal };
    yield progress('polish', outcome.steps, seconds(), observation);
    await breathe();
    if (resolved.signal?.aborted) break;
  }
  return outcome;
}

/** All starts, in batches that fit into one array of the backend; the best of them is the outcome. */
async function* search(
  target: Target,
  resolved: ResolvedOptions,
  backend: Backend,
  seconds: () => number,
): AsyncGenerator<Progress, Outcome> {
  const algorithm = algorithmOf(resolved.algorithm.kind);
  const perBatch =
    target.kind === 'moments' ? 1 : Math.max(1, Math.floor(Math.min(backend.maxLength, batchEntries) / sizeOf(target)));
  const ends: RunEnd[] = [];
  for (let first = 0; first < resolved.starts; first += perBatch) {
    const starts = Array.from({ length: Math.min(perBatch, resolved.starts - first) }, (_, k) => first + k);
    using scope = backend.scope(`${algorithm.kind} starts ${first} to ${first + starts.length - 1}`);
    const before = totalSteps(ends);
    const toProgress = ({ step, observation }: RunReport): Progress =>
      progress('search', before + step, seconds(), observation);
    const setup = { ...setupOf(target, resolved, starts), scope, roundoff: backend.roundoff };
    ends.push(yield* mapped(run(algorithm, setup, resolved), toProgress));
    if (ends.at(-1)?.stop === 'aborted' || ends.at(-1)?.stop === 'deviceLost') break;
  }
  const best = ends[smallest(ends.map(({ observation }) => bestError(observation)))] as RunEnd;
  const last = ends.at(-1) as RunEnd;
  const { kruskal, advice } = best.observation;
  return {
    kruskal,
    stop: last.stop === 'aborted' || last.stop === 'deviceLost' ? last.stop : best.stop,
    steps: totalSteps(ends),
    startErrors: ends.flatMap(({ observation }) => observation.startErrors),
    ...(advice !== undefined && best.stop === 'stepLimit' && last.stop === best.stop ? { advice } : {}),
  };
}

const totalSteps = (ends: readonly RunEnd[]): number => ends.reduce((sum, { step }) => sum + step, 0);

/** Entries of the largest array a batch of starts may make: 512 MiB in float32. */
const batchEntries = 2 ** 27;

/** Work of one sweep up to which float64 on the CPU continues: a few seconds. */
const polishFlops = 4e9;
const sizeOf = (target: Target): number => (target.kind === 'dense' ? target.data.length : 1);

function setupOf(
  target: Target,
  resolved: ResolvedOptions,
  starts: readonly number[],
): Omit<Setup<Target, AlgorithmChoice>, 'scope' | 'roundoff'> {
  const { algorithm: options, width, seed, tolerance, init } = resolved;
  return { target, options, width, seed, starts, tolerance, init };
}

function progress(
  phase: Progress['phase'],
  step: number,
  seconds: number,
  observation: RunReport['observation'],
): Progress {
  const { startErrors, kruskal, residuals = [], deflation } = observation;
  const componentNorms = Array.from(normalize(kruskal).weights, Math.abs);
  return {
    ...{ phase, step, seconds, relativeError: bestError(observation), startErrors, residuals, componentNorms },
    ...(deflation ? { deflation } : {}),
  };
}

/** The generator's reports, each turned into another; its end as it is. */
export async function* mapped<A, B, R>(source: AsyncGenerator<A, R>, turn: (value: A) => B): AsyncGenerator<B, R> {
  try {
    for (;;) {
      const { done, value } = await source.next();
      if (done) return value;
      yield turn(value);
    }
  } finally {
    // Whoever leaves early closes the source too; after its end this does nothing.
    await source.return(undefined as never);
  }
}
