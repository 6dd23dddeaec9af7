// Squared error, the loss of Gaussian noise.
import { differences, type DifferenceLoss } from './loss.js';

export const l2 = {
  ...differences,
  purpose: 'values with noise of about equal size',
  value: (prediction, value) => (prediction - value) ** 2,
  derivative: (prediction, value) => 2 * (prediction - value),
  curvature: () => 2,
  hasKink: false,
  isRobust: false,
  residualScale: Math.sqrt,
  parameter: undefined,
  wgsl: { value: 'residual * residual', derivative: '2f * residual' },
} satisfies DifferenceLoss;

/** The default, with its name: a run that asks for no other loads no other. */
export const squaredErrors = { name: 'l2', record: l2 } as const;
