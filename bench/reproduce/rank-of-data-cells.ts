// What rank-of-data.ts measures, for its claims and its figures.
import type { DataKind } from './digits.js';

export interface RankCell {
  readonly kind: DataKind;
  readonly rank: number;
  /** Means over the repeats. */
  readonly train: number;
  readonly test: number;
  readonly variance: number;
  readonly runs: readonly RankRun[];
}

export interface RankRun {
  readonly seed: number;
  /** Mean squared errors. */
  readonly train: number;
  /** Errors above 1 count as 1. */
  readonly test: number;
  readonly variance: number;
  readonly steps: number;
  readonly seconds: number;
}

/** Read off the paper's figure, in units where labels are 0 and 1. */
export const paperValues: readonly { kind: DataKind; of: 'train' | 'test'; rank: number; value: number }[] = [
  { kind: 'digits', of: 'train', rank: 1, value: 0.023 },
  { kind: 'digits', of: 'test', rank: 1, value: 0.025 },
  { kind: 'random labels', of: 'train', rank: 1, value: 0.088 },
  { kind: 'random labels', of: 'train', rank: 15, value: 0.044 },
  { kind: 'random images', of: 'train', rank: 1, value: 0.088 },
  { kind: 'random images', of: 'train', rank: 15, value: 0.015 },
  { kind: 'random labels', of: 'test', rank: 15, value: 0.145 },
  { kind: 'random images', of: 'test', rank: 15, value: 0.145 },
];
