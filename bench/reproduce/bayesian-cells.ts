// What bayesian.ts measures, for its claims and its figure.

export interface BayesianCell {
  readonly part: 'planted' | 'real' | 'regression';
  readonly problem: string;
  readonly method: string;
  readonly seed: number;
  readonly error: number;
  /** Left out for least squares, which has no intervals. */
  readonly coverage?: number;
  /** The median over draws, where there are any. */
  readonly rank: number;
  readonly rHat?: number;
  readonly effectiveDraws?: number;
  readonly stop?: string;
  /** CPU time of all threads. */
  readonly seconds: number;
}
