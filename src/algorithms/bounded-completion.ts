// Completion with nonnegative factors: the model without bounds, its negative entries cut off, is the start of projected Gauss-Newton on
// the known entries (compaction/cp/sampled-problem.ts). Its rank is that of the model without bounds. Where bounds cost more than noise
// makes them, the values contradict them.
import { predictUnchecked, predictionError } from '../analysis/predict.js';
import { onConstraints } from '../compaction/constrained.js';
import { polishedSampled } from '../compaction/cp/polish-sampled.js';
import { withoutDead } from '../compaction/prune.js';
import type { FinishState } from '../handles/handle.js';
import type { SampledProblem } from '../handles/sampled.js';
import type { SampledView } from '../handles/views/sampled-view.js';
import { meanLoss } from '../losses/deviance.js';
import { defaultLoss, lossOf, type LossName } from '../losses/losses.js';
import { minCellsPerNumber } from '../rank-choice/verdict.js';
import type { RunEnd } from '../result.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { absorbWeights, stackFactors } from '../tensor/stacked.js';
import type { Entries } from '../variational/entries.js';
import type { FoundModel } from '../variational/search-steps.js';
import type { Work } from '../yield.js';
import { endOf, withChoice } from './variational-end.js';

/** The model, with components turned so that little of these modes is negative, and that cut off. */
export const onBounds = (model: Kruskal, nonnegative: readonly number[]): Kruskal =>
  onConstraints(model, { nonnegative, fixed: [] });

interface LossOptions {
  readonly loss?: LossName;
  readonly lossParameter?: number;
}

interface BoundedSetup {
  readonly kruskal: Kruskal;
  readonly step: number;
  readonly entries: Entries;
  /** Of the choice of the rank, where there was one. */
  readonly chosen: RunEnd | undefined;
  readonly options: LossOptions;
  readonly tolerance: number;
  readonly finish: 'compact' | 'none';
}

const polishSteps = 100;
/** Polishes of one model: each begins with small damping again, and with the bounds that hold by then. */
const maxPolishes = 4;
/** Of a polish, relative to that of the run: small steps may lead far along bounds. */
const polishTolerance = 1e-3;
/** Relative to themselves, KKT residuals of rounding. */
const rounding = 1e-12;
/** Relative error of an exact fit within the bounds. */
const sameError = 1e-8;
/** Standard deviations of what noise makes of the cost of bounds. */
const maxDeviations = 4;

/** The last state, with its end. */
export function* boundedStates(
  { target, view }: SampledProblem,
  found: FoundModel,
  bounds: readonly number[],
  { kruskal: free, step, entries, chosen, options, tolerance, finish }: BoundedSetup,
): Generator<FinishState | undefined> {
  const { loss = defaultLoss } = options;
  const fit = { loss, lossParameter: parameterOf(loss, options, found) };
  const seen = found.fitted ?? view;
  const start = onBounds(free, bounds);
  const polish = { ...fit, tolerance: polishTolerance * tolerance, maxSteps: finish === 'compact' ? polishSteps : 0 };
  let kruskal = start;
  let kktResidual = Infinity;
  let limit = 0;
  let errorOfFit = 1;
  for (let polishes = 0; polishes < maxPolishes && kktResidual > limit; polishes++) {
    const polished = yield* polishedSampled(seen, kruskal, { ...polish, nonnegative: bounds });
    kruskal = withoutDead(polished.kruskal);
    kktResidual = yield* kktOfEntries(seen, kruskal, bounds, fit);
    errorOfFit = polished.relativeError;
    limit = Math.max(rounding, errorOfFit * Math.sqrt(2 * Math.max(tolerance, 16 * Number.EPSILON)));
    if (finish === 'none') break;
  }
  const relativeError = predictionError(kruskal, target, loss);
  const end = withChoice(endOf(entries, found, kruskal, relativeError), chosen);
  const doubt = kktDoubt() ?? countDoubt() ?? costDoubt();
  const doubtful: Partial<RunEnd> =
    doubt === undefined || end.stop !== 'converged' ? {} : { stop: 'stalled', advice: doubt };
  yield { step: step + 1, phase: 'polish', kruskal, relativeError, end: { ...end, ...doubtful, kktResidual } };

  function kktDoubt(): string | undefined {
    if (finish === 'none' || kktResidual <= limit) return undefined;
    return `The KKT residual is ${kktResidual.toPrecision(2)}, above ${limit.toPrecision(2)}: the model is not the best near it under its bounds. Set a larger maxSteps, or try another seed.`;
  }

  /** The fit within bounds has no prior: of few values it takes the noise as well, and may be far off at unknown cells. */
  function countDoubt(): string | undefined {
    const unknowns = freeNumbers(target.shape, rankOf(kruskal));
    if (found.isExact || target.count >= minCellsPerNumber * unknowns) return undefined;
    return `There are ${target.count} values for the ${unknowns} free numbers of a fit within bounds, which has no prior: at unknown cells it may be far off. Give more values, or leave nonnegative out.`;
  }

  /** Were the truth within the bounds, the best model within them would cost no more than it: χ² of as many degrees as unknowns. */
  function costDoubt(): string | undefined {
    if (found.isExact) return errorOfFit <= sameError ? undefined : costAdvice();
    const unknowns = freeNumbers(target.shape, rankOf(free));
    const mean = (model: Kruskal): number =>
      meanLoss(loss, fit.lossParameter, predictUnchecked(model, target), target.values);
    const rise = mean(kruskal) - mean(free);
    const noise = found.model?.noise ?? 0;
    const scale = lossOf(loss).kind === 'likelihood' ? 1 : lossOf(loss).curvature(0, 0, fit.lossParameter) * noise;
    if (rise <= 0 || (2 * target.count * rise) / scale <= unknowns + maxDeviations * Math.sqrt(2 * unknowns))
      return undefined;
    return costAdvice();
  }

  function costAdvice(): string {
    const error = predictionError(free, target, loss);
    return `Without bounds ${rankOf(free)} components leave a relative error of ${error.toPrecision(2)}, within them ${relativeError.toPrecision(2)}: more than noise explains. Negative entries may be right; leave nonnegative out, or give the rank.`;
  }
}

/** Of the loss: as given, else by the noise that was learned. */
function parameterOf(loss: LossName, { lossParameter }: LossOptions, { model }: FoundModel): number {
  const { parameter } = lossOf(loss);
  if (!parameter) return 0;
  return lossParameter ?? parameter.forResiduals(Math.sqrt(model?.noise ?? 0), 1);
}

/**
 * How far a model is from a stationary point under its bounds: as `kktResidual` (compaction/constrained.ts) for dense tensors, over the
 * known entries. Of other losses than squared errors the gradient is in the units of squared ones, by the curvature of the loss at the best
 * constant; of links, whose models are in no unit of the values, relative to the spread of pseudo-values.
 */
function* kktOfEntries(
  view: SampledView,
  model: Kruskal,
  bounds: readonly number[],
  { loss, lossParameter }: { readonly loss: LossName; readonly lossParameter: number },
): Work<number> {
  const { shape, count, values } = view;
  const rank = rankOf(model);
  if (rank === 0) return 0;
  const record = lossOf(loss);
  const unit = normalize(model);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const constant = record.kind === 'likelihood' ? record.constantFor(mean) : 0;
  const curvature = record.curvature(constant, constant, lossParameter);
  const isLink = record.kind === 'likelihood' && record.domain.minPrediction !== 0;
  const norm = isLink ? Math.sqrt(count / curvature) : euclideanNorm(values);
  if (!(norm > 0)) return 0;
  const products = view.ofRank(rank);
  const rows = shape.reduce((sum, size) => sum + size, 0);
  const predictions = new Float64Array(count);
  const gradient = new Float64Array(rows * rank);
  yield* products.moveTo(stackFactors([absorbWeights(unit)]), predictions);
  const slopes = predictions.map((prediction, e) => record.derivative(prediction, values[e]!, lossParameter));
  const stacked = stackFactors([unit]);
  yield* products.moveTo(stacked, predictions);
  yield* products.transposed(slopes, gradient);
  const isBounded = shape.flatMap((size, mode) => new Array<boolean>(size).fill(bounds.includes(mode)));
  let largest = 0;
  for (let n = 0; n < gradient.length; n++) {
    const entry = unit.weights[n % rank]! * stacked[n]!;
    const slope = gradient[n]! / curvature;
    const excess = isBounded[Math.floor(n / rank)] === true ? Math.min(entry, slope) : slope;
    largest = Math.max(largest, Math.abs(excess) / norm);
  }
  return largest;
}
