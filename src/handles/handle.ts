// What every problem handle (a `Problem`) answers. A handle is made from a target (plain data) by problemOf and answers what depends on
// the kind of the target: its shape and scale, what a step costs, the float64 view, the error, the finish. The path of a run (decompose,
// solve, algorithms, finish) asks the handle and never the kind. dense.ts, sampled.ts and symmetric.ts, one per family of targets, add
// `family`, `defaultAlgorithm`, `gpuAlgorithm` (where a GPU is asked for), `scaled` and `squeezed`:
//   dense     entries of a tensor, all or part of them known           → CP model, weights and one factor per mode
//   sampled   single entries, or linear measurements                   → CP model
//   symmetric factored, packed entries, or moments of samples          → symmetric model, weights and vectors
import type { LossName } from '../losses/losses.js';
import type { Observed, Progress, RunEnd } from '../result.js';
import type { SampledTarget } from '../targets/hold-out.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { Target } from '../targets/target.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import type { Work } from '../yield.js';
import type { SampledView } from './views/sampled-view.js';

export interface Handle<T extends Target> {
  readonly target: T;
  /** Size of every mode. */
  readonly shape: readonly number[];
  /** Whether nothing but zeros is given: entries, observed values or measurements, components, samples; and after `prepare`, whether these cancel. */
  readonly isZero: boolean;
  /**
   * A power of two s, so that target / s is of unit size: its largest entry (factored: component) is between 1 and 2, or the
   * norm that is suggested by observed entries, measurements or the weights of samples of unit size is about 1.
   * It is 1 for a zero target, for cumulants, whose samples are white, and for observed tensors of more than 16 modes.
   */
  readonly scale: number;
  /** The model without components. */
  readonly empty: AnyKruskal;
  /** Components that a search should provide for where no rank is given, before an algorithm adds its own margin. */
  readonly expectedRank: number;
  /** Flops of one step (ALS: sweep) of one start with `width` components, by the formula. */
  stepFlops(width: number): number;
  /** Makes what all else needs and what takes long, with pauses. What is not made then is made, in one go, when it is asked for. */
  readonly prepare?: () => Work<void>;
  /** Entries of the largest array that one start needs for itself. */
  largestArray(width: number): number;
  /** Starts that may share a batch. */
  readonly maxBatch: number;
  /** The error of a model by the best means there is for the kind and the size. */
  measure(model: AnyKruskal, loss: LossName): Work<ResidualError>;
  /** The finish in float64 on the CPU: compaction to the rank asked for, or found, and polish. Reports and pauses on its way. */
  finish(found: Found<unknown>): FinishWork;
  /** The strongest components of a model, so many at most, weighted anew: quick, for a run that was aborted. */
  strongest(model: AnyKruskal, rank: number): Work<AnyKruskal>;
}

/** Single entries or linear measurements of a tensor, as the finish takes them. */
export interface SampledParts {
  readonly target: SampledTarget;
  /** The target, where each observation is the entry of one cell. */
  readonly entries: ObservedTarget | undefined;
  /** Predictions and products with their Jacobian, in float64. */
  readonly view: SampledView;
}

export interface ResidualError {
  /** ‖model − target‖ / ‖target‖ */
  readonly relativeError: number;
  /** What `relativeError` can tell from 0; it grows where large components of the model cancel. */
  readonly errorFloor: number;
}

/** What a search hands to the finish. `H`: what the algorithm knows beside its models that the finish of its family asks for. */
export interface Found<H> {
  /** The model of the best start. */
  readonly kruskal: AnyKruskal;
  /** The models of the other starts, where the algorithm gives them. */
  readonly others: readonly AnyKruskal[];
  /** The relative error of the search's model, as the backend evaluates it. */
  readonly relativeError: number;
  /** How the search ended. */
  readonly end: RunEnd;
  /** Components of the result, at most; 'auto': as many as there are. */
  readonly rank: number | 'auto';
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly seed: number;
  readonly handover: H;
}

export interface FinishState extends Pick<Observed, 'kruskal' | 'end' | 'details'> {
  /** Steps of the finish so far. */
  readonly step: number;
  /** What is being done, where one generator does both. */
  readonly phase?: Progress['phase'];
  readonly relativeError: number;
}

/** A state whenever there is news, and undefined where the event loop may have a turn. */
export type FinishWork<T = void> = Generator<FinishState | undefined, T>;

/** A target without its modes of size 1, and the way back. */
export interface Squeezed<P> {
  readonly problem: P;
  /** A model of the whole shape, as one of the squeezed problem's. */
  readonly squeeze: (model: AnyKruskal) => AnyKruskal;
  /** A model of the squeezed problem, as one of the whole shape: factors [1, R] of ones at the modes that were taken out. */
  readonly restore: (model: AnyKruskal) => AnyKruskal;
}
