// What can be said for a finished completion. A model can fit the observations and be wrong everywhere else, so it is called converged
// only where nothing speaks against it; else it is 'stalled', with the first of these doubts in words:
//   the whole    the model is as good as zero
//   components   fewer than were asked for, and the fit is not exact
//   values       fewer than unknowns, rows of a factor with fewer values than components, directions that no value determines
//   an offset    hides the rest: the model explains the mean of the values and little more
//   what is left of the values   is less without the ridge, or pays for one more component; or one component less would do
//   held-out values   are predicted worse than the training error tells
//   starts       predict other unknown cells
// Components are counted by description length (../compaction/cp/rank-choice.ts), as in the choice of the rank.
import { samePredictions, sizeOnUnknown } from '../analysis/agreement.js';
import { heldOutScore, robustDeviation } from '../analysis/held-out.js';
import { predictUnchecked, predictSteps } from '../analysis/predict.js';
import { withOneMore } from '../compaction/cp/add-component.js';
import { isDetermined } from '../compaction/cp/determined.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import { numbersOf, exactLoss, rankChoice } from '../compaction/cp/rank-choice.js';
import { withoutCheapest } from '../compaction/cp/remove-components.js';
import { devianceScaleSteps, meanLoss, meanLossSteps } from '../losses/deviance.js';
import { lossOf, type LossName } from '../losses/losses.js';
import type { SampledParts } from '../handles/handle.js';
import type { RunEnd } from '../result.js';
import type { SampledTarget } from '../targets/hold-out.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { inRanges, type Work } from '../yield.js';

export interface FinishedCompletion {
  readonly problem: SampledParts;
  /** Polished on all observations. */
  readonly model: Kruskal;
  /** Of the other starts the strongest components, as many as the model has, polished as the model was. */
  readonly others: readonly Kruskal[];
  /** As the run was asked for. */
  readonly rank: number | 'auto';
  readonly fit: CompletionFit;
  /** A model of as many components that was fitted to the training observations only; left out where none are held out. */
  readonly trained?: { readonly model: Kruskal; readonly train: SampledTarget; readonly held: SampledTarget };
  readonly seed: number;
}

export interface CompletionFit {
  readonly loss: LossName;
  readonly lossParameter: number;
  readonly nonnegative: boolean;
  readonly ridge: number;
}

/** Polish steps of models that are only compared. */
const compared = { maxSteps: 20, tolerance: 1e-3 };

/** A ridge holds the model back where −2 log likelihood falls by more than this per unknown without it: its bias is then near the error that noise makes. */
const maxRidgeGain = 0.3;

/** Standard errors of a held-out mean. */
const maxErrors = 4;

/** Starts agree to this part of the standard deviation that noise gives the predictions; or of their size, where the fit is exact. */
const sameWithNoise = 0.5;
const sameExactly = 1e-6;

/** Values whose mean square is so many times their variance are mostly an offset. */
const offsetRatio = 10;

/** A model explains little more than the mean where it leaves this part of what the mean leaves. */
const minVariationLeft = 0.5;

export function* completionVerdict(finished: FinishedCompletion): Work<RunEnd> {
  const facts = yield* factsOf(finished);
  const agreement = { agreeing: yield* countAgreeing(finished, facts), compared: 'predictions' } as const;
  const advice = yield* firstDoubt(finished, facts, agreement.agreeing);
  return advice === undefined ? { stop: 'converged', agreement } : { stop: 'stalled', agreement, advice };
}

/** Of a model whose components were neither reduced nor polished: nothing but what was held out tells how it predicts. */
export function* unfinishedVerdict(
  problem: SampledParts,
  model: Kruskal,
  others: readonly Kruskal[],
  fit: CompletionFit,
  held: SampledTarget | undefined,
): Work<RunEnd> {
  const { target } = problem;
  const predictions = yield* predictSteps(model, target);
  const noise = noiseOf(fit, predictions, target.values);
  const scoreOf = (seen: SampledTarget): string =>
    heldOutScore(
      fit.loss,
      fit.lossParameter,
      seen === target ? predictions : predictUnchecked(model, seen),
      seen.values,
    ).toPrecision(2);
  const known = held
    ? `values that were held out are predicted with an error of ${scoreOf(held)}, all values with ${scoreOf(target)}`
    : 'no values were held out';
  return {
    stop: 'stalled',
    agreement: {
      agreeing: 1 + (yield* samePredictions(problem, others, model, noise)).filter(Boolean).length,
      compared: 'predictions',
    },
    advice: `The components were not reduced and polished, so little tells how well they predict unknown cells: ${known}. Leave compaction on where the size allows it, or compare other seeds.`,
  };
}

interface Facts {
  readonly rank: number;
  /** Unknowns of a component, and of the model. */
  readonly numbers: number;
  readonly unknowns: number;
  readonly loss: number;
  readonly isExact: boolean;
  /** How far apart predictions may be that count as the same. */
  readonly tolerance: number;
}

function* factsOf({ problem, model, fit }: FinishedCompletion): Work<Facts> {
  const { target } = problem;
  const { loss, lossParameter } = fit;
  const rank = rankOf(model);
  const numbers = numbersOf(target.shape);
  const unknowns = rank * numbers;
  const predictions = yield* predictSteps(model, target);
  const mean = yield* meanLossSteps(loss, lossParameter, predictions, target.values);
  const isExact =
    lossOf(loss).kind === 'difference' &&
    mean <= exactLoss(loss, yield* devianceScaleSteps(loss, lossParameter, target.values));
  const noise = noiseOf(fit, predictions, target.values);
  const tolerance = isExact
    ? sameExactly * (yield* sizeOnUnknown(problem, model))
    : sameWithNoise * noise * Math.sqrt(unknowns / target.count);
  return { rank, numbers, unknowns, loss: mean, isExact, tolerance };
}

/** Standard deviation of a value about its prediction, in the units of predictions. Gross errors do not count for losses that bear them. */
function noiseOf({ loss, lossParameter }: CompletionFit, predictions: Float64Array, values: Float64Array): number {
  const record = lossOf(loss);
  if (record.kind === 'likelihood') {
    const { curvature } = record;
    return 1 / Math.sqrt(meanOf(values.map((value, e) => curvature(predictions[e]!, value, lossParameter))));
  }
  if (record.isRobust) return robustDeviation(predictions, values);
  return record.residualScale(meanLoss(loss, lossParameter, predictions, values), lossParameter);
}

function* countAgreeing({ problem, model, others }: FinishedCompletion, { tolerance }: Facts): Work<number> {
  return 1 + (yield* samePredictions(problem, others, model, tolerance)).filter(Boolean).length;
}

function* firstDoubt(finished: FinishedCompletion, facts: Facts, agreeing: number): Work<string | undefined> {
  return (
    (yield* nothingExplained(finished, facts)) ??
    tooFewComponents(finished, facts) ??
    tooFewValues(finished, facts) ??
    (yield* openDirections(finished)) ??
    (yield* offsetOnly(finished, facts)) ??
    (yield* unexplained(finished, facts)) ??
    (yield* surprised(finished, facts)) ??
    disagreement(finished, agreeing)
  );
}

function* nothingExplained(
  { problem: { target }, fit }: FinishedCompletion,
  { rank, loss }: Facts,
): Work<string | undefined> {
  const { best, simplest } = yield* devianceScaleSteps(fit.loss, fit.lossParameter, target.values);
  if (rank > 0 && !(lossOf(fit.loss).kind === 'difference' && loss - best > 0.99 * simplest)) return undefined;
  const sign = fit.nonnegative
    ? 'Factors that may not be negative cannot fit negative values: leave nonnegative out. '
    : '';
  return `The model explains nothing of the values: it is as good as zero. ${sign}Try other seeds or another rank.`;
}

function tooFewComponents(
  { problem: { target }, rank: asked }: FinishedCompletion,
  { rank, isExact }: Facts,
): string | undefined {
  if (asked === 'auto' || rank >= asked || isExact) return undefined;
  return `Only ${rank} of ${asked} components were found; the others died on the way, and the fit is not exact. ${offsetAdvice(target)}Try other seeds or more starts, or ask for rank ${rank}.`;
}

function tooFewValues(
  { problem: { target, entries } }: FinishedCompletion,
  { rank, numbers, unknowns, isExact }: Facts,
): string | undefined {
  const { count } = target;
  // With noise a model of one component more must leave something too, to be compared with.
  const needed = isExact ? unknowns : unknowns + numbers;
  if (count <= needed) {
    return `There are ${count} values for the ${unknowns} unknowns of rank ${rank}, too few to tell whether the model is right. Give more values, or ask for a smaller rank.`;
  }
  if (!entries) return undefined;
  const { mode, rows } = poorestMode(entries.shape, entries.indices, rank);
  if (rows === 0) return undefined;
  return `${rows} of ${target.shape[mode]!} indices of mode ${mode} have fewer than ${rank} values, one per component: what is predicted for them is not known. Leave them out, give more values, or ask for a smaller rank.`;
}

/** The mode with most rows of fewer than `rank` values, and how many those are. */
function poorestMode(shape: readonly number[], indices: Uint32Array, rank: number): { mode: number; rows: number } {
  const counts = shape.map((rows) => new Uint32Array(rows));
  for (let at = 0; at < indices.length; at++) counts[at % shape.length]![indices[at]!]!++;
  const poor = counts.map((rows) => rows.filter((count) => count < rank).length);
  const mode = poor.indexOf(Math.max(...poor));
  return { mode, rows: poor[mode]! };
}

function* openDirections({ problem: { view }, model }: FinishedCompletion): Work<string | undefined> {
  if ((yield* isDetermined(view, model)) !== false) return undefined;
  return 'The values leave some directions of the components open: other models fit them as well, and predict other unknown cells. Give more values, or ask for a smaller rank.';
}

/** Whether what the model leaves of the values is more than noise, or the model itself explains some of the noise. */
function* unexplained({ problem, model, fit, seed }: FinishedCompletion, facts: Facts): Work<string | undefined> {
  const { target, view } = problem;
  const { rank, numbers, unknowns, loss, isExact } = facts;
  if (isExact) return undefined;
  const scale = yield* devianceScaleSteps(fit.loss, fit.lossParameter, target.values);
  const { length } = rankChoice({ entries: target.count, numbers }, fit.loss, fit.lossParameter, scale);
  const free = { ...fit, ...compared, ridge: 0 };
  const ridgeless = fit.ridge > 0 ? yield* polishedSampled(view, model, free) : { kruskal: model, loss };
  const now = length({ components: rank, loss: ridgeless.loss });
  if (length({ components: rank, loss }) - now > maxRidgeGain * unknowns) {
    return `The ridge that few values ask for holds the model back: the same components can fit better than noise explains. ${offsetAdvice(target)}Give more values, or try another rank or seed.`;
  }
  const more = yield* withOneMore(problem, ridgeless.kruskal, free, seed);
  if (length({ components: rank + 1, loss: more.loss }) < now) {
    const share = Math.round(100 * (1 - more.loss / ridgeless.loss));
    return `What the model leaves of the values is not noise: one more component would explain ${share} % of it. ${offsetAdvice(target)}Try a larger rank, more starts or another seed.`;
  }
  const less = yield* withoutCheapest(view, ridgeless.kruskal, free);
  if (length({ components: rank - 1, loss: less.loss }) >= now) return undefined;
  return rank > 1
    ? `The weakest of ${rank} components explains no more than noise would. Try rank ${rank - 1}.`
    : 'The component explains no more than noise would. Give more values, or doubt that there is anything to find.';
}

/** Whether the values are mostly an offset, and the model explains little of how they differ from it. */
function* offsetOnly(
  { problem: { target }, model, fit }: FinishedCompletion,
  { isExact }: Facts,
): Work<string | undefined> {
  const advice = offsetAdvice(target);
  if (advice === '' || isExact || lossOf(fit.loss).kind === 'likelihood') return undefined;
  const { loss, lossParameter } = fit;
  const mean = new Float64Array(target.count).fill(meanOf(target.values));
  const left = yield* meanLossSteps(loss, lossParameter, yield* predictSteps(model, target), target.values);
  if (left < minVariationLeft * (yield* meanLossSteps(loss, lossParameter, mean, target.values))) return undefined;
  return `The model explains little more than the mean of the values. ${advice}`;
}

/** Whether values that were held out are farther from their predictions than the training error, and the number of unknowns, tell. */
function* surprised({ fit, trained }: FinishedCompletion, { unknowns, isExact }: Facts): Work<string | undefined> {
  if (!trained || isExact) return undefined;
  const { model, train, held } = trained;
  const { value: phi, kind } = lossOf(fit.loss);
  const lossesOf = function* (target: SampledTarget): Work<Float64Array> {
    const losses = yield* predictSteps(model, target);
    yield* inRanges(target.count, 20, (from, end) => {
      for (let e = from; e < end; e++) losses[e] = phi(losses[e]!, target.values[e]!, fit.lossParameter);
    });
    return losses;
  };
  const seen = yield* lossesOf(train);
  const mean = meanOf(seen);
  const spread = Math.sqrt(meanOf(seen.map((loss) => (loss - mean) ** 2)));
  // Of n values and p unknowns a fit takes p/n of the variance, and errs by as much where it was not fitted.
  const share = Math.min(unknowns / train.count, 1);
  const growth = (1 + share) / (1 - share);
  const expected = kind === 'difference' ? growth * mean : mean + growth - 1;
  const error = (growth * spread) / Math.sqrt(held.count);
  if (!(meanOf(yield* lossesOf(held)) > expected + maxErrors * error)) return undefined;
  return 'Values that were held out are predicted worse than the training error tells. Give more values, or try a smaller rank, other seeds or more starts.';
}

function disagreement({ others }: FinishedCompletion, agreeing: number): string | undefined {
  if (others.length === 0 || agreeing > 1) return undefined;
  return `No other of the ${others.length + 1} starts predicts the same unknown cells. Try more starts, other seeds or another rank.`;
}

/** What to do first where the values are nearly constant. */
function offsetAdvice({ values }: SampledTarget): string {
  const mean = meanOf(values);
  const variance = meanOf(values.map((value) => (value - mean) ** 2));
  return mean ** 2 > offsetRatio * variance ? 'The values are mostly an offset: subtract their mean first. ' : '';
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
