// What is asked of the algorithms by name: their kinds, their options, their code, the one that a target gets by default.
import type { Backend, BackendKind, WebGpuDevice } from '../backend/backend.js';
import { algorithmLoaders } from '../families/load.js';
import { problemOf, type Problem } from '../handles/problem.js';
import type { Target } from '../targets/target.js';
import type { Algorithm, DirectAlgorithm } from './algorithm.js';
import { constrainedAlgorithms } from './kept-constraints.js';
import type { OptionTable } from './option-table.js';
import { optionTables, type AlgorithmChoice, type AlgorithmKind } from './table.js';
import { requireKnownNames } from '../names.js';
import { requireTarget } from '../targets/require-target.js';

export type { AlgorithmChoice, AlgorithmKind } from './table.js';

export const algorithmKinds = Object.keys(algorithmLoaders) as AlgorithmKind[];

/** An algorithm, whatever its own options and state. */
export type AnyAlgorithm = Algorithm<Problem, AlgorithmChoice, unknown> | DirectAlgorithm<Problem, AlgorithmChoice>;

/** The algorithm of a name; the caller checks that it accepts the problem and that the options are its own. */
export const loadAlgorithm = (kind: AlgorithmKind): Promise<AnyAlgorithm> => algorithmLoaders[kind]();

/**
 * The options of an algorithm, by their names: types, ranges, defaults, help.
 *
 * @example
 * ```ts
 * import { optionTable } from 'polyadic';
 *
 * for (const [name, { type, help }] of Object.entries(optionTable('als'))) console.log(name, type, help);
 * ```
 * @throws InputError for an unknown name.
 */
export function optionTable(kind: AlgorithmKind): OptionTable {
  requireKnownNames('optionTable', [kind], algorithmKinds, 'algorithm');
  return optionTables[kind];
}

/**
 * The algorithm that a target gets when none is named, on the backend that is asked for; `isConstrained`: with nonnegative or fixed
 * factors.
 *
 * @example
 * ```ts
 * import { defaultAlgorithm, dense } from 'polyadic';
 *
 * console.log(defaultAlgorithm(dense([2, 2], [1, 2, 3, 4]))); // compressed
 * ```
 * @throws InputError for what is no target.
 */
export const defaultAlgorithm = (
  target: Target,
  backend: 'auto' | BackendKind | Backend = 'auto',
  isConstrained = false,
): AlgorithmKind => {
  requireTarget('defaultAlgorithm', target);
  return defaultAlgorithmOf(problemOf(target), { onGpu: asksForGpu({ backend }), isConstrained });
};

export function defaultAlgorithmOf(
  { family, defaultAlgorithm: usual, gpuAlgorithm }: Problem,
  { onGpu, isConstrained }: { readonly onGpu: boolean; readonly isConstrained: boolean },
): AlgorithmKind {
  const kind = onGpu ? gpuAlgorithm : usual;
  const able = constrainedAlgorithms.filter((one) => one.family === family).map((one): AlgorithmKind => one.kind);
  return isConstrained && !able.includes(kind) ? (able[0] ?? kind) : kind;
}

/** What a caller asks for. */
interface Asked {
  readonly backend?: 'auto' | BackendKind | Backend;
  readonly device?: WebGpuDevice | undefined;
}

/** Whether it must be a GPU, and not what is best for the problem. */
export const asksForGpu = ({ backend, device }: Asked): boolean =>
  device !== undefined || (typeof backend === 'object' ? backend.kind : backend) === 'webgpu';
