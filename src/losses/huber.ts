// Huber's loss: ½x²/β up to |x| = β, |x| − ½β beyond (smooth L1). Squares for small residuals x, as robust as L1 against large ones.
import { differences, type DifferenceLoss } from './loss.js';

export const huber = {
  ...differences,
  purpose: 'values of which some are grossly wrong',
  value: (prediction, value, beta) => {
    const size = Math.abs(prediction - value);
    return size < beta ? (0.5 * size * size) / beta : size - 0.5 * beta;
  },
  derivative: (prediction, value, beta) => Math.max(-1, Math.min(1, (prediction - value) / beta)),
  /** 1 / β inside, 1 / |x| outside. */
  curvature: (prediction, value, beta) => 1 / Math.max(Math.abs(prediction - value), beta),
  hasKink: false,
  isRobust: true,
  /** That of squares below a mean loss of ½β, that of absolute values above. */
  residualScale: (meanLoss, beta) => Math.sqrt(2 * beta * meanLoss * Math.max(1, (2 * meanLoss) / beta)),
  parameter: {
    name: 'beta',
    meaning: "huber's beta, where squares end; default: a quarter of the values' spread",
    default: 1,
    forValues: (rootMeanSquare) => rootMeanSquare / 4,
    /**
     * 1.345 standard deviations. Where most entries are exact, β falls to 0 and gross errors lose all weight
     * (Huber, "Robust Statistics", 1981, sec. 6.7; Holland & Welsch 1977).
     */
    forResiduals: (deviation, largest) => Math.max(1.345 * deviation, 1e-9 * largest),
  },
  wgsl: {
    value:
      'select(abs(residual) - 0.5f * parameter, 0.5f * residual * residual / parameter, abs(residual) < parameter)',
    derivative: 'clamp(residual / parameter, -1f, 1f)',
  },
} satisfies DifferenceLoss;
