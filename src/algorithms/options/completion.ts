// Options of completion/completion.ts.
import { defaultLoss, lossNames, lossOf } from '../../losses/losses.js';
import { descentRules } from '../../optimizers/descent.js';
import { schedules } from '../../optimizers/schedule.js';
import type { AnyKruskal } from '../../tensor/kruskal.js';
import type { ModelOption, OptionsOf } from '../option-table.js';

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
