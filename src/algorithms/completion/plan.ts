// The options of completion, checked, with everything filled in that depends on the target: what fits one tensor is too much for another.
import { InputError } from '../../errors.js';
import { defaultLoss, lossNames, lossOf, type LossName } from '../../losses/losses.js';
import { descentRules, type DescentRule } from '../../optimizers/descent.js';
import { schedules, type Schedule } from '../../optimizers/schedule.js';
import { holdOut, wholeModes, type HeldOut, type SampledTarget } from '../../targets/hold-out.js';
import type { SampledProblem } from '../../handles/sampled.js';
import type { AnyKruskal } from '../../tensor/kruskal.js';
import type { Constraints } from '../../tensor/constraints.js';
import { sizeOf } from '../../tensor/shape.js';
import { maxGatheredOrder } from './objectives/objectives.js';
import { requireLossValues } from '../loss-values.js';
import { withDefaults, type ModelOption, type OptionsOf } from '../option-table.js';

const truth: ModelOption<AnyKruskal> = {
  type: 'model',
  usually: 'none',
  help: 'the tensor itself, where it is known: reports then hold the reconstruction error ‖W − W*‖ / ‖W*‖',
};

/** What the parameter of each loss is, for those that have one. */
const lossParameters = lossNames.flatMap((name) => lossOf(name).parameter?.meaning ?? []).join('; ');

export const completionOptions = {
  loss: {
    type: 'choice',
    values: lossNames,
    default: defaultLoss,
    help: 'what to minimize, as a mean over the observations',
  },
  lossParameter: {
    type: 'number',
    above: 0,
    unit: 'target',
    help: `of the loss, where it has one (${lossParameters})`,
  },
  optimizer: {
    type: 'choice',
    values: descentRules,
    usually: "'groupRmsprop'; 'adam' beyond order 16",
    help: 'how the descent steps',
  },
  learningRate: {
    type: 'number',
    above: 0,
    usually: '0.03, adam 0.01, gradientDescent 100, momentum 10; beyond order 16 0.0005',
    help: 'η, for a tensor of unit norm',
  },
  epsilon: {
    type: 'number',
    above: 0,
    usually: '1e-8 for adam; 1e-12 for groupRmsprop, so that a run does not wait where gradients are tiny',
    help: 'ε of adam and groupRmsprop, added to the root of the mean squared gradient',
  },
  schedule: {
    type: 'choice',
    values: schedules,
    usually: "'constant' where the loss is smooth and all entries are used in every step, else 'cosine'",
    help: 'of the learning rate, over maxSteps',
  },
  initScale: {
    type: 'number',
    above: 0,
    usually: '0.06 / √(size of the mode), so that columns begin with norms about 0.06',
    help: "standard deviation of the factors' first entries, for a tensor of unit norm",
  },
  initMean: {
    type: 'number',
    usually: '0; beyond order 16, and for rates, that of a model with the mean of |values|',
    help: "mean of the factors' first entries",
  },
  batchSize: {
    type: 'number',
    integer: true,
    min: 1,
    usually: 'all of them up to 50,000, else 8,192',
    help: 'observations per step; observed targets only',
  },
  validation: {
    type: 'number',
    min: 0,
    max: 0.5,
    usually: '0.1 (at most 16,384 observations), 0 below 100 observations',
    help: 'share of the observations that is held out while descending: to stop a run that fits noise, and to choose a start and the rank',
  },
  patience: {
    type: 'number',
    min: 1,
    mayBeInfinite: true,
    default: 20,
    help: 'a start ends when its held-out score has not improved in so many reports, plus as many as it took to its best',
  },
  compaction: {
    type: 'switch',
    isUsuallyOn: true,
    usually: 'true up to order 16',
    help: 'finish: compact to the components that matter, and polish them in float64 on all observations',
  },
  truth,
} as const;

export type CompletionOptions = { readonly kind: 'completion' } & OptionsOf<typeof completionOptions>;

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
export function completionSplit(
  { target, entries }: SampledProblem,
  options: CompletionOptions,
  seed: number,
): HeldOut<SampledTarget> {
  const share = options.validation ?? (target.count < maxWithoutHoldOut ? 0 : Math.min(0.1, maxHeld / target.count));
  if (share === 0) return { train: target };
  return holdOut(target, share, seed, { together: entries ? wholeModes(entries) : [] });
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
