// What beyond-lazy.ts measures, for its claims and its figures.
export interface SuccessCell {
  readonly kind: 'success';
  readonly order: number;
  readonly dim: number;
  readonly rank: number;
  readonly width: number;
  readonly restart: boolean;
  readonly seeds: number;
  readonly successes: number;
  /** Seeds that did not reach the tolerance, with what was left. */
  readonly failures: readonly { readonly seed: number; readonly relativeError: number }[];
  /** Of the successes; seen every fiftieth step. */
  readonly steps: { readonly median: number; readonly most: number } | undefined;
  readonly seconds: number;
}

export const shareOf = ({ successes, seeds }: SuccessCell): number => successes / seeds;

export interface Need {
  readonly order: number;
  readonly rank: number;
  readonly dim: number;
  readonly restart: boolean;
  /** Least m from which on all cells are solved; undefined when none is. */
  readonly width: number | undefined;
}

export interface NormsCell {
  readonly kind: 'norms';
  readonly order: number;
  readonly dim: number;
  readonly width: number;
  /** |weights| of the target. */
  readonly truth: readonly number[];
  readonly reports: readonly { readonly time: number; readonly norms: readonly number[] }[];
}
