// The finish of a CP model of a dense tensor, in float64 on the CPU: the best start polished, then what speaks for it and against it.
//   the other starts are polished for a few steps: do they come to the same components, or to better ones?
//   the weakest component is taken out and grown anew from what is left: does the same model come back, or a better one?
//   where only one way has led to the best model, a whole model is grown from nothing
// The best finished model wins. It "converged" where the fit is exact or two ways led to the same components; else it is "stalled", and
// the advice says what is not known.
import { sameModel } from '../analysis/agreement.js';
import { cancellationWatch } from '../analysis/cancellation.js';
import type { Degeneracy } from '../analysis/degeneracy.js';
import { denseErrorSteps } from '../analysis/relative-error.js';
import { coarse, withNewComponent, withoutWeakest } from '../compaction/grow-cp.js';
import { mergeCp } from '../compaction/cp/merge-cp.js';
import { polishCp, type PolishOptions, type PolishReport } from '../compaction/polish-cp.js';
import { truncatedSvd, type Truncation } from '../compaction/truncated-svd.js';
import type { DenseTarget } from '../targets/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { noComponents, rankOf, toKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { FinishState, FinishWork, Found } from '../handles/handle.js';
import type { RunEnd } from '../result.js';
import type { Work } from '../yield.js';
import { doubtOfComponents } from './doubt-of-components.js';
import { cancellationAdvice, fitsAnythingAdvice, matrixAdvice, oneWayAdvice } from './dense-advice.js';
import { exactError } from './exact-error.js';
import { isPolished } from './is-polished.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { knownCells } from '../tensor/partly-known.js';

/** A start has reached a model if a polish of so few steps leads there … */
const glance: PolishOptions = { ...coarse, maxSteps: 6 };
/** … or, where its error is not larger than the best one's by more than this factor, after the many that a flat valley takes. */
const nearby = 1.1;
const stepsOfValley = 100;
/** Below this part of its error a model is clearly better, and worth another check. */
const clearlyBetter = 0.99;
/** Components with |cosines| whose product is above this may stand for one, which a random start has fitted twice. */
const twins = 0.8;
/** What is left without the weakest component only has to show where that was. */
const rough: PolishOptions = { ...coarse, tolerance: 1e-2 };
/** A better model's error is lower by this much, relative to itself; next to components that grow without end, by much more. */
const betterBy = 1e-6;
const muchBetterBy = 0.1;

/** A model on its way to the answer. */
interface Attempt {
  readonly kruskal: Kruskal;
  readonly relativeError: number;
  /** Whether it was polished to the end, or the steps were used up. */
  readonly stop?: PolishReport['stop'];
  /** Watches the steps of all its polishes. */
  readonly watch: (model: Kruskal) => Degeneracy | undefined;
  /** Set where these two cancel each other and still grow. */
  readonly cancels?: Degeneracy | undefined;
}

/** A run of the finish. */
interface Finish {
  readonly target: DenseTarget;
  readonly targetNorm: number;
  readonly fine: PolishOptions;
  readonly seed: number;
  /** The starts first, then what was grown. */
  readonly attempts: Attempt[];
  /** Number of the best attempt. */
  best: number;
  /** Of all polishes together. */
  steps: number;
}

export function* finishDense(target: DenseTarget, found: Found<undefined>): FinishWork {
  const { kruskal, end, relativeError: error } = found;
  if (!isPolished(target, rankOf(kruskal))) {
    yield { step: 0, kruskal, relativeError: error, end };
    return;
  }
  const matrix = yield* truncatedSvd(target, rankOf(kruskal));
  if (matrix) yield matrixReport(matrix, found);
  else yield* finishTensor(target, toKruskal(kruskal), found);
}

function matrixReport({ kruskal, relativeErrors }: Truncation, { others }: Found<undefined>): FinishState {
  const rank = rankOf(kruskal);
  return {
    step: 1,
    kruskal,
    relativeError: relativeErrors[rank] ?? 0,
    end: {
      stop: 'converged',
      agreement: { agreeing: 1 + others.length, compared: 'models' },
      ...(rank > 1 ? { advice: matrixAdvice } : {}),
    },
  };
}

function* finishTensor(
  target: DenseTarget,
  start: Kruskal,
  { tolerance, maxSteps, others, seed }: Found<undefined>,
): FinishWork {
  const attempts: Attempt[] = [];
  for (const kruskal of [start, ...others.map(toKruskal)]) attempts.push(yield* unpolished(target, kruskal));
  const finish: Finish = {
    target,
    targetNorm: denseNorm(target),
    fine: { tolerance, maxSteps },
    seed,
    attempts,
    best: 0,
    steps: 0,
  };
  const valley = { ...coarse, tolerance, maxSteps: stepsOfValley };
  yield* polish(finish, finish.best, coarse);
  yield* polishNear(finish, glance);
  yield* scrutinize(finish, valley);
  const { kruskal, relativeError: error } = bestOf(finish);
  const starts = finish.attempts.slice(0, 1 + others.length);
  const agreeing = starts.filter((attempt) => sameModel(attempt.kruskal, kruskal)).length;
  const agreement = { agreeing, compared: 'models' as const };
  const end = { ...(yield* verdict(finish, starts.length, agreeing)), agreement };
  yield { step: finish.steps, relativeError: error, kruskal, end };
}

/** Looks for better models, and for other ways to the best one. */
function* scrutinize(finish: Finish, valley: PolishOptions): FinishWork {
  yield* regrow(finish);
  yield* polish(finish, finish.best, finish.fine);
  const { best } = finish;
  yield* polishNear(finish, valley);
  if (finish.best !== best) yield* polish(finish, finish.best, finish.fine);
  if (ways(finish) >= 2 || isDone(finish)) return;
  const { kruskal } = bestOf(finish);
  yield* grow(finish, noComponents(finish.target), rankOf(kruskal), coarse);
  yield* regrow(finish);
  yield* polish(finish, finish.best, finish.fine);
}

const bestOf = ({ attempts, best }: Finish): Attempt => attempts[best]!;

function* unpolished(target: DenseTarget, kruskal: Kruskal): Work<Attempt> {
  const relativeError = yield* denseErrorSteps(kruskal, target);
  return { kruskal, watch: cancellationWatch(denseNorm(target)), relativeError };
}

/** How many attempts have the components of the best one, itself among them. */
const ways = ({ attempts, best }: Finish): number =>
  attempts.filter(({ kruskal }) => sameModel(kruskal, attempts[best]!.kruskal)).length;

/** Nothing more to try: the fit is exact, or the steps are used up. */
const isDone = (finish: Finish): boolean =>
  bestOf(finish).relativeError <= exactError || finish.steps >= finish.fine.maxSteps;

/** Polishes an attempt, which may make it the best one. The reports show the best model so far, so that they never get worse. */
function* polish(finish: Finish, number: number, options: PolishOptions): FinishWork {
  const { target, attempts, fine, steps } = finish;
  if (isDone(finish)) return;
  const best = number === finish.best ? undefined : bestOf(finish);
  const { watch } = attempts[number]!;
  const maxSteps = Math.min(options.maxSteps, fine.maxSteps - steps);
  for (const report of polishCp(target, attempts[number]!.kruskal, { ...options, maxSteps })) {
    if (!report) {
      yield;
      continue;
    }
    finish.steps = steps + report.step;
    const shown = best && best.relativeError <= report.relativeError ? best : report;
    yield { step: finish.steps, relativeError: shown.relativeError, kruskal: shown.kruskal };
    attempts[number] = { ...report, watch, cancels: watch(report.kruskal) };
  }
  const margin = best?.cancels ? muchBetterBy : betterBy;
  if (best && attempts[number]!.relativeError < (1 - margin) * best.relativeError) finish.best = number;
}

/** Polishes the attempts that may be the best one, or better, and do not have its components yet. */
function* polishNear(finish: Finish, options: PolishOptions): FinishWork {
  for (const number of Array.from(finish.attempts.keys())) {
    const best = bestOf(finish);
    const attempt = finish.attempts[number]!;
    const far = attempt.relativeError > nearby * best.relativeError;
    if (!far && !sameModel(attempt.kruskal, best.kruskal)) yield* polish(finish, number, options);
  }
}

/** Takes components out and grows others from what is left, as long as that leads to clearly better models. */
function* regrow(finish: Finish): FinishWork {
  const rank = rankOf(bestOf(finish).kruskal);
  for (let round = 0; round < rank; round++) {
    const { kruskal, relativeError: before } = bestOf(finish);
    const isBetter = (): boolean => bestOf(finish).relativeError < clearlyBetter * before;
    for (const fewer of [yield* withoutWeakest(kruskal), mergeCp(kruskal, twins)]) {
      if (isBetter() || rankOf(fewer) === rank) continue;
      yield* grow(finish, yield* fitted(finish, fewer, rough), rank, coarse);
    }
    if (!isBetter()) return;
  }
}

/** Grows a model up to a rank: a new attempt. */
function* grow(finish: Finish, start: Kruskal, rank: number, options: PolishOptions): FinishWork {
  const { target, seed, attempts } = finish;
  let model = start;
  while (rankOf(model) < rank - 1) {
    model = yield* fitted(finish, yield* withNewComponent(target, model, seed), options);
  }
  if (isDone(finish)) return;
  const kruskal = yield* withNewComponent(target, model, seed);
  attempts.push(yield* unpolished(target, kruskal));
  yield* polish(finish, attempts.length - 1, options);
}

/** A model of fewer components, fitted. */
function* fitted(finish: Finish, start: Kruskal, options: PolishOptions): FinishWork<Kruskal> {
  const { relativeError: shown, kruskal: best } = bestOf(finish);
  const { steps, fine, target } = finish;
  if (isDone(finish)) return start;
  let model = start;
  const maxSteps = Math.min(options.maxSteps, fine.maxSteps - steps);
  for (const report of polishCp(target, start, { ...options, maxSteps })) {
    if (!report) {
      yield;
      continue;
    }
    model = report.kruskal;
    finish.steps = steps + report.step;
    yield { step: finish.steps, relativeError: shown, kruskal: best };
  }
  return model;
}

/** Why the run ended. */
function* verdict(finish: Finish, starts: number, agreeing: number): Work<RunEnd> {
  const best = bestOf(finish);
  const rank = rankOf(best.kruskal);
  const { shape } = finish.target;
  const isExact = best.relativeError <= exactError;
  if (isExact && freeNumbers(shape, rank) >= knownCells(finish.target))
    return { stop: 'converged', advice: fitsAnythingAdvice(rank) };
  const doubt = best.cancels || best.stop === 'stepLimit' ? undefined : yield* doubtOfComponents(finish.target, best);
  if (doubt !== undefined) return { stop: 'stalled', advice: doubt };
  if (isExact)
    return shape.length === 2 && rank > 1 ? { stop: 'converged', advice: matrixAdvice } : { stop: 'converged' };
  if (best.cancels) return { stop: 'stalled', advice: cancellationAdvice(best.cancels, rank, finish.targetNorm) };
  if (best.stop === 'stepLimit') return { stop: 'stepLimit' };
  if (ways(finish) >= 2) return { stop: 'converged' };
  return { stop: 'stalled', advice: oneWayAdvice(agreeing, starts) };
}
