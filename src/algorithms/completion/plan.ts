// The options of completion (../options/completion.ts), with everything filled in that depends on the target: what fits one tensor is too much for another.
import { InputError } from '../../errors.js';
import { defaultLoss, lossOf, type LossName } from '../../losses/losses.js';
import type { DescentRule } from '../../optimizers/descent.js';
import type { Schedule } from '../../optimizers/schedule.js';
import { holdOutSteps, wholeModesSteps, type HeldOut, type SampledTarget } from '../../targets/hold-out.js';
import type { SampledProblem } from '../../handles/sampled.js';
import type { Constraints } from '../../tensor/constraints.js';
import { sizeOf } from '../../tensor/shape.js';
import { maxGatheredOrder } from './objectives/objectives.js';
import { requireLossValues } from '../loss-values.js';
import type { Work } from '../../yield.js';
import { withDefaults } from '../option-table.js';
import { completionOptions, type CompletionOptions } from '../options/completion.js';

/** All options, filled in. */
export interface CompletionPlan {
  readonly loss: LossName;
  readonly parameter: number;
  readonly optimizer: DescentRule;
  readonly learningRate: number;
  readonly epsilon: number;
  readonly schedule: Schedule;
  /** One per mode. */
  readonly initScales: readonly number[];
  readonly initMean: number;
  readonly batchSize: number;
  readonly patience: number;
  readonly nonnegative: boolean;
  readonly compaction: boolean;
}

const defaultWidth = 32;
const timesRank = 4;
const maxWithoutHoldOut = 100;
const maxFullBatch = 50_000;
const minibatch = 8192;
const maxHeld = 16_384;

/**
 * Components to work with: the most that a tensor of this shape can need, the product of all sizes but the largest, up to 32; four
 * times the rank where that is given, but 8 at least. More are slower and hardly better; the paper takes that product itself (`width`).
 */
export function completionWidth({ shape }: SampledProblem, rank: number | 'auto'): number {
  const largest = Math.max(...shape);
  const maxUseful = shape.reduce((product, size) => Math.min(defaultWidth, product * size), 1 / largest);
  const wanted = shape.length > maxGatheredOrder ? 1 : Math.max(1, Math.floor(maxUseful + 0.5));
  if (rank === 'auto') return wanted;
  return Math.max(Math.min(wanted, 8), timesRank * rank);
}

/** @throws InputError for values that the loss cannot have, and for a batch size of measurements, which have none. */
export function requireFittingLoss(
  { target, entries }: SampledProblem,
  { loss = defaultLoss, batchSize }: CompletionOptions,
): void {
  requireLossValues('completion', target, loss);
  if (batchSize !== undefined && !entries) {
    throw new InputError('completion: expected no batchSize for a sensing target, got one. Leave it out.');
  }
}

export function completionPlan(
  { target, entries }: SampledProblem,
  given: CompletionOptions,
  { width, constraints }: { readonly width: number; readonly constraints: Constraints },
): CompletionPlan {
  const options = withDefaults(completionOptions, given);
  const large = target.shape.length > maxGatheredOrder;
  const { loss, optimizer = large ? 'adam' : 'groupRmsprop', initScale, patience } = options;
  const { shape, values, count } = target;
  const { domain, hasKink, parameter } = lossOf(loss);
  const hasRates = domain.minPrediction === 0;
  const size = rms(values);
  const unit = unitOf(target, loss, size);
  const mean = options.initMean ?? (large || hasRates ? rateRoot(values, width, shape.length) : 0);
  const spread = (rows: number): number => (mean === 0 ? (0.06 / Math.sqrt(rows)) * unit : large ? 1e-3 : mean / 2);
  const batchSize = Math.min(count, options.batchSize ?? (count <= maxFullBatch || !entries ? count : minibatch));
  const noisyGradient = hasKink || batchSize < count;
  return {
    loss,
    parameter: options.lossParameter ?? parameter?.forValues(size) ?? 0,
    optimizer,
    learningRate: (options.learningRate ?? (large ? largeOrderRate : defaultRates[optimizer])) * unit,
    epsilon: options.epsilon ?? (optimizer === 'adam' ? 1e-8 : 1e-12),
    schedule: options.schedule ?? (noisyGradient ? 'cosine' : 'constant'),
    initScales: shape.map((rows) => (initScale === undefined ? spread(rows) : initScale * unit)),
    initMean: mean,
    batchSize: Math.ceil(batchSize),
    patience,
    nonnegative: hasRates || constraints.nonnegative.length > 0,
    compaction: options.compaction ?? !large,
  };
}

const defaultRates: Record<DescentRule, number> = {
  groupRmsprop: 3e-2,
  adam: 1e-2,
  momentum: 10,
  gradientDescent: 100,
};

const largeOrderRate = 5e-4;

/** The observations that the descent sees, and those that it does not: whole fibers where whole fibers are missing. */
export function* completionSplit(
  { target, entries }: SampledProblem,
  options: CompletionOptions,
  seed: number,
): Work<HeldOut<SampledTarget>> {
  const share = options.validation ?? (target.count < maxWithoutHoldOut ? 0 : Math.min(0.1, maxHeld / target.count));
  if (share === 0) return { train: target };
  return yield* holdOutSteps(target, { share, seed, together: entries ? yield* wholeModesSteps(entries) : [] });
}

/**
 * How many times larger than for a tensor of unit norm the factors are for one of the loss's natural size: ‖W‖^{1/order}. Targets
 * come scaled to unit norm for losses of differences.
 */
function unitOf({ shape }: SampledTarget, loss: LossName, size: number): number {
  const record = lossOf(loss);
  if (shape.length > maxGatheredOrder || record.kind === 'difference') return 1;
  return (record.predictionScale(size) * Math.sqrt(sizeOf(shape))) ** (1 / shape.length);
}

/** Of every factor's entries, so that a model of `width` equal components has the mean size of the values. */
function rateRoot(values: Float64Array, width: number, order: number): number {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  return (Math.max(mean, Number.MIN_VALUE) / width) ** (1 / order);
}

const rms = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
