// The main path: decompose() and decomposeSteps(). Start reading here.
//   options ─ resolveOptions ─► target of unit size, backend ─► phases.ts: search, the algorithm's starts, in batches that fit the backend
//   ─► polish: the best start finished in float64 on the CPU ─► normalized components, error evaluated in float64
import { predictionError } from './analysis/predict.js';
import { explicitErrorFloor, relativeError, relativeErrorFloor } from './analysis/relative-error.js';
import type { Backend } from './backend/backend.js';
import { openCpu } from './backend/cpu/index.js';
import { openBackend, type OpenedBackend } from './backend/open.js';
import type { ResidualError } from './compaction/symmetric-view.js';
import { viewOf } from './compaction/view-of.js';
import { dispose } from './dispose.js';
import type { AlgorithmChoice } from './algorithms/registry.js';
import { defaultLoss, lossOf } from './losses/losses.js';
import { resolveOptions, type DecomposeOptions, type ResolvedOptions } from './options.js';
import { mapped, nothingToFind, phases, type Outcome } from './phases.js';
import { stopReasons, type Decomposition, type Progress } from './result.js';
import { isZero, scaleOf, scaleTarget } from './targets/scale.js';
import { squeezed, type Squeezed } from './targets/squeeze.js';
import type { DenseTarget } from './targets/dense.js';
import type { SampledTarget } from './targets/hold-out.js';
import { isSampled, type Target } from './targets/target.js';
import { flopsOfStep, isSmall } from './work.js';
import { isSymmetric, rankOf, type AnyKruskal, type Kruskal, type SymmetricKruskal } from './tensor/kruskal.js';
import { arrange, fixSigns, normalize } from './tensor/normalize.js';

/** The kind of model that a kind of target gets. */
export type KruskalOf<T extends Target> = T extends DenseTarget | SampledTarget ? Kruskal : SymmetricKruskal;

/**
 * Finds the rank-one components of a target: T* ≈ Σ_r weights[r] · factors[0][:, r] ∘ factors[1][:, r] ∘ … A target that is zero
 * has none: rank 0, relative error 0, whatever rank was asked for.
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
  const whole = resolveOptions(target, options);
  const without = squeezed(target);
  if (!without) return yield* solve(target, whole);
  const restored = (report: Progress): Progress =>
    report.kruskal ? { ...report, kruskal: without.restore(report.kruskal) } : report;
  const run = solve(without.target, resolveOptions(without.target, squeezeOptions(options, without)));
  const { kruskal, history, ...result } = yield* mapped(run, restored);
  return { ...result, kruskal: without.restore(kruskal) as KruskalOf<T>, history: history.map(restored) };
}

/** The run on a target without needless modes. */
async function* solve<T extends Target>(
  target: T,
  resolved: ResolvedOptions,
): AsyncGenerator<Progress, Decomposition<KruskalOf<T>>> {
  const begun = performance.now();
  const { backend, owned, reason } = await backendFor(target, resolved);
  try {
    const history: Progress[] = [];
    const seconds = (): number => (performance.now() - begun) / 1000;
    const scale = scalesWith(resolved.algorithm) ? scaleOf(target) : 1;
    const unit = scaleOptions(resolved, 1 / scale);
    const scaled = scaleTarget(target, 1 / scale);
    const none = isZero(target) && predictsZero(resolved.algorithm);
    const reports = none ? nothingToFind(target, unit) : phases(scaled, unit, backend, seconds);
    const outcome = yield* mapped(reports, (report) => {
      const progress = scaleProgress(report, scale);
      history.push(progress);
      return progress;
    });
    const found = canonical(outcome.kruskal);
    const kruskal = scaleModel(found, scale);
    return {
      kruskal: kruskal as KruskalOf<T>,
      ...(none ? { relativeError: 0, errorFloor: explicitErrorFloor } : errorOf(found, scaled, resolved.algorithm)),
      stop: outcome.stop,
      advice: outcome.advice ?? stopReasons[outcome.stop],
      rank: rankOf(kruskal),
      width: outcome.width,
      steps: outcome.steps,
      seconds: seconds(),
      algorithm: resolved.algorithm.kind,
      seed: resolved.seed,
      starts: { count: resolved.starts, ...agreement(outcome, resolved.algorithm, backend.roundoff) },
      backend: backend.kind,
      adapter: backend.adapter,
      backendReason: reason,
      history,
    };
  } finally {
    if (owned) backend[dispose]();
  }
}

async function backendFor(
  target: Target,
  { backend, device, width, starts }: ResolvedOptions,
): Promise<{ backend: Backend; owned: boolean; reason: string }> {
  if (typeof backend === 'object') {
    return { backend, owned: false, reason: (backend as Partial<OpenedBackend>).reason ?? 'handed over open' };
  }
  if (backend === 'auto' && !device && isSmall(flopsOfStep(target, width, starts))) {
    return { backend: openCpu(), owned: true, reason: 'the problem is so small that a GPU would wait for its orders' };
  }
  const opened = await openBackend(backend, device ? { device } : {});
  return { backend: opened, owned: true, reason: opened.reason };
}

/** The error in float64 by the best means there is for the kind and the size, and the floor of these means. */
function errorOf(kruskal: AnyKruskal, target: Target, algorithm: AlgorithmChoice): ResidualError {
  if (isSampled(target)) {
    const loss = algorithm.kind === 'completion' ? (algorithm.loss ?? defaultLoss) : defaultLoss;
    return { relativeError: predictionError(kruskal, target, loss), errorFloor: explicitErrorFloor };
  }
  if (target.kind !== 'dense' && isSymmetric(kruskal)) {
    const view = viewOf(target);
    if (target.kind !== 'factored' || view.workOf(rankOf(kruskal)) <= doubledWork) return view.measure(kruskal);
  }
  if (target.kind !== 'dense' && target.kind !== 'factored')
    throw new Error('errorOf: a symmetric target, another model.');
  return { relativeError: relativeError(kruskal, target), errorFloor: relativeErrorFloor(kruskal, target) };
}

/** Inner products times dim up to which the Gram formula is summed in doubled precision: about a second. */
const doubledWork = 5e7;

/** Unit vectors, weights descending, signs fixed. */
const canonical = (model: AnyKruskal): AnyKruskal => fixSigns(arrange(normalize(model)));

const scaleModel = <K extends AnyKruskal>(model: K, factor: number): K => ({
  ...model,
  weights: model.weights.map((weight) => weight * factor),
});

/** In the target's own units, as `scaleModel` does. */
const scaleProgress = (report: Progress, factor: number): Progress => ({
  ...report,
  componentNorms: report.componentNorms.map((norm) => norm * factor),
  ...(report.kruskal ? { kruskal: scaleModel(report.kruskal, factor) } : {}),
});

/** What the options tell in the target's own units. */
function scaleOptions(options: ResolvedOptions, factor: number): ResolvedOptions {
  const { init, algorithm } = options;
  const scaled = { ...options, init: init && scaleModel(init, factor) };
  if (algorithm.kind !== 'deflation' && algorithm.kind !== 'completion') return scaled;
  const { truth } = algorithm;
  const known = truth ? { truth: scaleModel(truth, factor) } : {};
  const lossParameter = algorithm.kind === 'completion' ? algorithm.lossParameter : undefined;
  const parameter = lossParameter === undefined ? {} : { lossParameter: lossParameter * factor };
  return { ...scaled, algorithm: { ...algorithm, ...known, ...parameter } as AlgorithmChoice };
}

/** Whether the algorithm's answer to a multiple of the target is that multiple of its answer: not so for counts and binaries. */
const scalesWith = (algorithm: AlgorithmChoice): boolean =>
  algorithm.kind !== 'completion' || lossOf(algorithm.loss ?? defaultLoss).kind === 'difference';

/** Whether a model without a component says 0 everywhere: not so for the logarithm of a rate, or of odds. */
const predictsZero = (algorithm: AlgorithmChoice): boolean =>
  algorithm.kind !== 'completion' || lossOf(algorithm.loss ?? defaultLoss).mean(0) === 0;

/** How many starts agree, and by what: as the finish has seen, else by their errors. */
function agreement(
  { startErrors, agreeing }: Outcome,
  { kind }: AlgorithmChoice,
  roundoff: number,
): Pick<Decomposition['starts'], 'agreeing' | 'compared'> {
  if (agreeing !== undefined) return { agreeing, compared: kind === 'als' ? 'models' : 'predictions' };
  const best = Math.min(...startErrors);
  const near = startErrors.filter((error) => error <= 1.01 * best + 32 * roundoff);
  return { agreeing: near.length, compared: 'errors' };
}

/** init and truth as models of the target without its modes of size 1. */
function squeezeOptions(options: DecomposeOptions, { squeeze }: Squeezed<Target>): DecomposeOptions {
  const { init, algorithm } = options;
  const truth = typeof algorithm === 'object' && 'truth' in algorithm ? algorithm.truth : undefined;
  return {
    ...options,
    ...(init ? { init: squeeze(init) } : {}),
    ...(truth ? { algorithm: { ...(algorithm as object), truth: squeeze(truth) } as AlgorithmChoice } : {}),
  };
}
