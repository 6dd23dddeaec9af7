// Options of feedback-alignment.ts.
import type { OptionsOf } from '../option-table.js';

export const feedbackAlignmentOptions = {
  update: {
    type: 'choice',
    values: ['feedback', 'feedbackStar', 'gradient'],
    default: 'feedback',
    help: "how W learns: 'feedback' (FA) through a fixed random matrix in place of Z, 'feedbackStar' (FA*) the same with the best Z for W after every step, 'gradient' through Z itself",
  },
  learningRate: {
    type: 'number',
    above: 0,
    default: 0.2,
    help: 'step of Z in units of 1 / the largest singular value of the target',
  },
  feedbackRate: {
    type: 'number',
    above: 0,
    default: 0.3,
    help: "step of W in units of that of Z; not for 'gradient', where they are the same",
  },
  initScale: {
    type: 'number',
    above: 0,
    default: 0.01,
    help: 'standard deviation of the first entries of Z and W, for a target of unit size',
  },
} as const;

export type FeedbackAlignmentOptions = { readonly kind: 'feedbackAlignment' } & OptionsOf<
  typeof feedbackAlignmentOptions
>;
