// The main path: decompose() and decomposeSteps(). Start reading here.
//   target ─ loadProblemMaker ─► handle ─ without modes of size 1, of unit size ─► solve.ts: search on the backend, finish in float64
//   ─► reports and result in the target's own units
import type { AnyPosterior } from './analysis/posterior.js';
import { explicitErrorFloor } from './analysis/relative-error.js';
import { loadAlgorithm, type AnyAlgorithm } from './algorithms/registry.js';
import type { OptionTable } from './algorithms/option-table.js';
import type { Backend, Host } from './backend/backend.js';
import { host } from './backend/host.js';
import { openBackend, type OpenedBackend } from './backend/open.js';
import { dispose } from './dispose.js';
import { loadEntriesOf, loadProblemMaker } from './families/load.js';
import type { Problem } from './handles/problem.js';
import { plainNote } from './linalg/product-core.js';
import { squaredErrors } from './losses/l2.js';
import type { LossName, NamedLoss } from './losses/losses.js';
import { chosenKind, optionsInCoordinates, resolveOptions } from './options.js';
import type { DecomposeOptions, ResolvedOptions } from './options.js';
import { stopReasons, type Decomposition, type Progress, type RunEnd, type RunState } from './result.js';
import { bestError } from './algorithms/algorithm.js';
import { agreementByErrors } from './run-states.js';
import { solve } from './solve.js';
import { interruptedResult, type InterruptedResult } from './interrupted.js';
import type { KruskalOf, Target } from './targets/target.js';
import { targetOf } from './targets/target-of.js';
import type { TensorLike } from './targets/tensor-like.js';
import type { Constraints } from './tensor/constraints.js';
import { rankOf, scaleKruskal, toKruskal, type AnyKruskal, type Kruskal } from './tensor/kruskal.js';
import { arrange, fixSigns, normalize } from './tensor/normalize.js';
import { atLeisure, yieldIfDue, type Work } from './yield.js';

/**
 * Finds the rank-one components of a target, or of a tensor as other libraries hold it (see TensorLike): T* ≈ Σ_r weights[r] ·
 * factors[0][:, r] ∘ factors[1][:, r] ∘ … A target that is zero has none: rank 0, relative error 0, whatever rank was asked for.
 *
 * @example
 * ```ts
 * import { decompose } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * const { rank, kruskal, advice } = await decompose(tensor); // or decompose({ shape, data })
 * console.log(rank, kruskal.factors.length, advice); // 2 3 The tolerance was reached.
 * ```
 * @throws InputError for bad options, BackendError when the backend asked for is not there or too small. Everything that
 * happens to the run itself (not converged, aborted, device lost) is in `stop` of the result.
 */
export async function decompose<T extends Target | TensorLike>(
  target: T,
  options: DecomposeOptions = {},
): Promise<Decomposition<KruskalOf<T>>> {
  const steps = decomposeSteps(target, options);
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
      options.onProgress?.(value);
    }
  } finally {
    // Where onProgress throws, the run is still open: it frees what it holds.
    await steps.return(undefined as never);
  }
}

/**
 * `decompose` as a stream: yields every report and returns the result. Leaving the loop stops the run and frees everything.
 *
 * @example
 * ```ts
 * import { decomposeSteps } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, seed: 1 });
 * for await (const { step, relativeError } of decomposeSteps(tensor)) console.log(step, relativeError);
 * ```
 * @throws As `decompose`, when the first report is asked for.
 */
export async function* decomposeSteps<T extends Target | TensorLike>(
  given: T,
  options: DecomposeOptions = {},
): AsyncGenerator<Progress, Decomposition<KruskalOf<T>>> {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const target = await targetOf('decompose', given);
  const makeProblem = await loadProblemMaker(target.kind);
  const handle = makeProblem(target as never);
  // Each of these may look at millions of numbers.
  await yieldIfDue();
  const algorithm = await loadAlgorithm(chosenKind(handle, options));
  const listed = algorithm.takesDense && target.kind === 'dense' ? (await loadEntriesOf())(target) : undefined;
  const whole = listed ? await atLeisure(listed) : handle;
  const resolved = resolveOptions(whole, options, algorithm);
  const loss = algorithm.lossOf?.(resolved.algorithm) ?? squaredErrors;
  await yieldIfDue();
  const { problem, restore, restorePosterior, inner } = await unitProblem(whole, options, algorithm, loss);
  await yieldIfDue();
  const { backend, owned, reason } = await backendFor(problem, inner);
  const replacements = (): number => ('replacements' in backend ? (backend.replacements ?? 0) : 0);
  const replacedBefore = replacements();
  try {
    const nothingToFind = (): boolean => problem.isZero && loss.record.mean(0) === 0;
    const states = nothingToFind() ? zeroAnswer(problem, inner) : solve(problem, inner, backend);
    const history: Progress[] = [];
    let state: RunState | undefined;
    let best: RunState | undefined;
    let threads = 1;
    for await (const next of states) {
      if (next.isRepeat) {
        yield reportOf(next, restore, seconds(), resolved.reportModels);
        continue;
      }
      threads = Math.max(threads, next.threads ?? 1);
      if (!best || bestError(next) < bestError(best)) best = next;
      const isNew =
        next.step !== state?.step ||
        (next.kruskal !== state.kruskal && (next.phase === 'polish' || bestError(next) !== bestError(state)));
      state = next;
      if (!isNew) continue;
      const report = reportOf(state, restore, seconds(), resolved.reportModels);
      history.push(report);
      yield report;
    }
    if (!state?.end) throw new Error('decompose: a run without an end.');
    const { step, width, startErrors, end } = state;
    const found = nothingToFind()
      ? { kruskal: state.kruskal, relativeError: 0, errorFloor: explicitErrorFloor }
      : await atLeisure(
          resultOf(problem, inner, { ...state, end }, best ?? state, { loss: loss.name, roundoff: backend.roundoff }),
        );
    const kruskal = restore(canonical(found.kruskal, inner.constraints)) as KruskalOf<T>;
    return {
      kruskal,
      relativeError: found.relativeError,
      errorFloor: found.errorFloor,
      stop: end.stop,
      advice: found.advice ?? end.advice ?? stopReasons[end.stop],
      rank: rankOf(kruskal),
      ...(end.rankChoice ? { rankChoice: end.rankChoice } : {}),
      ...(end.posterior ? { posterior: restorePosterior(end.posterior) } : {}),
      ...(end.kktResidual === undefined ? {} : { kktResidual: end.kktResidual }),
      width,
      steps: step,
      seconds: seconds(),
      algorithm: resolved.algorithm.kind,
      seed: resolved.seed,
      starts: { count: resolved.starts, ...(end.agreement ?? agreementByErrors(startErrors, backend.roundoff)) },
      backend: backend.kind,
      adapter: backend.adapter,
      backendReason: `${reason}${threads > 1 ? `; ${threads} threads shared the starts` : ''}${replacements() > replacedBefore ? '; its device was lost on the way and replaced' : ''}${end.backendNote ? `; float64 on the CPU took over: ${end.backendNote}` : ''}${plainNote()}`,
      history,
    };
  } finally {
    if (owned && 'scope' in backend) backend[dispose]();
  }
}

/** The model that a run gives back, and its error: that of the last state, or what an abort leaves. */
function* resultOf(
  problem: Problem,
  options: ResolvedOptions,
  last: RunState & { readonly end: RunEnd },
  best: RunState,
  arithmetic: { readonly loss: LossName; readonly roundoff: number },
): Work<InterruptedResult> {
  const { kruskal, end } = last;
  if (end.stop === 'aborted') return yield* interruptedResult(problem, options, [last, best], arithmetic);
  return { kruskal, ...(yield* problem.measure(canonical(kruskal, options.constraints), arithmetic.loss)) };
}

/** The modes that options of an algorithm name by number. */
const modesNamedIn = (table: OptionTable, options: object): unknown[] =>
  Object.entries(options).flatMap(([name, value]: [string, unknown]) => (table[name]?.type === 'modes' ? value : []));

/** The problem without modes of size 1 (unless options name modes by number) and of unit size, where the loss allows that, with options to match; and the way back for models. */
async function unitProblem(
  whole: Problem,
  options: DecomposeOptions,
  algorithm: AnyAlgorithm,
  loss: NamedLoss,
): Promise<{
  problem: Problem;
  inner: ResolvedOptions;
  restore: (model: AnyKruskal) => AnyKruskal;
  restorePosterior: (posterior: AnyPosterior) => AnyPosterior;
}> {
  const named = typeof options.algorithm === 'object' ? modesNamedIn(algorithm.options, options.algorithm) : [];
  const namesModes = [options.nonnegative, options.fixed, named].some(
    (modes) => Array.isArray(modes) && modes.length > 0,
  );
  const squeezed = namesModes ? undefined : whole.squeezed();
  await yieldIfDue();
  const { squeeze, restore } = squeezed ?? { squeeze: unchanged, restore: unchanged };
  const small = squeezed?.problem ?? whole;
  // The answer to a multiple of the target is that multiple of its answer: not so for counts and binaries.
  const scale = loss.record.kind === 'difference' ? small.scale : 1;
  const problem = scale === 1 ? small : small.scaled(1 / scale);
  await yieldIfDue();
  const model = (one: AnyKruskal): AnyKruskal => scaleKruskal(squeeze(one), 1 / scale);
  return {
    problem,
    inner: resolveOptions(
      problem,
      optionsInCoordinates(options, algorithm.options, { factor: 1 / scale, model }),
      algorithm,
    ),
    restore: (one) => restore(scaleKruskal(one, scale)),
    restorePosterior: (posterior) => {
      const restored = (one: AnyKruskal, factor: number): Kruskal => toKruskal(restore(scaleKruskal(one, factor)));
      const noise = posterior.noise * scale;
      if ('secondMoment' in posterior) {
        return { ...posterior, noise, secondMoment: restored(posterior.secondMoment, scale ** 2) };
      }
      const noises = posterior.noises.map((one) => one * scale);
      return { ...posterior, noise, noises, draws: posterior.draws.map((draw) => restored(draw, scale)) };
    },
  };
}

const unchanged = (model: AnyKruskal): AnyKruskal => model;

/**
 * Flops of a step below which the CPU is quicker than a GPU: the 300 steps of a usual search take it 0.3 s at 1 GFLOP/s, about
 * what opening a device, compiling its kernels and sending the steps take.
 */
const smallStep = 1e6;
/** The same of algorithms that give a GPU a few large products: the CPU takes half a second for so many flops. */
const smallRun = 2e9;

interface Chosen {
  readonly backend: Backend | Host;
  readonly owned: boolean;
  readonly reason: string;
}

async function backendFor(problem: Problem, options: ResolvedOptions): Promise<Chosen> {
  const { algorithm, method, backend, device, width, starts } = options;
  if (typeof backend === 'object') {
    return { backend, owned: false, reason: (backend as Partial<OpenedBackend>).reason ?? 'handed over open' };
  }
  const isDirect = 'solve' in method;
  const onCpu = async (reason: string): Promise<Chosen> => {
    return { backend: isDirect ? host : await openBackend('cpu'), owned: true, reason };
  };
  const gpuFlops = isDirect ? (method.gpuFlops?.(problem, { ...options, options: algorithm }) ?? 0) : Infinity;
  if (backend === 'cpu') return onCpu('asked for by name');
  if (gpuFlops === 0 && backend === 'auto') return onCpu(`${algorithm.kind} computes in float64 on the CPU`);
  const isSmall = isDirect ? gpuFlops <= smallRun : problem.stepFlops(width) * starts <= smallStep;
  if (backend === 'auto' && !device && isSmall) return onCpu('the problem is too small to benefit from a GPU');
  const opened = await openBackend(backend, device ? { device } : {});
  if (backend === 'auto' && isDirect && problem.largestArray(width) > opened.maxLength) {
    opened[dispose]();
    return onCpu('the tensor does not fit into one array of the GPU');
  }
  return { backend: opened, owned: true, reason: opened.reason };
}

/** The answer to a target that is zero: no component, found without a step. */
// eslint-disable-next-line @typescript-eslint/require-await
async function* zeroAnswer({ empty }: Problem, { starts, width }: ResolvedOptions): AsyncGenerator<RunState> {
  const startErrors = new Array<number>(starts).fill(0);
  yield { phase: 'search', step: 0, width, startErrors, best: 0, kruskal: empty, end: { stop: 'converged' } };
}

/** Unit vectors, weights descending, signs fixed; what the constraints hold stays as it is, and so does the order where factors are fixed. */
function canonical(model: AnyKruskal, { nonnegative, fixed }: Constraints): AnyKruskal {
  const unit = normalize(model, fixed);
  return fixSigns(fixed.length > 0 ? unit : arrange(unit), [...nonnegative, ...fixed]);
}

/** A state in the target's own units. */
function reportOf(
  state: RunState,
  restore: (model: AnyKruskal) => AnyKruskal,
  seconds: number,
  withModel: boolean,
): Progress {
  const { phase, step, startErrors, residuals = [], details = {} } = state;
  const kruskal = normalize(restore(state.kruskal));
  return {
    phase,
    step,
    seconds,
    relativeError: bestError(state),
    startErrors,
    residuals,
    componentNorms: Array.from(kruskal.weights, Math.abs),
    ...(withModel ? { kruskal } : {}),
    details,
  };
}
