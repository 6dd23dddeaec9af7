// s² log(1 + x²/s²): up to a constant factor the negative log-likelihood of Student's t distribution with scale s/√ν. Squares for small
// residuals x; far beyond s a residual has no pull any more, so that gross errors do not move a fit. Not convex: it needs a fair start.
// Lange, Little & Taylor, "Robust statistical modeling using the t distribution", JASA 84 (1989).
import { differences, type DifferenceLoss } from './loss.js';

/** Weight of a residual x, 1 / (1 + x²/s²). */
const weightOf = (residual: number, scale: number): number => 1 / (1 + (residual / scale) ** 2);

export const studentT = {
  ...differences,
  purpose: 'values of which some are grossly wrong, by any amount',
  value: (prediction, value, scale) => scale * scale * Math.log1p(((prediction - value) / scale) ** 2),
  derivative: (prediction, value, scale) => 2 * (prediction - value) * weightOf(prediction - value, scale),
  /** φ′ / x */
  curvature: (prediction, value, scale) => 2 * weightOf(prediction - value, scale),
  hasKink: false,
  isRobust: true,
  /** Of residuals that are all alike. */
  residualScale: (meanLoss, scale) => scale * Math.sqrt(Math.expm1(Math.min(meanLoss / scale ** 2, 100))),
  parameter: {
    name: 'scale',
    meaning: "student-t's scale √ν·σ, beyond which residuals lose weight; default: a quarter of the values' spread",
    default: 1,
    forValues: (rootMeanSquare) => rootMeanSquare / 4,
    /** ν = 4 degrees of freedom, as Lange, Little & Taylor suggest; where most entries are exact, it falls to 0. */
    forResiduals: (deviation, largest) => Math.max(2 * deviation, 1e-9 * largest),
  },
  wgsl: {
    value: 'parameter * parameter * logOnePlus(residual * residual / (parameter * parameter))',
    derivative: '2f * residual / (1f + residual * residual / (parameter * parameter))',
    // Below 0.03 four terms of the series, which leave 0.03⁴ / 5 of it; WGSL's own log is off by up to 2⁻²¹ near 1.
    functions: `fn logOnePlus(x: f32) -> f32 {
  let u = 1f + x;
  return select(log(u), x - x * x * (0.5f - x * (1f / 3f - 0.25f * x)), x < 0.03f);
}
`,
  },
} satisfies DifferenceLoss;
