// The options of completion, checked, with everything filled in that depends on the target: what fits one tensor is too much for another.
import { InputError } from '../errors.js';
import { defaultLoss, lossNames, lossOf, type LossName } from '../losses/losses.js';
import { requireKnownNames } from '../names.js';
import { descentRules, type DescentRule } from '../optimizers/descent.js';
import { schedules, type Schedule } from '../optimizers/schedule.js';
import { holdOut, wholeModes, type HeldOut, type SampledTarget } from '../targets/hold-out.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import { mostGathered } from './objectives/objectives.js';

export interface CompletionOptions {
  readonly kind: 'completion';
  /** What to minimize, as a mean over the observations (`losses` tells what each is for). Default: 'l2', squared errors. */
  readonly loss?: LossName;
  /** Of the loss, where it has one: Huber's β, in the units of the data. Default: the loss's own choice for these values, a quarter of their root mean square for β. */
  readonly lossParameter?: number;
  /** Default: 'groupRmsprop'; 'adam' beyond order 16. */
  readonly optimizer?: DescentRule;
  /** η, for a tensor of unit norm. Default: 0.03, adam 0.01, gradientDescent 100, momentum 10; beyond order 16 0.0005. */
  readonly learningRate?: number;
  /** ε of adam and groupRmsprop, added to the root of the mean squared gradient. Default: 1e-8 for adam; 1e-12 for groupRmsprop, so that a run does not wait where gradients are tiny, near its start; 1e-6 is that of the paper. */
  readonly epsilon?: number;
  /** Of the learning rate, over maxSteps. Default: 'constant' where the loss is smooth and all entries are used in every step, else 'cosine'. */
  readonly schedule?: Schedule;
  /** Standard deviation of the factors' first entries, for a tensor of unit norm. Default: 0.06 / √(size of the mode), so that columns begin with norms about 0.06, 0.02 where sizes are 10. */
  readonly initScale?: number;
  /** Mean of the factors' first entries. Default: 0; beyond order 16, where products of small numbers vanish, and for rates: that of a model with the mean of |values|. */
  readonly initMean?: number;
  /** Observations in a step; observed targets only. Default: all of them up to 50,000, else 8,192. */
  readonly batchSize?: number;
  /** Share of the observations that is held out while descending, from 0 to 0.5: to stop a run that fits noise, and to choose a start and the rank. Default: 0.1 (at most 16,384), 0 below 100 observations. */
  readonly validation?: number;
  /** A start has come to its end when its held-out score has not improved in so many reports, plus as many as it took to its best. Default: 20. */
  readonly patience?: number;
  /** Keeps every factor ≥ 0; always so for losses of rates. Default: false. */
  readonly nonnegative?: boolean;
  /** Finish: compact to the components that matter, and polish them in float64 on all observations. Default: true up to order 16. */
  readonly compaction?: boolean;
  /** The tensor itself, where it is known: reports then hold the reconstruction error ‖W − W*‖ / ‖W*‖. */
  readonly truth?: AnyKruskal;
}

export const completionOptionNames: readonly (keyof CompletionOptions)[] = [
  'loss',
  'lossParameter',
  'optimizer',
  'learningRate',
  'epsilon',
  'schedule',
  'initScale',
  'initMean',
  'batchSize',
  'validation',
  'patience',
  'nonnegative',
  'compaction',
  'truth',
];

/** All options, filled in. */
export interface CompletionPlan {
  readonly loss: LossName;
  readonly parameter: number;
  readonly optimizer: DescentRule;
  readonly learningRate: number;
  readonly epsilon: number;
  readonly schedule: Schedule;
  /** One a mode. */
  readonly initScales: readonly number[];
  readonly initMean: number;
  readonly batchSize: number;
  readonly patience: number;
  readonly nonnegative: boolean;
  readonly compaction: boolean;
}

const defaultWidth = 32;
const timesRank = 4;
const [fewEntries, mostAtOnce, minibatch, mostHeld] = [100, 50_000, 8192, 16_384];

/**
 * Components to work with: the most that a tensor of this shape can need, the product of all sizes but the largest, up to 32; four
 * times the rank where that is given, but 8 at least. More are slower and hardly better; the paper takes that product itself (`width`).
 */
export function completionWidth({ shape }: SampledTarget, rank: number | 'auto'): number {
  const largest = Math.max(...shape);
  const enough = shape.reduce((product, size) => Math.min(defaultWidth, product * size), 1 / largest);
  const wanted = shape.length > mostGathered ? 1 : Math.max(1, Math.floor(enough + 0.5));
  if (rank === 'auto') return wanted;
  return Math.max(Math.min(wanted, 8), timesRank * rank);
}

/** @throws InputError for values that the loss cannot have, and for options out of their range. */
export function completionPlan(target: SampledTarget, options: CompletionOptions, width: number): CompletionPlan {
  const large = target.shape.length > mostGathered;
  const { loss = defaultLoss, optimizer = large ? 'adam' : 'groupRmsprop', initScale, patience = 20 } = options;
  requireKnownNames('completion', [loss], lossNames, 'loss');
  requireKnownNames('completion', [optimizer], descentRules, 'optimizer');
  if (options.schedule !== undefined) requireKnownNames('completion', [options.schedule], schedules, 'schedule');
  requireValues(target, loss);
  requireRange('validation', options.validation, 0, 0.5);
  requireRange('patience', patience, 1, Infinity);
  for (const name of ['lossParameter', 'learningRate', 'epsilon', 'initScale', 'batchSize'] as const) {
    requireRange(name, options[name], Number.MIN_VALUE, Infinity);
  }
  if (options.batchSize !== undefined && target.kind === 'sensing') {
    throw new InputError('completion: expected no batchSize for a sensing target, got one. Leave it out.');
  }
  const { shape, values, count } = target;
  const { domain, hasKink, parameter } = lossOf(loss);
  const hasRates = domain.minPrediction === 0;
  const size = rms(values);
  const unit = unitOf(target, loss, size);
  const mean = options.initMean ?? (large || hasRates ? rateRoot(values, width, shape.length) : 0);
  const spread = (rows: number): number => (mean === 0 ? (0.06 / Math.sqrt(rows)) * unit : large ? 1e-3 : mean / 2);
  const batchSize = Math.min(
    count,
    options.batchSize ?? (count <= mostAtOnce || target.kind === 'sensing' ? count : minibatch),
  );
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
    nonnegative: options.nonnegative ?? hasRates,
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
export function completionSplit<T extends SampledTarget>(
  target: T,
  options: CompletionOptions,
  seed: number,
): HeldOut<T> {
  const share = options.validation ?? (target.count < fewEntries ? 0 : Math.min(0.1, mostHeld / target.count));
  if (share === 0) return { train: target };
  return holdOut(target, share, seed, { together: target.kind === 'observed' ? wholeModes(target) : [] });
}

/**
 * How many times larger than for a tensor of unit norm the factors are for one of the loss's natural size: ‖W‖^{1/order}. Targets
 * come scaled to unit norm for losses of differences.
 */
function unitOf({ shape }: SampledTarget, loss: LossName, size: number): number {
  const record = lossOf(loss);
  if (shape.length > mostGathered || record.kind === 'difference') return 1;
  return (
    (record.predictionScale(size) * Math.sqrt(shape.reduce((product, rows) => product * rows, 1))) ** (1 / shape.length)
  );
}

/** Of every factor's entries, so that a model of `width` equal components has the mean size of the values. */
function rateRoot(values: Float64Array, width: number, order: number): number {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  return (Math.max(mean, Number.MIN_VALUE) / width) ** (1 / order);
}

const rms = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function requireValues({ values }: SampledTarget, loss: LossName): void {
  const { domain } = lossOf(loss);
  const bad = values.findIndex((value) => !domain.holds(value));
  if (bad < 0) return;
  throw new InputError(
    `completion: expected ${domain.values} with loss ${loss}, got ${values[bad]} for observation ${bad}. Correct it, or choose another loss.`,
  );
}

function requireRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (value >= least && value <= most)) return;
  const range = most === Infinity ? (least < 1 ? 'above 0' : `from ${least} on`) : `from ${least} to ${most}`;
  throw new InputError(`completion: expected ${name} ${range}, got ${value}. Change ${name}.`);
}
