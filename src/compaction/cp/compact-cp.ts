// Compaction of a completion: from a model of many components, a handful of which matter, to the few that the observations ask
// for, fitted in float64 to the observations.
//   prune → merge → polish → take out one component after the other, polishing the rest → the smallest model that the data pay for
// The symmetric twin is ../compact-view.ts; there the target is known everywhere, here models are told apart by held-out observations.
import { InputError } from '../../errors.js';
import { predictSteps } from '../../analysis/predict.js';
import { devianceScaleSteps, meanLossSteps, relativeDeviance } from '../../losses/deviance.js';
import { defaultLoss, defaultParameter, lossOf, type LossName } from '../../losses/losses.js';
import { requireNamedOptions, shown } from '../../names.js';
import type { SampledTarget } from '../../targets/hold-out.js';
import { requireSameShape, scaleKruskal, shapeOf, type Kruskal } from '../../tensor/kruskal.js';
import { unitOf } from '../../tensor/square-sum.js';
import { arrange, fixSigns, largestWeight, normalize, strongest } from '../../tensor/normalize.js';
import type { Counts } from '../description-length.js';
import { prune, withoutDead } from '../prune.js';
import { finished, type Work } from '../../yield.js';
import { heldOutLosses } from './held-out-losses.js';
import { mergeCp } from './merge-cp.js';
import { polishedSampled, type PolishSampledReport } from './polish-sampled.js';
import { exactLoss, numbersOf, rankChoice, type Candidate } from './rank-choice.js';
import { polishAndMerge, thinned, withOneLess, type FitOptions } from './remove-components.js';
import { sampledView } from '../../handles/views/sampled-view.js';
import { requireSampled } from '../../targets/require-target.js';
import { requireKruskal } from '../../tensor/require.js';

export interface CompactCpOptions {
  /** Components of the result at most, or 'auto': as few as the observations pay for. Default 'auto'. */
  readonly rank?: number | 'auto';
  /** Default 'l2', squared errors. */
  readonly loss?: LossName;
  /** Of the loss, where it has one: Huber's β. Default: the loss's own. */
  readonly lossParameter?: number;
  /**
   * Observations of the same tensor that are not fitted, for `rank: 'auto'`: the smallest model is taken that predicts them no worse
   * than the best does, to two standard errors of their difference. Without them the rank is that of the shortest description of the data.
   */
  readonly held?: SampledTarget;
  /** Components of a norm up to this are dropped first. Default 0.01 of the largest. */
  readonly dropBelow?: number;
  /** Components with a larger product of |cosines| over the modes are merged into one before the fit. Default 0.95; 1 merges none. */
  readonly mergeCosine?: number;
  /** A polish stops when a step lowers the loss by less than this, relative to itself. Default 1e-9. */
  readonly tolerance?: number;
  /** Accepted steps of one polish. Default 60. */
  readonly maxSteps?: number;
  /** Factors ≥ 0; what is negative in the model is cut off first. Default false; always for losses of rates. */
  readonly nonnegative?: boolean;
  /** ρ of PolishSampledOptions: keeps what few observations leave open small. Default 0. */
  readonly ridge?: number;
}

export interface CpCompaction {
  /** Unit columns, strongest component first, signs fixed as by `fixSigns`. */
  readonly kruskal: Kruskal;
  readonly rank: number;
  /** Mean loss of the observations fitted. Large when the model was far from them: that is an outcome, not an exception. */
  readonly loss: number;
  /** The same on the scale of the data; for squared errors ‖predictions − values‖ / ‖values‖. */
  readonly relativeError: number;
  /** How the result predicts what was held out (analysis/held-out.ts): relative error of the better four fifths, or deviance. */
  readonly heldOutScore?: number;
  /** Components dropped as weak or as more than the observations can tell, merged into others before the fit, and found superfluous. */
  readonly pruned: number;
  readonly merged: number;
  readonly removed: number;
}

const optionNames = [
  'rank',
  'loss',
  'lossParameter',
  'held',
  'dropBelow',
  'mergeCosine',
  'tolerance',
  'maxSteps',
  'nonnegative',
  'ridge',
];

/** With more components than this, and than twice the rank asked for, a quarter is removed at once, while that does no harm. */
const bulkRemovalAbove = 12;

/** Of the loss of the zero model: what components may be worth that go before the first polish. A hundredth in norm, as in the pruning. */
const negligible = 1e-4;

/** Polish of models that are compared and left behind. */
const coarsePolish = { tolerance: 1e-3, maxSteps: 20 };

/** Models in a row that the data speak against: from there on it gets no better with fewer components. */
const maxMisses = 2;

interface Fitted extends Candidate {
  readonly model: Kruskal;
}

/**
 * The fewest components near those of `model`, with factors A_k and weights w, that fit the observations of `target`, with
 * minimal mean φ(Σ_r w_r Π_k A_k[i_k, r], value): the float64 finish of a completion. Components that are weak, nearly alike or not
 * paid for by the data go, the rest is fitted by damped Gauss-Newton on all factors at once. `rank: R` gives at most R, whatever they
 * leave unexplained (fewer when fewer fit exactly). `model` has the target's shape, and many components or few.
 * Time is mostly that of polish steps, 20 or so for each component tried: a second for some thousand entries and ten components, half
 * a minute for 300 000 and a few. No tensor is formed; memory O(count + unknowns²) up to 600 unknowns, rank · Σ shape, then linear.
 *
 * @example
 * ```ts
 * import { compactCp } from 'polyadic';
 * import { plantedCp, plantedObserved } from 'polyadic/problems';
 *
 * const { target } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, seed: 1 });
 * const { truth: start } = plantedCp({ shape: [9, 8, 7], rank: 4, seed: 2 });
 * const { rank, relativeError } = compactCp(target, start);
 * console.log(rank, relativeError < 1e-6); // 1 true
 * ```
 * @throws InputError when shapes do not fit, an option is out of range or the model is not finite.
 */
export const compactCp = (target: SampledTarget, model: Kruskal, options: CompactCpOptions = {}): CpCompaction =>
  finished(compactCpSteps(target, model, options));

/** The same with pauses. @throws InputError as compactCp. */
export function* compactCpSteps(
  target: SampledTarget,
  model: Kruskal,
  options: CompactCpOptions = {},
): Work<CpCompaction> {
  checkArguments(target, model, options);
  const { loss = defaultLoss, held, dropBelow } = options;
  const lossParameter = options.lossParameter ?? defaultParameter(loss);
  // Values near 1, so that sums of their squares stay in float64. Losses of counts and binaries have no unit to change.
  const unit = lossOf(loss).kind === 'difference' ? unitOf(target.values) : 1;
  if (unit === 1) return yield* compactInUnit(target, model, options);
  const found = yield* compactInUnit(inUnit(target, unit), scaleKruskal(model, 1 / unit), {
    ...options,
    lossParameter: lossParameter / unit,
    ...(held ? { held: inUnit(held, unit) } : {}),
    ...(dropBelow === undefined ? {} : { dropBelow: dropBelow / unit }),
  });
  const kruskal = scaleKruskal(found.kruskal, unit);
  return {
    ...found,
    kruskal,
    loss: yield* meanLossSteps(loss, lossParameter, yield* predictSteps(kruskal, target), target.values),
  };
}

const inUnit = (target: SampledTarget, unit: number): SampledTarget => ({
  ...target,
  values: target.values.map((value) => value / unit),
});

function* compactInUnit(target: SampledTarget, model: Kruskal, options: CompactCpOptions): Work<CpCompaction> {
  const { rank: wanted = 'auto', loss = defaultLoss, held, mergeCosine = 0.95, ridge = 0 } = options;
  const { tolerance = 1e-9, maxSteps = 60 } = options;
  const lossParameter = options.lossParameter ?? defaultParameter(loss);
  const nonnegative = lossOf(loss).domain.minPrediction === 0 || (options.nonnegative ?? false);
  const scale = yield* devianceScaleSteps(loss, lossParameter, target.values);
  const fit: FitOptions = {
    loss,
    lossParameter,
    tolerance,
    maxSteps,
    nonnegative,
    ridge,
    targetLoss: exactLoss(loss, scale),
  };
  const view = sampledView(target);
  const counts: Counts = { entries: target.count, numbers: numbersOf(target.shape) };
  const choice = rankChoice(counts, loss, lossParameter, scale);

  const start = normalize(model);
  const largest = largestWeight(start);
  const strong = prune(start, options.dropBelow ?? 1e-2 * largest);
  const merged = mergeCp(strong, mergeCosine);
  // More numbers than observations fit anything.
  const maxComponents = Math.max(Math.floor(counts.entries / counts.numbers), wanted === 'auto' ? 1 : wanted);
  const first = strongest(merged, maxComponents);
  // Components that the others can replace are removed before the first polish, which is expensive while there are many.
  const before = (yield* polishedSampled(view, first, { ...fit, maxSteps: 0 })).loss - scale.best;
  const growth = Math.max(before / 2, negligible * scale.simplest);
  const thinnedModel = yield* thinned(
    view,
    first,
    growth,
    first.weights.length - (wanted === 'auto' ? 1 : wanted),
    fit,
  );
  const passing: FitOptions = { ...fit, ...coarsePolish };

  function candidateOf({ kruskal, loss: mean }: PolishSampledReport): Fitted {
    const heldOut = held && heldOutLosses(held, kruskal, loss, lossParameter);
    return { model: kruskal, components: kruskal.weights.length, loss: mean, heldOut };
  }

  /** One component less, or a quarter of them where there are many. */
  function* reduced(last: Fitted): Work<Fitted> {
    const spare = last.components - 2 * (wanted === 'auto' ? 1 : wanted);
    if (last.components > bulkRemovalAbove && spare > 1) {
      const quarter = Math.min(Math.floor(last.components / 4), spare);
      const fewer = yield* thinned(view, last.model, Infinity, quarter, fit);
      const bold = candidateOf(yield* polishAndMerge(view, fewer, passing));
      if (wanted !== 'auto' || !choice.worse(bold, last)) return bold;
    }
    return candidateOf(yield* withOneLess(view, last.model, last.loss, passing));
  }

  /** The model of the rank asked for, or of fewer components that fit exactly too. */
  function* ofRank(rank: number): Work<Fitted> {
    let last = candidateOf(yield* polishAndMerge(view, thinnedModel, passing));
    while (last.components > 1) {
      const next = yield* reduced(last);
      if (last.components <= rank && (next.loss > fit.targetLoss || counts.numbers * next.components >= counts.entries))
        break;
      last = next;
    }
    return last;
  }

  function* polishedToTheEnd({ model: start }: Fitted): Work<Fitted> {
    return candidateOf(yield* polishAndMerge(view, start, { ...fit, targetLoss: -Infinity }));
  }

  /** The choice among models fitted in passing stands when both it and the next smaller one are fitted to the end. */
  function* ofFewest(): Work<Fitted> {
    const path = [candidateOf(yield* polishAndMerge(view, thinnedModel, passing))];
    for (let misses = 0; misses < maxMisses && path[path.length - 1]!.components > 1;) {
      const next = yield* reduced(path[path.length - 1]!);
      misses = path.some((other) => choice.worse(next, other)) ? misses + 1 : 0;
      path.push(next);
    }
    const chosen = choice.choose(path);
    let best = yield* polishedToTheEnd(chosen);
    for (const smaller of path.slice(path.indexOf(chosen) + 1)) {
      const other = yield* polishedToTheEnd(smaller);
      if (choice.worse(other, best)) break;
      best = other;
    }
    return best;
  }

  const fitted = wanted === 'auto' ? yield* ofFewest() : yield* polishedToTheEnd(yield* ofRank(wanted));
  const kruskal = arrange(fixSigns(withoutDead(fitted.model)));
  const rank = kruskal.weights.length;
  return {
    kruskal,
    rank,
    loss: fitted.loss,
    relativeError: relativeDeviance(fitted.loss, scale),
    ...(fitted.heldOut ? { heldOutScore: fitted.heldOut.score } : {}),
    pruned: start.weights.length - strong.weights.length + merged.weights.length - first.weights.length,
    merged: strong.weights.length - merged.weights.length,
    removed: first.weights.length - rank,
  };
}

function checkArguments(target: SampledTarget, model: Kruskal, options: CompactCpOptions): void {
  const who = 'compactCp';
  requireSampled(who, target);
  requireKruskal(who, model);
  requireNamedOptions(who, options, optionNames);
  if (options.held !== undefined) requireSampled(who, options.held);
  requireSameShape(who, target.shape, shapeOf(model));
  if (options.held) requireSameShape(who, target.shape, options.held.shape);
  if (![model.weights, ...model.factors.map(({ data }) => data)].every((data) => data.every(Number.isFinite))) {
    throw new InputError(
      `${who}: expected finite weights and factors, got NaN or Infinity. Check the run they came from.`,
    );
  }
  const { rank = 'auto', dropBelow = 0, mergeCosine = 1, tolerance = 0, maxSteps = 0, ridge = 0 } = options;
  if (rank !== 'auto' && !(Number.isSafeInteger(rank) && rank >= 1)) {
    throw new InputError(`${who}: expected rank to be 'auto' or an integer from 1, got ${shown(rank)}. Change rank.`);
  }
  for (const [name, value] of Object.entries({ dropBelow, tolerance, maxSteps, ridge })) {
    if (!(typeof value === 'number' && value >= 0)) {
      throw new InputError(`${who}: expected ${name} to be a number ≥ 0, got ${shown(value)}. Change ${name}.`);
    }
  }
  if (!(typeof mergeCosine === 'number' && mergeCosine > 0 && mergeCosine <= 1)) {
    throw new InputError(
      `${who}: expected mergeCosine above 0, at most 1, got ${shown(mergeCosine)}. Change mergeCosine.`,
    );
  }
}
