// What feedback-alignment.ts measures, for its claims and its figures.
import type { Spread } from '../figures.js';

export const updates = ['gradient', 'feedback', 'feedbackStar'] as const;
export type Update = (typeof updates)[number];

export const shortNames: Readonly<Record<Update, string>> = {
  gradient: 'gradient',
  feedback: 'FA',
  feedbackStar: 'FA*',
};

export interface FeedbackCell {
  readonly kind: 'error';
  readonly update: Update;
  /** r */
  readonly width: number;
  /** ‖Z W − Y‖ / ‖Y‖ of every matrix, and of its best approximation of rank r. */
  readonly errors: readonly number[];
  readonly best: readonly number[];
  readonly error: Spread;
  readonly stops: readonly string[];
  /** Cosine of Z and the feedback matrix at the end; none for the gradient. */
  readonly alignment?: Spread;
  readonly seconds: number;
}

/** A run with steps a tenth as long, so that reports every 50 steps show how Z turns. */
export interface AlignmentCell {
  readonly kind: 'alignment';
  readonly update: Update;
  readonly seed: number;
  /** `time`: steps times their size in units of 1 / σ₁. */
  readonly history: readonly { readonly time: number; readonly alignment: number; readonly relativeError: number }[];
}
