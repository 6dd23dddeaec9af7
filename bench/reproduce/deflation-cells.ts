// What deflation.ts measures, for its claims and its figures.
import type { DeflationReport } from '../../src/index.js';
import type { DeflationProblem } from './deflation-problems.js';

export interface FlowCell {
  readonly kind: 'flow';
  readonly name: string;
  readonly problem: DeflationProblem;
  readonly width: number;
  readonly seeds: number;
  /** Instances with all components fitted when the first epoch ended, and with the tolerance met in the end. */
  readonly firstEpoch: number;
  readonly successes: number;
  readonly failures: readonly { readonly seed: number; readonly relativeError: number; readonly advice: string }[];
  /** Instances whose components all arrived, the largest first. */
  readonly ordered: number;
  /** Instances from which compaction finds the components to a match score of 0.999. */
  readonly matched: number;
  /** Median half-time of every hidden component, where all of them arrived. */
  readonly halfTimes: readonly number[];
  readonly relativeError: number;
  readonly seconds: number;
}

export interface StaircaseCell {
  readonly kind: 'staircase';
  /** Weights of the target. */
  readonly truth: readonly number[];
  readonly arrivals: DeflationReport['arrivals'];
  readonly reports: readonly {
    readonly time: number;
    readonly loss: number;
    readonly shares: readonly number[];
    /** Of every hidden component: the largest |correlation| of a component nearest to it, 0 without one. */
    readonly correlations: readonly number[];
  }[];
}
