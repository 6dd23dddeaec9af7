// What is asked of the algorithms (table.ts) by name: their kinds, their options, the one that a target gets by default.
import { problemOf, type Problem } from '../handles/problem.js';
import type { Target } from '../targets/target.js';
import type { Algorithm, Setup } from './algorithm.js';
import type { OptionTable } from './option-table.js';
import { algorithms } from './table.js';

type ChoiceOf<A> = A extends { init(setup: Setup<never, infer O>): unknown } ? O : never;

/** `{ kind: name, …its options }` */
export type AlgorithmChoice = ChoiceOf<(typeof algorithms)[keyof typeof algorithms]>;
export type AlgorithmKind = keyof typeof algorithms;

export const algorithmKinds = Object.keys(algorithms) as AlgorithmKind[];

/** The algorithm of a name; the caller has checked that it accepts the problem and that the options are its own. */
export const algorithmOf = (kind: AlgorithmKind): Algorithm<Problem, AlgorithmChoice, unknown> => algorithms[kind];

/** The options of an algorithm: types, ranges, defaults, help. */
export const optionTable = (kind: AlgorithmKind): OptionTable => algorithms[kind].options;

/** The algorithm that a target gets when none is named. */
export const defaultAlgorithm = (target: Target): AlgorithmKind => problemOf(target).defaultAlgorithm;
