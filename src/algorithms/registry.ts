// All algorithms by name. A new algorithm is one file and one entry here.
import { isSampled, type Target } from '../targets/target.js';
import type { Algorithm } from './algorithm.js';
import { als, type AlsOptions } from './als.js';
import { beyondLazy, type BeyondLazyOptions } from './beyond-lazy.js';
import { completion } from './completion.js';
import type { CompletionOptions } from './completion-plan.js';
import { deflation, type DeflationOptions } from './deflation.js';
import { lazy, type LazyOptions } from './lazy.js';
import { powerDeflation, type PowerDeflationOptions } from './power-deflation.js';
import { staged, type StagedOptions } from './staged.js';
import { vanilla, type VanillaOptions } from './vanilla.js';

export type AlgorithmChoice =
  | AlsOptions
  | BeyondLazyOptions
  | CompletionOptions
  | DeflationOptions
  | LazyOptions
  | PowerDeflationOptions
  | StagedOptions
  | VanillaOptions;
export type AlgorithmKind = AlgorithmChoice['kind'];

const algorithms = { als, beyondLazy, completion, deflation, lazy, powerDeflation, staged, vanilla } satisfies Record<
  AlgorithmKind,
  unknown
>;

export const algorithmKinds = Object.keys(algorithms) as AlgorithmKind[];

/** The algorithm of a name; the caller has checked that it accepts the target and that the options are its own. */
export const algorithmOf = (kind: AlgorithmKind): Algorithm<Target, AlgorithmChoice, unknown> => algorithms[kind];

/** What a target gets when no algorithm is named. */
export function defaultAlgorithm(target: Target): AlgorithmKind {
  if (target.kind === 'dense') return 'als';
  return isSampled(target) ? 'completion' : 'staged';
}
