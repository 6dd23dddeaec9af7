// What lazy.ts measures, for its claims and its figures.

export interface SpaceCell {
  readonly kind: 'space';
  readonly order: number;
  readonly dim: number;
  /** ⌈C(d+l−1, l) / d⌉ */
  readonly threshold: number;
  /** First m with a residual below `within`, of every seed. */
  readonly first: readonly number[];
  readonly curve: readonly { readonly width: number; readonly residual: number }[];
}

export interface DynamicsCell {
  readonly kind: 'dynamics';
  readonly pairs: number;
  readonly scale: number;
  /** Medians over the seeds. */
  readonly relativeError: number;
  readonly projectionResidual: number;
  readonly movement: number;
  readonly runs: readonly DynamicsRun[];
}

export interface DynamicsRun {
  readonly seed: number;
  readonly stop: string;
  readonly relativeError: number;
  readonly projectionResidual: number;
  /** Mean distance of the directions from where they started. */
  readonly movement: number;
  /** Kept of seed 0, for the figure. */
  readonly history: readonly { readonly step: number; readonly relativeError: number }[];
}
