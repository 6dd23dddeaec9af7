// What is asked of the algorithms (table.ts) by name: their kinds, their options, the one that a target gets by default.
import type { Backend, BackendKind } from '../backend/backend.js';
import { problemOf, type Problem } from '../handles/problem.js';
import type { Target } from '../targets/target.js';
import type { Algorithm, DirectAlgorithm, DirectSetup, Setup } from './algorithm.js';
import type { OptionTable } from './option-table.js';
import { algorithms } from './table.js';

type ChoiceOf<A> = A extends { init(setup: Setup<never, infer O>): unknown }
  ? O
  : A extends { solve(problem: never, setup: DirectSetup<infer O>): unknown }
    ? O
    : never;

/** `{ kind: name, …its options }` */
export type AlgorithmChoice = ChoiceOf<(typeof algorithms)[keyof typeof algorithms]>;
export type AlgorithmKind = keyof typeof algorithms;

export const algorithmKinds = Object.keys(algorithms) as AlgorithmKind[];

/** The algorithm of a name; the caller has checked that it accepts the problem and that the options are its own. */
export const algorithmOf = (
  kind: AlgorithmKind,
): Algorithm<Problem, AlgorithmChoice, unknown> | DirectAlgorithm<Problem, AlgorithmChoice> => algorithms[kind];

/** The options of an algorithm: types, ranges, defaults, help. */
export const optionTable = (kind: AlgorithmKind): OptionTable => algorithms[kind].options;

/** The algorithm that a target gets when none is named, on the backend that is asked for; `isConstrained`: with nonnegative or fixed factors. */
export const defaultAlgorithm = (
  target: Target,
  backend: 'auto' | BackendKind | Backend = 'auto',
  isConstrained = false,
): AlgorithmKind => defaultAlgorithmOf(problemOf(target), { onGpu: asksForGpu({ backend }), isConstrained });

export function defaultAlgorithmOf(
  { family, defaultAlgorithm: usual, gpuAlgorithm }: Problem,
  { onGpu, isConstrained }: { readonly onGpu: boolean; readonly isConstrained: boolean },
): AlgorithmKind {
  const keeps = (kind: AlgorithmKind): boolean => algorithms[kind].family === family && 'keepsTo' in algorithms[kind];
  return (isConstrained ? algorithmKinds.find(keeps) : undefined) ?? (onGpu ? gpuAlgorithm : usual);
}

/** What a caller asks for. */
interface Asked {
  readonly backend?: 'auto' | BackendKind | Backend;
  readonly device?: GPUDevice | undefined;
}

/** Whether it must be a GPU, and not what is best for the problem. */
export const asksForGpu = ({ backend, device }: Asked): boolean =>
  device !== undefined || (typeof backend === 'object' ? backend.kind : backend) === 'webgpu';
