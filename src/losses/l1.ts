// Absolute error, for values of which some are grossly wrong.
import { differences, type DifferenceLoss } from './loss.js';

/** Below this part of prediction and value, and below `minResidual`, a residual counts no more. */
const minRelativeResidual = 1e-6;
const minResidual = 1e-12;

export const l1 = {
  ...differences,
  purpose: 'values of which some are grossly wrong',
  value: (prediction, value) => Math.abs(prediction - value),
  derivative: (prediction, value) => Math.sign(prediction - value),
  /** 1 / |x|, with |x| no less than a millionth of |prediction| + |value|: one entry met exactly must not rule the others. */
  curvature: (prediction, value) => {
    const threshold = minRelativeResidual * (Math.abs(prediction) + Math.abs(value));
    return 1 / Math.max(Math.abs(prediction - value), threshold, minResidual);
  },
  hasKink: true,
  isRobust: true,
  residualScale: (meanLoss) => meanLoss,
  parameter: undefined,
  wgsl: { value: 'abs(residual)', derivative: 'sign(residual)' },
} satisfies DifferenceLoss;
