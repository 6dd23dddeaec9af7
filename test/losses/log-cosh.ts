// β log cosh(x/β): between squares, for residuals x below β, and absolute values. The worked example of a new loss: this file in
// src/losses and a line in src/losses/table.ts are all there is to do (new-loss.node.test.ts).
import { differences, type DifferenceLoss } from '../../src/losses/loss.js';

const log2 = Math.log(2);

export const logCosh = {
  ...differences,
  purpose: 'noisy values of which some are grossly wrong',
  value: (prediction, value, beta) => {
    const size = Math.abs(prediction - value);
    return size + beta * (Math.log1p(Math.exp((-2 * size) / beta)) - log2);
  },
  derivative: (prediction, value, beta) => Math.tanh((prediction - value) / beta),
  /** tanh(x/β) / x, which tends to 1/β at 0. */
  curvature: (prediction, value, beta) => {
    const residual = prediction - value;
    return residual === 0 ? 1 / beta : Math.tanh(residual / beta) / residual;
  },
  hasKink: false,
  isRobust: true,
  /** √(2βD) where the loss is a square, a multiple of D where it is an absolute value. */
  residualScale: (meanLoss, beta) => Math.sqrt(2 * beta * meanLoss * Math.max(1, (2 * meanLoss) / beta)),
  parameter: {
    name: 'beta',
    meaning: "log-cosh's beta, where squares end; default: a quarter of the values' spread",
    default: 1,
    forValues: (rootMeanSquare) => rootMeanSquare / 4,
    forResiduals: (deviation, largest) => Math.max(deviation, 1e-9 * largest),
  },
  wgsl: {
    value: `abs(residual) + parameter * (log(1f + exp(-2f * abs(residual) / parameter)) - ${log2}f)`,
    derivative: 'tanh(clamp(residual / parameter, -10f, 10f))',
  },
} satisfies DifferenceLoss;
