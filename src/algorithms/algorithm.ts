// What an algorithm is: init / step / observe on state that lives on a backend. Written once against the Backend interface; the loop,
// its read-back rhythm, cancellation and progress are in src/run.ts. The finish is the problem's (src/handles/handle.ts).
import type { Backend, Scope } from '../backend/backend.js';
import type { FinishState } from '../handles/handle.js';
import type { Problem } from '../handles/problem.js';
import type { NamedLoss } from '../losses/losses.js';
import type { Observed, RunEnd } from '../result.js';
import type { Constraints } from '../tensor/constraints.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import type { MaybeWork, Work } from '../yield.js';
import type { OptionTable } from './option-table.js';

/** What every algorithm is given, all defaults filled in. */
export interface Setup<P extends Problem, O> {
  readonly scope: Scope;
  /** Unit roundoff of the backend. */
  readonly roundoff: number;
  readonly problem: P;
  readonly options: O;
  readonly width: number;
  /** Components of the result, or 'auto'. */
  readonly rank: number | 'auto';
  readonly seed: number;
  /** Numbers of the starts to run as one batch; start s draws from random stream s. */
  readonly starts: readonly number[];
  readonly tolerance: number;
  /** Steps that the run may take: what schedules stretch over. */
  readonly maxSteps: number;
  /** Where to begin instead of at random; then there is one start. */
  readonly init: AnyKruskal | undefined;
  /** Only such as the algorithm keeps to (kept-constraints.ts). */
  readonly constraints: Constraints;
  /** Of every start, the model that a run goes on from, as it was observed; given to algorithms with `isModelsAndStep` alone. */
  readonly resumed?: readonly AnyKruskal[];
}

export interface AlgorithmDefaults<P extends Problem> {
  readonly starts: number;
  readonly tolerance: number;
  readonly maxSteps: number;
  /** Components to work with, for a rank that is given or not. */
  width(problem: P, rank: number | 'auto'): number;
}

/** What is known of every algorithm before it runs. */
export interface AlgorithmRecord<P extends Problem, O> {
  readonly kind: string;
  /** The problems that it solves. */
  readonly family: P['family'];
  /** Whether it takes dense targets too, as the list of their known cells. */
  readonly takesDense?: boolean;
  /** Its own options, beside `kind`. */
  readonly options: OptionTable;
  readonly defaults: AlgorithmDefaults<P>;
  /** Why it must be told the rank, or be given a model to begin at, where it must. */
  readonly needsRank?: string;
  /** Why it takes no `init`, where it takes none. */
  readonly noInit?: string;
  /** Why it has one start at a time, where it has. */
  readonly oneStart?: string;
  /** Refuses options that do not fit the problem or each other, before any device is opened. @throws InputError */
  check?(problem: P, options: O, run: { readonly starts: number; readonly constraints: Constraints }): void;
  /** What predictions are compared to values by; squared errors when left out. */
  lossOf?(options: O): NamedLoss;
}

/** An algorithm that is no iteration on a backend: it works in float64 on the CPU, all or most of it, and finishes its answer itself. */
export interface DirectAlgorithm<P extends Problem, O> extends AlgorithmRecord<P, O> {
  /** Flops that it can give to a GPU. Default: none. */
  gpuFlops?(problem: P, setup: Pick<DirectSetup<O>, 'options' | 'constraints'>): number;
  /** Yields its state whenever there is news, and undefined where the event loop may have a turn. The last state has an `end`. */
  solve(problem: P, setup: DirectSetup<O>): Generator<FinishState | undefined>;
}

export interface DirectSetup<O> extends Pick<
  Setup<Problem, O>,
  'options' | 'rank' | 'seed' | 'tolerance' | 'maxSteps' | 'init' | 'constraints'
> {
  /** Independent starts. */
  readonly starts: number;
  /** Whether the model is to be polished. */
  readonly finish: 'compact' | 'none';
  /** Where large products may be computed; undefined where there is the CPU alone. */
  readonly device: Backend | undefined;
}

/** An algorithm that iterates on a backend, and leaves the finish to the problem. */
export interface Algorithm<P extends Problem, O, S> extends AlgorithmRecord<P, O> {
  /** Whether its answer is compact and polished already, so that there is nothing left to finish. Default: it is not. */
  isFinished?(state: S): boolean;
  /** Where the finish continues the search: the tolerance at which it takes over, if that is looser than the one asked for. */
  finishFrom?(problem: P, width: number): number | undefined;
  /** Whether its state is no more than the observed models and the number of steps, so that a run can go on from them to the same bits. */
  readonly isModelsAndStep?: boolean;
  /**
   * Whether its starts know nothing of each other, so that threads may share them. What it observes is then errors and models alone, and
   * `init`, `step` and `observe` are all that it has to do with its state.
   */
  readonly hasIndependentStarts?: boolean;
  /** Steps between two observations: fixed, so that where a run stops does not depend on the clock. */
  readonly reportEvery: number;
  /**
   * What is done before the search, in float64 on the CPU: the whole answer, where it can be had without a search; then the last state
   * has an `end`.
   */
  prepare?(problem: P, setup: Preparation<O>): Generator<FinishState | undefined, void>;
  /** May wait for what the start depends on. @throws InputError for options that do not fit the problem. */
  init(setup: Setup<P, O>): MaybeWork<S> | Promise<S>;
  /** Records one step; waits only where the host has to decide (a new epoch). */
  step(state: S): void | Promise<void>;
  /** Steps after which the run stopped itself on the backend, if it has: what was recorded behind that changed nothing. Reads a few scalars. */
  stopped?(state: S): Promise<number | undefined>;
  /** Lets a run that stopped itself too early, as the observation shows, go on. */
  resume?(state: S): void;
  observe(state: S): Promise<Observed>;
  /** What it makes of an observation in float64 on the host, where that may take long. Default: the observation as it is. */
  conclude?(state: S, observed: Observed): Work<Observed>;
  /** How the run ends, given two observations and the steps between them; by `toleranceMet` when left out. */
  done?(setup: Setup<P, O>, now: Observed, before: Observed | undefined, steps: number): RunEnd | undefined;
  /** What it knows beside its models that the finish of its family asks for: a CompletionHandover where that is 'sampled'. */
  handover?(state: S): unknown;
}

export type Preparation<O> = Pick<
  Setup<Problem, O>,
  'options' | 'rank' | 'width' | 'seed' | 'tolerance' | 'maxSteps' | 'init'
>;

/** The width of most algorithms: twice the rank that is given, or expected. */
export const twiceTheRank = (problem: Problem, rank: number | 'auto'): number =>
  2 * (rank === 'auto' ? problem.expectedRank : rank);

/** Position of the smallest number; NaN never wins. */
export function smallest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value < values[best]! || Number.isNaN(values[best]) ? index : best), 0);
}

/** The usual rule: the algorithm's own end, or that the best start's relative error is within the tolerance. */
export const toleranceMet = ({ tolerance }: { readonly tolerance: number }, now: Observed): RunEnd | undefined =>
  now.end ?? (bestError(now) <= tolerance ? { stop: 'converged' } : undefined);

/** Relative error of the best start. */
export const bestError = ({ startErrors, best }: Pick<Observed, 'startErrors' | 'best'>): number => startErrors[best]!;
