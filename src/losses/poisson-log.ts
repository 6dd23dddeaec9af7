// e^m − y m: counts y with the logarithm m of their rate as prediction, of any sign. Above `maxLogRate` the tangent there.
import { certain, counts, type LikelihoodLoss } from './loss.js';

/** e³⁰ ≈ 1e13, so that sums of squared slopes stay far from float32's 3e38. */
export const maxLogRate = 30;

const rateOf = (logRate: number): number => Math.exp(Math.min(logRate, maxLogRate));
const rateText = `exp(min(prediction, ${maxLogRate}f))`;

export const poissonLog = {
  kind: 'likelihood',
  purpose: 'counts; the model is the logarithm of the rate',
  value: (logRate, count) => rateOf(logRate) * (1 + Math.max(logRate - maxLogRate, 0)) - count * logRate,
  derivative: (logRate, count) => rateOf(logRate) - count,
  curvature: rateOf,
  hasKink: false,
  mean: rateOf,
  saturated: (count) => Math.max(Math.log(count), -certain),
  constantFor: (mean) => Math.max(Math.log(mean), -certain),
  predictionScale: () => 1,
  domain: { ...counts, minPrediction: -Infinity },
  parameter: undefined,
  wgsl: {
    value: `${rateText} * (1f + max(prediction - ${maxLogRate}f, 0f)) - value * prediction`,
    derivative: `${rateText} - value`,
  },
} satisfies LikelihoodLoss;
