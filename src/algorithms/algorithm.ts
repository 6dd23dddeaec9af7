// What an algorithm is: init / step / observe / done on state that lives on a backend. Written once against the Backend
// interface; the loop, its read-back rhythm, cancellation and progress are in src/run.ts.
import type { Scope } from '../backend/backend.js';
import type { PolishOptions, PolishReport } from '../compaction/polish-cp.js';
import type { CompletionReport, DeflationReport, StopReason } from '../result.js';
import type { Target } from '../targets/target.js';
import type { AnyKruskal, Kruskal } from '../tensor/kruskal.js';

/** What every algorithm is given, all defaults filled in. */
export interface Setup<T extends Target, O> {
  readonly scope: Scope;
  /** Unit roundoff of the backend. */
  readonly roundoff: number;
  readonly target: T;
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
}

/** The state of a run, read back. */
export interface Observation {
  /** Of every start. */
  readonly startErrors: readonly number[];
  /** Position of the best start in `startErrors`. */
  readonly best: number;
  /** What it is best by, lower is better, of every start; `startErrors` when left out. */
  readonly scores?: readonly number[];
  /** Model of the best start, as it stands (not normalized). */
  readonly kruskal: AnyKruskal;
  /** Residuals that the backend noted on the way here, every tenth step: the smallest of all starts. */
  readonly residuals?: readonly number[];
  /** Set where the run has come to its end by itself. */
  readonly settled?: boolean;
  /** Set where nothing more can be found: why the run stops. */
  readonly verdict?: StopReason;
  /** Set where the algorithm has done all that its own options allow. */
  readonly exhausted?: boolean;
  /** What to do where it ends so, in place of the stop reason's own words. */
  readonly advice?: string;
  /** What a deflation has come to. */
  readonly deflation?: DeflationReport;
  /** What a completion has come to. */
  readonly completion?: CompletionReport;
  /** Of every start, the model to go on with, where that is not the one it stands at. */
  readonly outcomes?: readonly AnyKruskal[];
  /** Of every start, the model it stands at, for a finish that compares them. */
  readonly models?: readonly AnyKruskal[];
}

interface CommonDefaults {
  readonly starts: number;
  readonly tolerance: number;
  readonly maxSteps: number;
}

interface WidthOfRank {
  /** Components to work with when the rank is this. */
  widthOfRank(rank: number): number;
}

interface WidthOfTarget<T extends Target> {
  /** The same where it is the target that says how many, and the rank may be left open. */
  widthOfTarget(target: T, rank: number | 'auto'): number;
}

export type AlgorithmDefaults<T extends Target> = CommonDefaults & (WidthOfRank | WidthOfTarget<T>);

/** What a finish is given of the run. */
export interface PolishSetup<O> extends PolishOptions {
  readonly options: O;
  /** Components of the result, at most; 'auto': as many as it takes. */
  readonly rank: number | 'auto';
  readonly seed: number;
  /** What the other starts came to, where the algorithm says. */
  readonly others: readonly AnyKruskal[];
  /** How the search ended. */
  readonly searchStop: StopReason;
  /** Where the rank was not given, the model that it was found by. */
  readonly grown?: GrownModel;
}

/** A model whose number of components is the answer. */
export interface GrownModel {
  readonly kruskal: Kruskal;
  /** Whether that number is: the fit is exact, or nothing above the noise is left. */
  readonly clear: boolean;
  /** What is not known, and what to do. */
  readonly advice?: string;
}

export interface Polish<T extends Target, O> {
  /** The search hands over when its own rule is met at this tolerance, if that is looser than the one asked for. */
  readonly from: number;
  /** Whether to finish at all. */
  wanted(target: T, options: O, width: number): boolean;
  run(target: T, start: AnyKruskal, setup: PolishSetup<O>): Generator<PolishReport>;
}

export interface Algorithm<T extends Target, O, S> {
  readonly kind: string;
  readonly accepts: readonly T['kind'][];
  /** Names of its own options, beside `kind`. */
  readonly optionNames: readonly string[];
  readonly defaults: AlgorithmDefaults<T>;
  /** Whether the rank is part of its answer, so that it need not be told. */
  readonly findsRank: boolean;
  /** Where the rank is not given: grows a model in float64 on the CPU, of `width` components at most; the search then has as many. */
  growRank?(target: T, setup: { readonly width: number; readonly seed: number }): Generator<PolishReport, GrownModel>;
  /** Continues the best start in float64 on the CPU, where the algorithm has such a finish. */
  readonly polish: Polish<T, O> | undefined;
  /** Steps between two observations: fixed, so that where a run stops does not depend on the clock. */
  readonly reportEvery: number;
  /** May wait for what the start depends on. */
  init(setup: Setup<T, O>): S | Promise<S>;
  /** Records one step; waits only where the host has to decide (a new epoch). */
  step(state: S): void | Promise<void>;
  /** Steps after which the run stopped itself on the backend, if it has: what was recorded behind that changed nothing. Reads a few scalars. */
  stopped?(state: S): Promise<number | undefined>;
  /** Lets a run that stopped itself too early, as the observation shows, go on. */
  resume?(state: S): void;
  observe(state: S): Promise<Observation>;
  /** A reason to stop, given two observations and the steps between them. */
  done(setup: Setup<T, O>, now: Observation, before: Observation | undefined, steps: number): StopReason | undefined;
}

/** Position of the smallest number; NaN never wins. */
export function smallest(values: readonly number[]): number {
  return values.reduce(
    (best, value, index) => (value < (values[best] as number) || Number.isNaN(values[best]) ? index : best),
    0,
  );
}

/** The rule of algorithms whose target can be met exactly: the best start's relative error is within the tolerance, or nothing more can be found. */
export const toleranceMet = (
  { tolerance }: { readonly tolerance: number },
  observation: Observation,
): StopReason | undefined => (bestError(observation) <= tolerance ? 'converged' : observation.verdict);

/** Relative error of the best start. */
export const bestError = ({ startErrors, best }: Observation): number => startErrors[best] as number;
