// The options of all algorithms by name. A new algorithm is one file beside this one, its options, and two lines here (the options are in
// the types of the package); its code is loaded on demand (src/families/load.ts). registry.ts says what is asked of them.
import { alsOptions, type AlsOptions } from './options/als.js';
import { bayesianOptions, type BayesianOptions } from './options/bayesian.js';
import { completionOptions, type CompletionOptions } from './options/completion.js';
import { compressedOptions, type CompressedOptions } from './options/compressed.js';
import { deflationOptions, type DeflationOptions } from './options/deflation.js';
import { feedbackAlignmentOptions, type FeedbackAlignmentOptions } from './options/feedback-alignment.js';
import { lazyOptions, type LazyOptions } from './options/lazy.js';
import { polarFlowOptions, type BeyondLazyOptions } from './options/polar-flow.js';
import { powerDeflationOptions, type PowerDeflationOptions } from './options/power-deflation.js';
import { stagedOptions, type StagedOptions } from './options/staged.js';
import { vanillaOptions, type VanillaOptions } from './options/vanilla.js';
import { variationalOptions, type VariationalOptions } from './options/variational.js';
import type { OptionTable } from './option-table.js';

export const optionTables = {
  als: alsOptions,
  bayesian: bayesianOptions,
  beyondLazy: polarFlowOptions,
  completion: completionOptions,
  compressed: compressedOptions,
  deflation: deflationOptions,
  feedbackAlignment: feedbackAlignmentOptions,
  lazy: lazyOptions,
  powerDeflation: powerDeflationOptions,
  staged: stagedOptions,
  vanilla: vanillaOptions,
  variational: variationalOptions,
} satisfies Record<AlgorithmChoice['kind'], OptionTable>;

/** `{ kind: name, …its options }` */
export type AlgorithmChoice =
  | AlsOptions
  | BayesianOptions
  | BeyondLazyOptions
  | CompletionOptions
  | CompressedOptions
  | DeflationOptions
  | FeedbackAlignmentOptions
  | LazyOptions
  | PowerDeflationOptions
  | StagedOptions
  | VanillaOptions
  | VariationalOptions;
export type AlgorithmKind = AlgorithmChoice['kind'];
