// What a run gives back: while it runs (Progress) and at its end (Decomposition), and why it stopped.
import type { Arrival } from './analysis/arrivals.js';
import type { AnyPosterior } from './analysis/posterior.js';
import type { AdapterDescription, BackendKind } from './backend/backend.js';
import type { RankCandidate } from './rank-choice/candidates.js';
import type { RankChoice } from './rank-choice/rank-choice.js';
import type { AnyKruskal } from './tensor/kruskal.js';

export type { Arrival } from './analysis/arrivals.js';

/** Why a run ended, each with what to do about it. Not reaching the answer is a result, not an exception. */
export const stopReasons = {
  converged: 'The tolerance was reached.',
  stalled:
    'The search ended, but the result cannot be vouched for: something may be missing. Compare other seeds, more starts or another rank.',
  stepLimit:
    'The step limit was reached before the tolerance. Raise maxSteps, loosen tolerance, or try another seed or more starts.',
  diverged:
    'The error grew beyond bounds; the result is the last good state. Lower the learning rate where the algorithm has one, or try another seed.',
  aborted: 'The run was aborted; the result is the best model so far.',
  deviceLost: 'The GPU device was lost; the result is the last reported state. Run again, or use the cpu backend.',
} as const;

export type StopReason = keyof typeof stopReasons;

/** Why a run ended. */
export interface RunEnd {
  readonly stop: StopReason;
  /** What to do, in place of the stop reason's own words. */
  readonly advice?: string;
  /** How many starts came to the answer, and by what that was compared; by their errors where it is left out. */
  readonly agreement?: Agreement;
  /** How the number of components was chosen. */
  readonly rankChoice?: RankChoice;
  /** Why float64 on the CPU did what was meant for the backend. */
  readonly backendNote?: string;
  /** What the observations leave open (`posterior` of a Decomposition). */
  readonly posterior?: AnyPosterior;
  /** Under constraints, how far the model is from a stationary point (`kktResidual` of a Decomposition). */
  readonly kktResidual?: number;
}

export interface Agreement {
  readonly agreeing: number;
  /** Starts that were compared; all of the run when left out. */
  readonly count?: number;
  /**
   * What was compared. 'models': the finished components (factor match score). 'predictions': the finished models' entries, those
   * that were not observed included. 'errors': the errors alone, within 1 %, which different models may share.
   */
  readonly compared: 'models' | 'predictions' | 'errors';
}

/** The state of a run, read back: what an algorithm and a finish report, in the units of the search. */
export interface RunState {
  readonly phase: Progress['phase'];
  /** Steps (ALS: sweeps) since the run began, over all phases. */
  readonly step: number;
  /** Components that the run works with. */
  readonly width: number;
  /** Relative errors of all starts. */
  readonly startErrors: readonly number[];
  /** Position of the best start in `startErrors`. */
  readonly best: number;
  /** What the best start is chosen by, lower is better; `startErrors` when left out. */
  readonly scores?: readonly number[];
  /** Model of the best start, as it stands (not normalized). */
  readonly kruskal: AnyKruskal;
  /** Of every start, the model to go on with; only `kruskal`, of the best start, when left out. */
  readonly models?: readonly AnyKruskal[];
  /** Residuals that the backend noted since the last state, every tenth step: the smallest of all starts. */
  readonly residuals?: readonly number[];
  readonly details?: Details;
  /** That share the work, where there are several. */
  readonly threads?: number;
  /** Set where nothing is new, but work goes on: it repeats the state before. */
  readonly isRepeat?: boolean;
  /** Set in the last state, and where an algorithm can find nothing more. */
  readonly end?: RunEnd;
}

/**
 * What a run goes on from, to the same bits as if it had not been interrupted: how far it has come, and the models of all starts, in the
 * units of the search. Plain data.
 */
export interface Checkpoint {
  readonly algorithm: string;
  readonly backend: BackendKind;
  readonly step: number;
  /** Relative error of the best start before the first step. */
  readonly firstError: number;
  readonly startErrors: readonly number[];
  readonly models: readonly AnyKruskal[];
}

/** What an algorithm reports beyond what all do, by its name. */
export interface Details {
  /** Which hidden components the best start has recovered. */
  readonly deflation?: DeflationReport;
  /** How the starts do beyond the observations that they are fitted to. */
  readonly completion?: CompletionReport;
  /** How close the starts are to what they learn through; not for the update 'gradient'. */
  readonly feedbackAlignment?: FeedbackAlignmentReport;
  /** The ranks that were looked at so far. */
  readonly ranks?: readonly RankCandidate[];
}

/** What an algorithm tells of its state; the loop adds the rest. */
export type Observed = Omit<RunState, 'phase' | 'step' | 'width'>;

/** One report of a run: plain numbers, already read back. Where nothing is new for long, the last report is repeated, with `seconds` of its own. */
export interface Progress {
  /** `search` on the chosen backend, after the rank was grown in float64 where als finds it; `polish` finishes in float64 on the CPU. */
  readonly phase: 'search' | 'polish';
  /** Steps (ALS: sweeps) done so far, over all phases. */
  readonly step: number;
  /** Seconds since the run began. */
  readonly seconds: number;
  /** ‖model − target‖ / ‖target‖ of the best start, over the known cells, as the backend evaluates it. */
  readonly relativeError: number;
  /** The same of every start in this run, in the order of the starts. */
  readonly startErrors: readonly number[];
  /**
   * ‖(E(·, v, …, v))_v‖ / ‖target‖ over the model's (and a factored target's) unit vectors v, E = model − target, every tenth step
   * since the last report: what flows watch on the backend, 0.6 to 0.85 of the relative error. Empty for algorithms without it.
   */
  readonly residuals: readonly number[];
  /** Norm of each component of the best start, |weight| · Π ‖vector‖. */
  readonly componentNorms: readonly number[];
  /** The best start's model with unit vectors, in the order of `componentNorms`; where `reportModels` asks for it. */
  readonly kruskal?: AnyKruskal;
  /** What deflation and completion report beyond that. */
  readonly details: Details;
}

/** A completion at the time of a report; lists have one number per start. */
export interface CompletionReport {
  /** Scores at the held-out observations (heldOutScore): 0 perfect, 1 as good as nothing. Empty where none are held out. */
  readonly heldOut: readonly number[];
  /** Whether a start has ended: within the tolerance, or without improvement for too long. */
  readonly finished: readonly boolean[];
  /** Of the best start: the exponential of the entropy of its component norms, and how many are above 1 % of the largest. */
  readonly effectiveRank: number;
  readonly numericalRank: number;
  /** ‖W − W*‖ / ‖W*‖ where the truth W* was given; else empty. */
  readonly reconstructionErrors: readonly number[];
}

/** A feedback alignment at the time of a report. */
export interface FeedbackAlignmentReport {
  /** ⟨Z, B⟩ / (‖Z‖ ‖B‖) of every start, Z the factor of mode 0 and B the fixed matrix that takes its place in the update of W. */
  readonly alignment: readonly number[];
}

/** Deflation at the time of a report. Times are in units of 1/‖target‖, the loss of ‖target‖². */
export interface DeflationReport {
  readonly time: number;
  /** From 0. */
  readonly epoch: number;
  /** Evaluations of the flow's right-hand side so far. */
  readonly evaluations: number;
  /** ½‖model − target‖² + (λ/2) Σ ‖w_i‖² */
  readonly loss: number;
  /** Of every component, in the order of `componentNorms`: the inner product with its nearest hidden direction, and which that is; 0 and −1 before any is known. */
  readonly correlations: readonly number[];
  readonly nearest: readonly number[];
  /** Of every hidden component, those of the truth or those discovered: Σ weight of the components that came to it / its own weight. */
  readonly shares: readonly number[];
  /** In the order of time: when a share first was one half. */
  readonly arrivals: readonly Arrival[];
}

export interface Decomposition<K extends AnyKruskal = AnyKruskal> {
  /** The components: unit vectors, weights descending in magnitude, signs fixed. None for a target that is zero: its rank is 0. */
  readonly kruskal: K;
  /** ‖model − target‖ / ‖target‖, Frobenius, over the known cells where some are missing, evaluated in float64. */
  readonly relativeError: number;
  /** Relative errors below this cannot be told from 0 by the way `relativeError` was evaluated. */
  readonly errorFloor: number;
  readonly stop: StopReason;
  /** The stop reason in words, with advice. */
  readonly advice: string;
  readonly rank: number;
  /** How the rank was chosen, with reasons and the other ranks; where the algorithm chooses one. */
  readonly rankChoice?: RankChoice;
  /**
   * Of entries and measurements completed by variational or bayesian: standard deviations of any entry by `predictWithDeviation`, if the model is
   * right. variational: second moments of Σ shape · rank (rank + 1) / 2 numbers, undefined without components, and for an exact fit that is not
   * `converged`. bayesian: the draws.
   */
  readonly posterior?: AnyPosterior;
  /**
   * Of a dense target with `nonnegative` or `fixed`: how far the model is from a stationary point of ½‖model − target‖² under these
   * constraints, over the known cells. The largest |min(A, G)| of all entries of nonnegative factors, and |G| of the others that are not
   * fixed; A is a factor with the weights in it and all other columns of unit norm, G the gradient by A, both over ‖target‖.
   */
  readonly kktResidual?: number;
  /** Components the run worked with. */
  readonly width: number;
  /** Steps done, over all phases. */
  readonly steps: number;
  readonly seconds: number;
  readonly algorithm: string;
  readonly seed: number;
  /**
   * Starts, and how many of them came to the answer: 0 where none did and als has grown it one component at a time. compressed counts
   * those that it needed.
   */
  readonly starts: Agreement & { readonly count: number };
  readonly backend: BackendKind;
  readonly adapter: AdapterDescription;
  /** Why this backend was taken. */
  readonly backendReason: string;
  /** Everything `onProgress` reported, but for reports that only repeat the one before while work goes on. */
  readonly history: readonly Progress[];
}
