// The main path: decompose() and decomposeSteps(). Start reading here.
//   options ─ resolveOptions ─► backend ─► search: the algorithm's starts, in batches that fit the backend
//   ─► polish: the best start finished in float64 on the CPU ─► normalized components, error evaluated in float64
import { bestError, smallest, type Setup } from './algorithms/algorithm.js';
import { algorithmOf, type AlgorithmChoice } from './algorithms/registry.js';
import { relativeError, relativeErrorFloor } from './analysis/relative-error.js';
import type { Backend } from './backend/backend.js';
import { openBackend, type OpenedBackend } from './backend/open.js';
import { dispose } from './dispose.js';
import { resolveOptions, type DecomposeOptions, type ResolvedOptions } from './options.js';
import { stopReasons, type Decomposition, type Progress, type StopReason } from './result.js';
import { run, type RunEnd, type RunReport } from './run.js';
import type { DenseTarget } from './targets/dense.js';
import { shapeOfTarget, type Target } from './targets/target.js';
import { rankOf, type AnyKruskal, type Kruskal, type SymmetricKruskal } from './tensor/kruskal.js';
import { arrange, fixSigns, normalize } from './tensor/normalize.js';

/** The kind of model that a kind of target gets. */
export type KruskalOf<T extends Target> = T extends DenseTarget ? Kruskal : SymmetricKruskal;

/**
 * Finds the rank-one components of a target: T* ≈ Σ_r weights[r] · factors[0][:, r] ∘ factors[1][:, r] ∘ …
 * @throws InputError for bad options, BackendError when the backend asked for is not there or too small. Everything that
 * happens to the run itself (not converged, aborted, device lost) is in `stop` of the result.
 */
export async function decompose<T extends Target>(
  target: T,
  options: DecomposeOptions = {},
): Promise<Decomposition<KruskalOf<T>>> {
  const steps = decomposeSteps(target, options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
    options.onProgress?.(value);
  }
}

/** The same as a stream: yields every report and returns the result. Leaving the loop stops the run and frees everything. */
export async function* decomposeSteps<T extends Target>(
  target: T,
  options: DecomposeOptions = {},
): AsyncGenerator<Progress, Decomposition<KruskalOf<T>>> {
  const resolved = resolveOptions(target, options);
  const begun = performance.now();
  const { backend, owned, reason } = await backendFor(resolved);
  try {
    const history: Progress[] = [];
    const seconds = (): number => (performance.now() - begun) / 1000;
    const outcome = yield* keep(history, phases(target, resolved, backend, seconds));
    const kruskal = canonical(outcome.kruskal);
    return {
      kruskal: kruskal as KruskalOf<T>,
      relativeError: relativeError(kruskal, target),
      errorFloor: relativeErrorFloor(kruskal, target),
      stop: outcome.stop,
      advice: stopReasons[outcome.stop],
      rank: rankOf(kruskal),
      width: resolved.width,
      steps: outcome.steps,
      seconds: seconds(),
      algorithm: resolved.algorithm.kind,
      seed: resolved.seed,
      starts: { count: resolved.starts, agreeing: agreeing(outcome.startErrors, backend.roundoff) },
      backend: backend.kind,
      adapter: backend.adapter,
      backendReason: reason,
      history,
    };
  } finally {
    if (owned) backend[dispose]();
  }
}

interface Outcome {
  readonly kruskal: AnyKruskal;
  readonly stop: StopReason;
  readonly steps: number;
  readonly startErrors: readonly number[];
}

async function* phases(
  target: Target,
  resolved: ResolvedOptions,
  backend: Backend,
  seconds: () => number,
): AsyncGenerator<Progress, Outcome> {
  const { polish } = algorithmOf(resolved.algorithm.kind);
  if (!polish || sweepFlops(target, resolved.width) > polishFlops) {
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
    // A macrotask, so that timers, messages and the abort signal come through.
    await new Promise((resolve) => setTimeout(resolve));
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
  const perBatch = Math.max(1, Math.floor(Math.min(backend.maxLength, batchEntries) / sizeOf(target)));
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
  return {
    kruskal: best.observation.kruskal,
    stop: last.stop === 'aborted' || last.stop === 'deviceLost' ? last.stop : best.stop,
    steps: totalSteps(ends),
    startErrors: ends.flatMap(({ observation }) => observation.startErrors),
  };
}

const totalSteps = (ends: readonly RunEnd[]): number => ends.reduce((sum, { step }) => sum + step, 0);

/** Entries of the largest array a batch of starts may make: 512 MiB in float32. */
const batchEntries = 2 ** 27;

/** Work of one sweep up to which float64 on the CPU continues: a few seconds. */
const polishFlops = 4e9;
const sizeOf = (target: Target): number => (target.kind === 'dense' ? target.data.length : 1);
const sweepFlops = (target: Target, width: number): number => 4 * shapeOfTarget(target).length * sizeOf(target) * width;

function setupOf(
  target: Target,
  resolved: ResolvedOptions,
  starts: readonly number[],
): Omit<Setup<Target, AlgorithmChoice>, 'scope' | 'roundoff'> {
  const { algorithm: options, width, seed, tolerance, init } = resolved;
  return { target, options, width, seed, starts, tolerance, init };
}

async function backendFor({
  backend,
  device,
}: ResolvedOptions): Promise<{ backend: Backend; owned: boolean; reason: string }> {
  if (typeof backend === 'object') {
    return { backend, owned: false, reason: (backend as Partial<OpenedBackend>).reason ?? 'handed over open' };
  }
  const opened = await openBackend(backend, device ? { device } : {});
  return { backend: opened, owned: true, reason: opened.reason };
}

/** Unit vectors, weights descending, signs fixed. */
const canonical = (model: AnyKruskal): AnyKruskal => fixSigns(arrange(normalize(model)));

function progress(
  phase: Progress['phase'],
  step: number,
  seconds: number,
  observation: RunReport['observation'],
): Progress {
  const { startErrors, kruskal } = observation;
  const componentNorms = Array.from(normalize(kruskal).weights, Math.abs);
  return { phase, step, seconds, relativeError: bestError(observation), startErrors, componentNorms };
}

function agreeing(startErrors: readonly number[], roundoff: number): number {
  const best = Math.min(...startErrors);
  return startErrors.filter((error) => error <= 1.01 * best + 32 * roundoff).length;
}

/** The generator's reports, each turned into another; its end as it is. */
async function* mapped<A, B, R>(source: AsyncGenerator<A, R>, turn: (value: A) => B): AsyncGenerator<B, R> {
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

/** Passes everything on and keeps it in `history`. */
async function* keep<A, R>(history: A[], source: AsyncGenerator<A, R>): AsyncGenerator<A, R> {
  return yield* mapped(source, (value) => {
    history.push(value);
    return value;
  });
}
