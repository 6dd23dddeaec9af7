// Many small problems in the same dispatches: the flow of beyondLazy on a batch of factored targets of one size, each with its
// own seed. What a phase diagram is made of. A small problem alone leaves a GPU idle; here the batch axis fills it.
import { requireOptions, type OptionTable } from './algorithms/option-table.js';
import { polarFlowOptions, type PolarFlowOptions } from './algorithms/options/polar-flow.js';
import { openPolarFlow, stepPolarFlow } from './algorithms/polar-flow.js';
import { readStack } from './algorithms/symmetric-stack.js';
import type { Backend } from './backend/backend.js';
import { openBackend, type BackendChoice } from './backend/open.js';
import { dispose } from './dispose.js';
import { DeviceLostError, InputError, OutOfMemoryError } from './errors.js';
import { factoredProblem } from './handles/factored.js';
import { requireNamedOptions } from './names.js';
import type { StopReason } from './result.js';
import type { FactoredTarget } from './targets/factored.js';
import { noComponents, scaleKruskal, type SymmetricKruskal } from './tensor/kruskal.js';
import { requireTarget } from './targets/require-target.js';
import { isInteger, requireForm } from './tensor/require.js';
import { inPieces, threadsFor } from './threads/threads-for.js';
import type { Threads } from './threads/threads.js';
import { maxWidth, requireBackend, threadsOption } from './options.js';
import { AbortedError } from './yield.js';

export interface BatchRun {
  /** Components to work with. Default: twice the rank. */
  readonly width?: number;
  /** One per target; the same seed gives the same start as decompose with it. Default: 0, 1, 2, … */
  readonly seeds?: readonly number[];
  /** A problem is done when its relative error is this small. Default: 1e-2. */
  readonly tolerance?: number;
  /** Steps before giving up. Default: 4,000. */
  readonly maxSteps?: number;
  /** 'auto', 'webgpu', 'cpu', or an open backend, which then stays open. Default: 'auto'. */
  readonly backend?: BackendChoice | Backend;
  /** Worker threads at most, from 1 to 64, that share the problems on the CPU, as in decompose. Default: the cores, up to 8; 1 in a page. */
  readonly threads?: number;
  /** Ends the run; problems that are not done have converged: false. */
  readonly signal?: AbortSignal;
}

const batchOptions: readonly (keyof BatchRun)[] = [
  'width',
  'seeds',
  'tolerance',
  'maxSteps',
  'backend',
  'threads',
  'signal',
];

/** Ranges of the numbers among them. */
const numberOptions = {
  width: { type: 'number', integer: true, min: 1, max: maxWidth, help: 'Components to work with.' },
  tolerance: { type: 'number', min: 0, max: 1, help: 'Relative error at which a problem is done.' },
  maxSteps: { type: 'number', integer: true, min: 0, help: 'Steps before giving up.' },
  ...threadsOption,
} as const satisfies OptionTable;

export type BatchOptions = BatchRun & PolarFlowOptions;

export interface BatchOutcome {
  readonly converged: boolean;
  /** Why the run of this problem ended. */
  readonly stop: Extract<StopReason, 'converged' | 'stepLimit' | 'diverged' | 'aborted' | 'deviceLost'>;
  /** The step it was seen to be done at, a multiple of 50; or the last one. */
  readonly steps: number;
  readonly relativeError: number;
  /** The model as the flow left it: not compacted. */
  readonly kruskal: SymmetricKruskal;
}

const reportEvery = 50;
/** Steps of a usual run, and flops per second: 0.25 · 10⁹ of problems of 20 dimensions and 8 components, 1.8 · 10⁹ of 80 and 40. */
const usualSteps = 300;
const usualRate = 5e8;
/** Steps between two looks at the signal. */
const lookForAbortEvery = 10;
/** Entries of the stack of one batch: 256 MiB in float32. */
const batchEntries = 2 ** 26;

/**
 * Runs `beyondLazy` on every target, all of one order, dim and number of components, in batches as large as the backend allows, and half as
 * large where it runs out of memory. A problem that diverges keeps its last finite model. Where a device of the caller is lost, or ours for
 * good, problems that were done stay done, and the others have converged: false, with the last model that was seen.
 *
 * @example
 * ```ts
 * import { decomposeBatch, factored } from 'polyadic';
 * import { orthogonal } from 'polyadic/problems';
 *
 * const target = factored({ ...orthogonal({ order: 3, dim: 4, rank: 2, seed: 1 }).truth, dim: 4 });
 * const outcomes = await decomposeBatch([target, target], { backend: 'cpu' }); // from seeds 0 and 1
 * console.log(outcomes.map(({ converged }) => converged)); // [ true, true ]
 * ```
 * @throws InputError when the targets differ in size or an option is not known, BackendError when the backend asked for is not there.
 */
export async function decomposeBatch(
  targets: readonly FactoredTarget[],
  options: BatchOptions = {},
): Promise<BatchOutcome[]> {
  requireNamedOptions('decomposeBatch', options, [...batchOptions, 'kind', ...Object.keys(polarFlowOptions)]);
  const { backend: choice = 'auto', threads, signal, ...plain } = options;
  const { width: given, seeds: own, tolerance, maxSteps, ...flow } = plain;
  requireOptions('decomposeBatch', polarFlowOptions, flow);
  requireOptions('decomposeBatch', numberOptions, { width: given, tolerance, maxSteps, threads });
  requireBackend('decomposeBatch', choice);
  requireForm('decomposeBatch', targets, Array.isArray(targets), {
    name: 'targets',
    expected: 'a list of factored targets',
  });
  targets.forEach((target) => {
    requireTarget('decomposeBatch', target, ['factored']);
  });
  const first = targets[0];
  if (!first) return [];
  requireOneSize(targets, own);
  const width = given ?? 2 * first.weights.length;
  const seeds = own ?? [...targets.keys()];
  const opened = typeof choice === 'object' ? undefined : await openBackend(choice);
  const backend = opened ?? (choice as Backend);
  try {
    using shared = await threadsOf(targets, width, maxSteps, backend, threads, signal);
    if (shared) return await batchInThreads(targets, { ...plain, seeds }, shared, signal);
    const entries = (width + first.weights.length) * first.dim;
    let perBatch = Math.max(1, Math.floor(Math.min(backend.maxLength, batchEntries) / entries));
    const outcomes: BatchOutcome[] = [];
    while (outcomes.length < targets.length) {
      const at = outcomes.length;
      const some = targets.slice(at, at + perBatch);
      const limits = { tolerance, maxSteps, signal };
      try {
        outcomes.push(...(await runBatch(some, seeds.slice(at, at + perBatch), width, backend, flow, limits)));
      } catch (error) {
        if (!(error instanceof OutOfMemoryError) || some.length === 1) throw error;
        perBatch = Math.ceil(some.length / 2);
      }
    }
    return outcomes;
  } finally {
    opened?.[dispose]();
  }
}

/** Threads to share the problems. */
async function threadsOf(
  targets: readonly FactoredTarget[],
  width: number,
  maxSteps = usualSteps,
  { kind }: Backend,
  threads: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Threads | undefined> {
  if (kind !== 'cpu') return undefined;
  const first = targets[0]!;
  const count = targets.length;
  const flops = factoredProblem(first).stepFlops(width) * count * Math.min(usualSteps, maxSteps);
  const bytes = 8 * Math.min(batchEntries, (width + first.weights.length) * first.dim * count);
  return threadsFor(count, { seconds: flops / usualRate, bytes, sent: targets, threads, signal });
}

/** So many that the threads end at about the same time. */
const piecesPerThread = 4;

/** Problems differ in steps: a thread that is done takes the next few. */
async function batchInThreads(
  targets: readonly FactoredTarget[],
  { seeds, ...options }: BatchOptions & Required<Pick<BatchRun, 'seeds'>>,
  threads: Threads,
  signal: AbortSignal | undefined,
): Promise<BatchOutcome[]> {
  const pieces = inPieces([...targets.keys()], piecesPerThread * threads.count).map((some) => ({
    targets: some.map((b) => targets[b]!),
    options: { ...options, seeds: some.map((b) => seeds[b]!) },
  }));
  const abort = (): void => threads.abort();
  signal?.addEventListener('abort', abort);
  try {
    return ((await threads.call('batch', pieces)) as BatchOutcome[][]).flat();
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function runBatch(
  given: readonly FactoredTarget[],
  seeds: readonly number[],
  width: number,
  backend: Backend,
  options: PolarFlowOptions,
  {
    tolerance = 1e-2,
    maxSteps = 4000,
    signal,
  }: { [name in 'tolerance' | 'maxSteps' | 'signal']: BatchRun[name] | undefined },
): Promise<BatchOutcome[]> {
  using scope = backend.scope('batch of problems', signal);
  const problems = given.map(factoredProblem);
  const views = problems.map((problem) => problem.scaled(1 / problem.scale).view);
  const starts = given.map(() => 0);
  const outcomes = given.map(({ order, dim }): BatchOutcome => {
    return { converged: false, stop: 'deviceLost', steps: 0, relativeError: 1, kruskal: noComponents({ order, dim }) };
  });
  try {
    // Problems end one by one, not all with the first.
    const flow = await openPolarFlow({
      scope,
      view: views[0]!,
      views,
      width,
      seed: 0,
      seeds,
      starts,
      options,
      stopAt: 0,
    });
    for (let step = 0; ;) {
      const { models, startErrors } = await readStack(flow.stack);
      startErrors.forEach((relativeError, b) => {
        const last = outcomes[b]!;
        if (last.converged) return;
        if (!Number.isFinite(relativeError)) {
          outcomes[b] = { ...last, stop: 'diverged' };
          return;
        }
        const model = models[b]!;
        const kruskal = scaleKruskal(model, problems[b]!.scale);
        const converged = relativeError <= tolerance;
        outcomes[b] = { converged, stop: converged ? 'converged' : 'stepLimit', steps: step, relativeError, kruskal };
      });
      if (outcomes.every(hasEnded) || step >= maxSteps) return outcomes;
      for (const end = Math.min(step + reportEvery, maxSteps); step < end && !signal?.aborted; step++) {
        await stepPolarFlow(flow);
        if (step % lookForAbortEvery === 0) await scope.flush();
      }
      if (signal?.aborted) return endedBy('aborted', outcomes);
    }
  } catch (error) {
    if (error instanceof AbortedError) return endedBy('aborted', outcomes);
    if (!(error instanceof DeviceLostError)) throw error;
    return endedBy('deviceLost', outcomes);
  }
}

const hasEnded = ({ stop }: BatchOutcome): boolean => stop === 'converged' || stop === 'diverged';

const endedBy = (stop: BatchOutcome['stop'], outcomes: readonly BatchOutcome[]): BatchOutcome[] =>
  outcomes.map((outcome) => (hasEnded(outcome) ? outcome : { ...outcome, stop }));

function requireOneSize(targets: readonly FactoredTarget[], seeds: readonly number[] | undefined): void {
  const size = ({ order, dim, weights }: FactoredTarget): string =>
    `order ${order}, dim ${dim} and ${weights.length} components`;
  const wanted = size(targets[0]!);
  const other = targets.map(size).find((got) => got !== wanted);
  if (other) {
    throw new InputError(
      `decomposeBatch: expected targets of one size, got ${wanted} and ${other}. Make a batch for each size.`,
    );
  }
  const isSeed = (seed: unknown): boolean => isInteger(seed) && seed >= 0;
  requireForm('decomposeBatch', seeds, seeds === undefined || (Array.isArray(seeds) && seeds.every(isSeed)), {
    name: 'seeds',
    expected: 'a list of integers from 0',
  });
  if (seeds && seeds.length !== targets.length) {
    throw new InputError(
      `decomposeBatch: expected ${targets.length} seeds, one per target, got ${seeds.length}. Give as many, or leave them out.`,
    );
  }
}
