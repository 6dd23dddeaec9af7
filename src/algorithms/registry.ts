// All algorithms by name. A new algorithm is one file and one entry here.
import type { Backend } from '../backend/backend.js';
import type { BackendChoice } from '../backend/open.js';
import { problemOf, type Problem } from '../handles/problem.js';
import type { Target } from '../targets/target.js';
import type { Algorithm, DirectAlgorithm } from './algorithm.js';
import { als, type AlsOptions } from './als.js';
import { beyondLazy, type BeyondLazyOptions } from './beyond-lazy.js';
import { completion } from './completion/completion.js';
import type { CompletionOptions } from './completion/plan.js';
import { compressed, type CompressedOptions } from './compressed.js';
import { deflation, type DeflationOptions } from './deflation/deflation.js';
import { lazy, type LazyOptions } from './lazy.js';
import type { OptionTable } from './option-table.js';
import { powerDeflation, type PowerDeflationOptions } from './power-deflation.js';
import { staged, type StagedOptions } from './staged.js';
import { vanilla, type VanillaOptions } from './vanilla.js';

export type AlgorithmChoice =
  | AlsOptions
  | BeyondLazyOptions
  | CompletionOptions
  | CompressedOptions
  | DeflationOptions
  | LazyOptions
  | PowerDeflationOptions
  | StagedOptions
  | VanillaOptions;
export type AlgorithmKind = AlgorithmChoice['kind'];

const algorithms = {
  als,
  beyondLazy,
  completion,
  compressed,
  deflation,
  lazy,
  powerDeflation,
  staged,
  vanilla,
} satisfies Record<AlgorithmKind, unknown>;

export const algorithmKinds = Object.keys(algorithms) as AlgorithmKind[];

/** The algorithm of a name; the caller has checked that it accepts the problem and that the options are its own. */
export const algorithmOf = (
  kind: AlgorithmKind,
): Algorithm<Problem, AlgorithmChoice, unknown> | DirectAlgorithm<Problem, AlgorithmChoice> => algorithms[kind];

/** The options of an algorithm: types, ranges, defaults, help. */
export const optionTable = (kind: AlgorithmKind): OptionTable => algorithms[kind].options;

/** The algorithm that a target gets when none is named, on the backend that is asked for. */
export const defaultAlgorithm = (target: Target, backend: BackendChoice | Backend = 'auto'): AlgorithmKind =>
  defaultAlgorithmOf(problemOf(target), asksForGpu({ backend }));

export const defaultAlgorithmOf = ({ defaultAlgorithm, gpuAlgorithm }: Problem, onGpu: boolean): AlgorithmKind =>
  onGpu ? gpuAlgorithm : defaultAlgorithm;

/** Whether it must be a GPU, and not what is best for the problem. */
export const asksForGpu = ({
  backend,
  device,
}: {
  readonly backend?: BackendChoice | Backend;
  readonly device?: GPUDevice | undefined;
}): boolean => device !== undefined || (typeof backend === 'object' ? backend.kind : backend) === 'webgpu';
