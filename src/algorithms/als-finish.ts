// The finish of alternating least squares, in float64 on the CPU: the best start polished, then what speaks for it and against it.
//   the other starts are polished for a few steps: do they come to the same components, or to better ones?
//   the weakest component is taken out and grown anew from what is left: does the same model come back, or a better one?
//   where only one way has led to the best model, a whole model is grown from nothing
// The best finished model wins. It "converged" where the fit is exact, two ways led to the same components, or nothing above the
// noise is left; else it is "stalled", and the advice says what is not known.
import { sameModel } from '../analysis/agreement.js';
import { cancellationOf, type Cancellation } from '../analysis/cancellation.js';
import { relativeError } from '../analysis/relative-error.js';
import { coarse, emptyModel, withNewComponent, withoutWeakest } from '../compaction/grow-cp.js';
import { polishCp, type PolishOptions, type PolishReport } from '../compaction/polish-cp.js';
import { freeNumbers } from '../compaction/rank-evidence.js';
import { truncatedSvd, type Truncation } from '../compaction/truncated-svd.js';
import type { DenseTarget } from '../targets/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { rankOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { PolishSetup } from './algorithm.js';
import { exactError, knownCells } from './als-rank.js';

/** A start that the search left at its end has come to a model if it is there after so few steps … */
const glance: PolishOptions = { ...coarse, maxSteps: 6 };
/** … which are only tried where its error is not larger than the model's by more than this factor. */
const nearby = 1.1;
/** What is left without the weakest component only has to show where that was. */
const rough: PolishOptions = { ...coarse, tolerance: 1e-2 };
/** A better model's error is lower by this much, relative to itself; next to components that grow without end, by much more. */
const [betterBy, muchBetterBy] = [1e-6, 0.1];

/** Components cancel each other where the product of their cosines is below this … */
const opposite = -0.9;
/** … each is this many times as large as the tensor … */
const manyTimes = 3;
/** … and has grown by this factor in the second half of the steps, while a finite optimum would have stopped it. */
const growth = 1.1;

interface Finished {
  readonly kruskal: Kruskal;
  readonly relativeError: number;
  readonly stop: PolishReport['stop'];
  /** Set where two components cancel each other and still grow. */
  readonly cancels: Cancellation | undefined;
}

/** A run of the finish. */
interface Finish {
  readonly target: DenseTarget;
  readonly targetNorm: number;
  readonly maxSteps: number;
  readonly seed: number;
  /** Every model that might have been the best one, and the best one so far. */
  readonly tried: Kruskal[];
  best: Finished | undefined;
  /** Of all polishes together. */
  steps: number;
}

export function* finishAls(
  target: DenseTarget,
  start: AnyKruskal,
  setup: PolishSetup<unknown>,
): Generator<PolishReport> {
  const matrix = truncatedSvd(target, rankOf(start));
  if (matrix) yield matrixReport(matrix, setup);
  else yield* finishTensor(target, toKruskal(start), setup);
}

function matrixReport({ kruskal, relativeErrors }: Truncation, { others, grown }: PolishSetup<unknown>): PolishReport {
  const rank = rankOf(kruskal);
  const advice = grown?.advice ?? (rank > 1 ? matrixAdvice : undefined);
  return {
    ...{ step: 1, kruskal, relativeError: relativeErrors[rank] ?? 0, agreeing: 1 + others.length },
    stop: grown?.advice === undefined ? 'converged' : 'stalled',
    ...(advice === undefined ? {} : { advice }),
  };
}

function* finishTensor(
  target: DenseTarget,
  start: Kruskal,
  { tolerance, maxSteps, others, grown, seed }: PolishSetup<unknown>,
): Generator<PolishReport> {
  const finish: Finish = {
    ...{ target, targetNorm: denseNorm(target), maxSteps, seed },
    ...{ tried: [], best: undefined, steps: 0 },
  };
  const starts = [start, ...others.map(toKruskal)];
  let best = better(finish, yield* polished(finish, grown?.kruskal ?? start, coarse));
  for (const [s, model] of starts.entries()) {
    if (s === 0 && !grown) starts[s] = best.kruskal;
    else if (isDone(finish, best) || sameModel(model, best.kruskal) || isFar(target, model, best))
      finish.tried.push(model);
    else {
      const ended = yield* polished(finish, model, glance);
      starts[s] = ended.kruskal;
      best = better(finish, ended);
    }
  }
  best = yield* regrown(finish, best);
  if (ways(finish, best) < 2 && !isDone(finish, best)) {
    best = better(finish, yield* extended(finish, emptyModel(target.shape), rankOf(start), coarse));
    best = yield* regrown(finish, best);
  }
  if (!isDone(finish, best)) best = yield* polished(finish, best.kruskal, { tolerance, maxSteps });
  const agreeing = starts.filter((model) => sameModel(model, best.kruskal)).length;
  const { kruskal, relativeError } = best;
  yield {
    step: finish.steps,
    relativeError,
    kruskal,
    agreeing,
    ...verdict(finish, best, starts.length, agreeing, grown),
  };
}

/** Polishes a model. The reports show the best model so far, so that they never get worse. */
function* polished(finish: Finish, start: Kruskal, options: PolishOptions): Generator<PolishReport, Finished> {
  const { target, targetNorm, best, steps } = finish;
  const maxSteps = Math.max(1, Math.min(options.maxSteps, finish.maxSteps - steps));
  const norms: number[] = [];
  for (const { step, kruskal, relativeError, stop } of polishCp(target, start, { ...options, maxSteps })) {
    finish.steps = steps + step;
    const shown = best && best.relativeError <= relativeError ? best : { kruskal, relativeError };
    yield { step: finish.steps, relativeError: shown.relativeError, kruskal: shown.kruskal, stop: undefined };
    const pair = cancellationOf(kruskal);
    norms.push(pair.norm);
    if (!stop) continue;
    const grows = pair.norm > growth * norms[Math.floor(norms.length / 2)]!;
    const cancels = grows && pair.cosine < opposite && pair.norm > manyTimes * targetNorm;
    return { kruskal, relativeError, stop, cancels: cancels && relativeError > exactError ? pair : undefined };
  }
  throw new Error('polished: a polish ended without a last report.');
}

/** Notes a model that was tried, and returns the best one so far. */
function better(finish: Finish, other: Finished): Finished {
  const { best, tried } = finish;
  tried.push(other.kruskal);
  const margin = best?.cancels ? muchBetterBy : betterBy;
  if (best && !(other.relativeError < (1 - margin) * best.relativeError)) return best;
  return (finish.best = other);
}

/** Takes the weakest component out and grows another from what is left, as long as that leads to better models. */
function* regrown(finish: Finish, start: Finished): Generator<PolishReport, Finished> {
  const rank = rankOf(start.kruskal);
  let best = start;
  for (let round = 0; round < rank && !isDone(finish, best); round++) {
    const rest = yield* polished(finish, withoutWeakest(best.kruskal), rough);
    const next = better(finish, yield* extended(finish, rest.kruskal, rank, coarse));
    if (next === best) break;
    best = next;
  }
  return best;
}

/** Grows a model up to a rank. */
function* extended(
  finish: Finish,
  start: Kruskal,
  rank: number,
  options: PolishOptions,
): Generator<PolishReport, Finished> {
  const grown = yield* polished(finish, withNewComponent(finish.target, start, finish.seed), options);
  return rankOf(grown.kruskal) === rank ? grown : yield* extended(finish, grown.kruskal, rank, options);
}

const isFar = (target: DenseTarget, model: Kruskal, best: Finished): boolean =>
  relativeError(model, target) > nearby * best.relativeError;

/** Nothing more to try: the fit is exact, or the steps are used up. */
const isDone = ({ steps, maxSteps }: Finish, { relativeError }: Finished): boolean =>
  relativeError <= exactError || steps >= maxSteps;

/** How many of the models that were tried are the best one. */
const ways = ({ tried }: Finish, best: Finished): number =>
  tried.filter((model) => sameModel(model, best.kruskal)).length;

/** Why the run ended. */
function verdict(
  finish: Finish,
  best: Finished,
  starts: number,
  agreeing: number,
  grown: { readonly advice?: string } | undefined,
): { stop: 'converged' | 'stalled' | 'stepLimit'; advice?: string } {
  const rank = rankOf(best.kruskal);
  const { shape, count } = knownCells(finish.target);
  if (best.relativeError <= exactError) {
    if (freeNumbers(shape, rank) >= count) return { stop: 'converged', advice: fitsAnythingAdvice(rank) };
    return shape.length === 2 && rank > 1 ? { stop: 'converged', advice: matrixAdvice } : { stop: 'converged' };
  }
  if (best.cancels) return { stop: 'stalled', advice: cancellationAdvice(best.cancels, rank, finish.targetNorm) };
  if (best.stop === 'stepLimit') return { stop: 'stepLimit' };
  if (grown?.advice !== undefined) return { stop: 'stalled', advice: grown.advice };
  if (grown || ways(finish, best) >= 2) return { stop: 'converged' };
  return {
    stop: 'stalled',
    advice: `Only one way led to these components (${agreeing} of ${starts} starts came to them), so a better model of this rank may exist. Raise starts, or try a lower rank.`,
  };
}

const fitsAnythingAdvice = (rank: number): string =>
  `A model of rank ${rank} has at least as many free numbers as there are cells, so it fits anything and its components mean nothing. Lower the rank.`;

const matrixAdvice =
  'The components of a matrix are not unique: these are those of its singular value decomposition, and any invertible mixture of them gives the same matrix.';

const cancellationAdvice = ({ cosine, norm }: Cancellation, rank: number, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${Number((norm / targetNorm).toPrecision(2))} times as large as the tensor) and go on growing: the lowest error of rank ${rank} is an infimum, which no model reaches. Try another rank; do not interpret these two.`;
