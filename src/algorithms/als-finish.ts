// The finish of alternating least squares, in float64 on the CPU: the best start polished, then what speaks for it and against it.
//   the other starts are polished for a few steps: do they come to the same components, or to better ones?
//   the weakest component is taken out and grown anew from what is left: does the same model come back, or a better one?
//   where only one way has led to the best model, a whole model is grown from nothing
// The best finished model wins. It "converged" where the fit is exact, two ways led to the same components, or nothing above the
// noise is left; else it is "stalled", and the advice says what is not known.
import { sameModel } from '../analysis/agreement.js';
import { cancellationOf, type Cancellation } from '../analysis/cancellation.js';
import { coarse, emptyModel, withNewComponent, withoutWeakest } from '../compaction/grow-cp.js';
import { polishCp, type PolishOptions, type PolishReport } from '../compaction/polish-cp.js';
import { freeNumbers } from '../compaction/rank-evidence.js';
import { truncatedSvd } from '../compaction/truncated-svd.js';
import type { DenseTarget } from '../targets/dense.js';
import { denseNorm } from '../tensor/dense.js';
import { rankOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { PolishSetup } from './algorithm.js';
import { exactError, knownCells } from './als-rank.js';

/** Fitted well enough to tell whether a model is the same as another, or better. */
const comparable: PolishOptions = { ...coarse, tolerance: 1e-4 };
/** A start that the search left at its end has come to a model if it is there after so few steps. */
const glance: PolishOptions = { ...comparable, maxSteps: 6 };
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
  readonly fine: PolishOptions;
  readonly seed: number;
  /** Every model that might have been the best one, and the best one so far. */
  readonly tried: Kruskal[];
  best: Finished | undefined;
  steps: number;
}

export function* finishAls(
  target: DenseTarget,
  start: AnyKruskal,
  { tolerance, maxSteps, others, grown, seed }: PolishSetup<unknown>,
): Generator<PolishReport> {
  const rank = rankOf(start);
  const matrix = truncatedSvd(target, rank);
  if (matrix) {
    const { kruskal, relativeErrors } = matrix;
    const advice = grown?.advice ?? (rank > 1 ? matrixAdvice : undefined);
    const stop = grown?.advice === undefined ? 'converged' : 'stalled';
    const relativeError = relativeErrors[rank] ?? 0;
    yield { ...{ step: 1, relativeError, kruskal, stop, agreeing: 1 + others.length }, ...(advice ? { advice } : {}) };
    return;
  }
  const fine = { tolerance, maxSteps };
  const finish: Finish = { target, targetNorm: denseNorm(target), fine, seed, tried: [], best: undefined, steps: 0 };
  const first = yield* polished(finish, toKruskal(start), fine);
  let best = yield* better(finish, undefined, first);
  if (grown) best = yield* better(finish, best, yield* polished(finish, grown.kruskal, comparable));
  const starts = [first.kruskal];
  for (const other of others) {
    const model = toKruskal(other);
    const there = isDone(best) || sameModel(model, best.kruskal);
    const ended = there ? { ...best, kruskal: model } : yield* polished(finish, model, glance);
    starts.push(ended.kruskal);
    if (there) finish.tried.push(model);
    else best = yield* better(finish, best, ended);
  }
  best = yield* regrown(finish, best);
  if (ways(finish, best) < 2 && !isDone(best)) {
    best = yield* better(finish, best, yield* grownFromNothing(finish, rank));
    best = yield* regrown(finish, best);
  }
  const agreeing = starts.filter((model) => sameModel(model, best.kruskal)).length;
  const { kruskal, relativeError } = best;
  yield { step: finish.steps, relativeError, kruskal, agreeing, ...verdict(finish, best, starts.length, agreeing, grown) };
}

/** Polishes a model. The reports show the best model so far, so that they never get worse. */
function* polished(finish: Finish, start: Kruskal, options: PolishOptions): Generator<PolishReport, Finished> {
  const { target, targetNorm, fine, best, steps } = finish;
  const norms: number[] = [];
  for (const { step, kruskal, relativeError, stop } of polishCp(target, start, {
    ...options,
    maxSteps: Math.min(options.maxSteps, fine.maxSteps),
  })) {
    finish.steps = steps + step;
    const shown = best && best.relativeError <= relativeError ? best : { kruskal, relativeError };
    yield { step: finish.steps, relativeError: shown.relativeError, kruskal: shown.kruskal, stop: undefined };
    const pair = cancellationOf(kruskal);
    norms.push(pair.norm);
    if (!stop) continue;
    const grows = pair.norm > growth * norms[Math.floor(norms.length / 2)]!;
    const cancels = pair.cosine < opposite && pair.norm > manyTimes * targetNorm && grows;
    return { kruskal, relativeError, stop, cancels: cancels && relativeError > exactError ? pair : undefined };
  }
  throw new Error('polished: a polish ended without a last report.');
}

/** The better one of the best model so far and another, which is then polished to the end. */
function* better(finish: Finish, best: Finished | undefined, other: Finished): Generator<PolishReport, Finished> {
  finish.tried.push(other.kruskal);
  const margin = best?.cancels ? muchBetterBy : betterBy;
  if (!best) return (finish.best = other);
  if (!(other.relativeError < (1 - margin) * best.relativeError)) return best;
  const ended = yield* polished(finish, other.kruskal, finish.fine);
  return (finish.best = ended.relativeError < best.relativeError ? ended : best);
}

/** Takes the weakest component out and grows one from what is left, as long as that leads to better models. */
function* regrown(finish: Finish, start: Finished): Generator<PolishReport, Finished> {
  let best = start;
  for (let round = 0; round < rankOf(start.kruskal) && !isDone(best); round++) {
    const { kruskal: rest } = yield* polished(finish, withoutWeakest(best.kruskal), rough);
    const again = yield* polished(finish, withNewComponent(finish.target, rest, finish.seed + round), comparable);
    const next = yield* better(finish, best, again);
    if (next === best || sameModel(next.kruskal, best.kruskal)) return next;
    best = next;
  }
  return best;
}

function* grownFromNothing(finish: Finish, rank: number): Generator<PolishReport, Finished> {
  let model = emptyModel(finish.target.shape);
  for (;;) {
    const next = yield* polished(finish, withNewComponent(finish.target, model, finish.seed), coarse);
    if (rankOf(next.kruskal) === rank) return next;
    model = next.kruskal;
  }
}

/** Nothing more to try: the fit is exact, or the steps are used up. */
const isDone = ({ relativeError, stop, cancels }: Finished): boolean =>
  relativeError <= exactError || (stop === 'stepLimit' && !cancels);

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
    if (grown?.advice === undefined && freeNumbers(shape, rank) < count)
      return shape.length === 2 && rank > 1 ? { stop: 'converged', advice: matrixAdvice } : { stop: 'converged' };
    if (grown?.advice !== undefined) return { stop: 'stalled', advice: grown.advice };
    const advice = `A model of rank ${rank} has as many free numbers as there are cells, so it fits anything: its components say nothing. Lower the rank.`;
    return { stop: 'converged', advice };
  }
  if (best.cancels) return { stop: 'stalled', advice: cancellationAdvice(best.cancels, rank, finish.targetNorm) };
  if (best.stop === 'stepLimit') return { stop: 'stepLimit' };
  if (grown?.advice !== undefined) return { stop: 'stalled', advice: grown.advice };
  if (grown || ways(finish, best) >= 2) return { stop: 'converged' };
  return {
    stop: 'stalled',
    advice: `Only one way led to these components (${agreeing} of ${starts} starts), so a better model of this rank may exist. Raise starts, or try a lower rank.`,
  };
}

const matrixAdvice =
  'The components of a matrix are not unique: these are those of its singular value decomposition, and any invertible mixture of them gives the same matrix.';

const cancellationAdvice = ({ cosine, norm }: Cancellation, rank: number, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${(norm / targetNorm).toPrecision(2)} times as large as the tensor) and go on growing: the lowest error of rank ${rank} is an infimum, which no model reaches. Try another rank; do not interpret these two.`;
