// What kernel-rich.ts measures, for its claims and its figures.
import type { Spread } from '../figures.js';

export interface NetworkCell {
  readonly kind: 'network';
  readonly depth: number;
  /** α */
  readonly scale: number;
  readonly seeds: number;
  /** ‖w − w*‖ / ‖w*‖ for the sparse w*. */
  readonly error: Spread;
  /** ‖w‖₁ / ‖w*‖₁ */
  readonly l1: Spread;
  /** ‖w − w₂‖ / ‖w₂‖ for the fit w₂ of least ℓ2 norm. */
  readonly fromLeastSquares: Spread;
  /** How far the limit is from the least Q_α of all fits: offRowSpace(). */
  readonly offRowSpace: Spread;
  readonly steps: Spread;
  readonly seconds: number;
  /** Means over three fixed designs, beside what NumPy has there. */
  readonly fixed?: { readonly error: number; readonly l1: number; readonly numpy: Reference };
}

/** Mean error and, where it was noted, mean ℓ1 ratio over three designs. */
export interface Reference {
  readonly error: number;
  readonly l1?: number;
}

export interface CompletionCell {
  readonly kind: 'completion';
  /** Standard deviation of the first factor entries; the tensor has norm 1. */
  readonly scale: number;
  readonly seeds: number;
  readonly reconstruction: Spread;
  /** The reconstruction error of zeros in the unknown cells. */
  readonly zeroFill: Spread;
  readonly trainError: Spread;
  /** Components of 1 % of the largest norm and more. */
  readonly components: Spread;
  readonly steps: Spread;
}
