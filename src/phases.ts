// The two phases of a run: `search`, the algorithm's starts on the backend, and `polish`, the best start finished in float64
// on the CPU. Called by decompose with a target of unit size.
import { bestError, smallest, type GrownModel, type Observation, type Setup } from './algorithms/algorithm.js';
import { algorithmOf, type AlgorithmChoice } from './algorithms/registry.js';
import type { Backend } from './backend/backend.js';
import { breathe } from './macrotask.js';
import type { ResolvedOptions } from './options.js';
import type { Progress, StopReason } from './result.js';
import { run, type RunEnd, type RunReport } from './run.js';
import type { Target } from './targets/target.js';
import { noComponents, rankOf, type AnyKruskal } from './tensor/kruskal.js';
import { normalize } from './tensor/normalize.js';

export interface Outcome {
  readonly kruskal: AnyKruskal;
  readonly stop: StopReason;
  readonly steps: number;
  readonly startErrors: readonly number[];
  /** What every start came to, where the algorithm says. */
  readonly models: readonly AnyKruskal[];
  /** Number of the best start. */
  readonly best: number;
  /** Starts that came to the same answer, where the finish has looked. */
  readonly agreeing?: number;
  /** Components the run worked with. */
  readonly width: number;
  /** In place of the stop reason's own words. */
  readonly advice?: string;
}

/**
 * The whole run: the rank grown in float64 where it is not given and the algorithm finds it so, all starts on the backend, then the
 * best one finished in float64 where the algorithm has such a finish.
 */
export async function* phases(
  target: Target,
  resolved: ResolvedOptions,
  backend: Backend,
  seconds: () => number,
): AsyncGenerator<Progress, Outcome> {
  const algorithm = algorithmOf(resolved.algorithm.kind);
  const growth = resolved.rank === 'auto' && !resolved.init ? algorithm.growRank?.(target, resolved) : undefined;
  if (!growth) return yield* searchAndPolish(target, resolved, backend, seconds);
  let steps = 0;
  for (let next = growth.next(); ; next = growth.next()) {
    if (next.done) {
      const known = { ...resolved, width: rankOf(next.value.kruskal) };
      const search = searchAndPolish(target, known, backend, seconds, next.value);
      const outcome = yield* mapped(search, (report) => ({ ...report, step: steps + report.step }));
      return { ...outcome, steps: steps + outcome.steps };
    }
    const { step, relativeError, kruskal } = next.value;
    const observation = { startErrors: [relativeError], best: 0, kruskal };
    steps = step;
    yield progress(resolved, 'search', step, seconds(), observation);
    await breathe();
    if (resolved.signal?.aborted) {
      return { ...observation, steps, stop: 'aborted', models: [], width: rankOf(kruskal) };
    }
  }
}

/** The outcome for a target that is zero: no component, found without a step. */
// eslint-disable-next-line @typescript-eslint/require-await
export async function* nothingToFind(target: Target, resolved: ResolvedOptions): AsyncGenerator<Progress, Outcome> {
  const starts = Array.from({ length: resolved.starts }, () => 0);
  const kruskal: AnyKruskal = noComponents(target);
  const observation = { startErrors: starts, best: 0, kruskal };
  yield progress(resolved, 'search', 0, 0, observation);
  return { ...observation, steps: 0, stop: 'converged', models: [], width: resolved.width, agreeing: starts.length };
}

/** All starts on the backend, then the best one finished; `grown`: the model that the rank was found by. */
async function* searchAndPolish(
  target: Target,
  resolved: ResolvedOptions,
  backend: Backend,
  seconds: () => number,
  grown?: GrownModel,
): AsyncGenerator<Progress, Outcome> {
  const { polish } = algorithmOf(resolved.algorithm.kind);
  if (!polish?.wanted(target, resolved.algorithm, resolved.width)) {
    return yield* search(target, resolved, backend, seconds);
  }
  const rough = { ...resolved, tolerance: Math.max(resolved.tolerance, polish.from) };
  const found = yield* search(target, rough, backend, seconds);
  if (found.stop !== 'converged' && found.stop !== 'stepLimit') return found;
  let outcome = found;
  const others = found.models.filter((_, start) => start !== found.best);
  const setup = {
    ...resolved,
    options: resolved.algorithm,
    others,
    searchStop: found.stop,
    ...(grown ? { grown } : {}),
  };
  for (const { step, relativeError: error, kruskal, stop, ...more } of polish.run(target, found.kruskal, setup)) {
    outcome = { ...found, ...more, kruskal, steps: found.steps + step, stop: stop ?? 'aborted' };
    // A finish that only judges the model has nothing to report.
    if (kruskal !== found.kruskal) {
      const observation = { startErrors: [error], best: 0, kruskal };
      yield progress(resolved, 'polish', outcome.steps, seconds(), observation);
    }
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
  const room = Math.min(backend.maxLength, batchEntries) / largestArray(target, resolved.width);
  const perBatch = target.kind === 'moments' ? 1 : Math.max(1, Math.floor(room));
  const ends: RunEnd[] = [];
  for (let first = 0; first < resolved.starts; first += perBatch) {
    const starts = Array.from({ length: Math.min(perBatch, resolved.starts - first) }, (_, k) => first + k);
    using scope = backend.scope(`${algorithm.kind} starts ${first} to ${first + starts.length - 1}`);
    const before = totalSteps(ends);
    const toProgress = ({ step, observation }: RunReport): Progress =>
      progress(resolved, 'search', before + step, seconds(), observation);
    const setup = { ...setupOf(target, resolved, starts), scope, roundoff: backend.roundoff };
    ends.push(yield* mapped(run(algorithm, setup, resolved), toProgress));
    if (ends.at(-1)?.stop === 'aborted' || ends.at(-1)?.stop === 'deviceLost') break;
  }
  const winner = smallest(ends.map(({ observation }) => bestScore(observation)));
  const best = ends[winner] as RunEnd;
  const last = ends.at(-1) as RunEnd;
  const { advice, verdict } = best.observation;
  return {
    kruskal: outcomeOf(best.observation),
    best: winner * perBatch + best.observation.best,
    models: ends.flatMap(({ observation }) => observation.outcomes ?? observation.models ?? []),
    width: resolved.width,
    stop: last.stop === 'aborted' || last.stop === 'deviceLost' ? last.stop : best.stop,
    steps: totalSteps(ends),
    startErrors: ends.flatMap(({ observation }) => observation.startErrors),
    ...(advice !== undefined && last.stop === best.stop && (best.stop === 'stepLimit' || best.stop === verdict)
      ? { advice }
      : {}),
  };
}

const totalSteps = (ends: readonly RunEnd[]): number => ends.reduce((sum, { step }) => sum + step, 0);

/** Entries of the largest array a batch of starts may make: 512 MiB in float32. */
const batchEntries = 2 ** 27;

const bestScore = (observation: Observation): number =>
  observation.scores?.[observation.best] ?? bestError(observation);

const outcomeOf = ({ outcomes, best, kruskal }: Observation): AnyKruskal => outcomes?.[best] ?? kruskal;

/** Entries of the largest array that one start needs for itself. */
function largestArray(target: Target, width: number): number {
  switch (target.kind) {
    case 'dense':
      return target.data.length;
    case 'observed':
      return Math.max(target.count, width * target.shape.reduce((sum, rows) => sum + rows, 0));
    case 'sensing':
      return Math.max(target.count, width * target.shape.reduce((product, rows) => product * rows, 1));
    default:
      return 1;
  }
}

function setupOf(
  target: Target,
  resolved: ResolvedOptions,
  starts: readonly number[],
): Omit<Setup<Target, AlgorithmChoice>, 'scope' | 'roundoff'> {
  const { algorithm: options, width, rank, seed, tolerance, maxSteps, init } = resolved;
  return { target, options, width, rank, seed, starts, tolerance, maxSteps, init };
}

function progress(
  { reportModels }: ResolvedOptions,
  phase: Progress['phase'],
  step: number,
  seconds: number,
  observation: RunReport['observation'],
): Progress {
  const { startErrors, kruskal, residuals = [], deflation, completion } = observation;
  const normalized = normalize(kruskal);
  const componentNorms = Array.from(normalized.weights, Math.abs);
  return {
    ...{ phase, step, seconds, relativeError: bestError(observation), startErrors, residuals, componentNorms },
    ...(reportModels ? { kruskal: normalized } : {}),
    ...(deflation ? { deflation } : {}),
    ...(completion ? { completion } : {}),
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
