// λ − y log(λ + ε): counts y with the rate λ itself as prediction, for factors that are not negative. Below λ = 0, where there is
// no rate, the tangent at 0.
import { counts, type LikelihoodLoss } from './loss.js';

/** ε: keeps the logarithm of a rate of 0 finite. The value of Hong, Kolda & Duersch. */
export const minRate = 1e-10;

const rateText = `(max(prediction, 0f) + ${minRate}f)`;

export const poisson = {
  kind: 'likelihood',
  purpose: 'counts; the model is the rate',
  value: (rate, count) => rate - count * (Math.log(Math.max(rate, 0) + minRate) + Math.min(rate, 0) / minRate),
  derivative: (rate, count) => 1 - count / (Math.max(rate, 0) + minRate),
  /** The Fisher information 1 / λ: its step goes from any λ to y. φ″ = y / λ² would hardly move a rate that is far too small, and is 0 for y = 0. */
  curvature: (rate) => 1 / (Math.max(rate, 0) + minRate),
  hasKink: false,
  mean: (rate) => Math.max(rate, 0),
  saturated: (count) => count,
  constantFor: (mean) => mean,
  predictionScale: (rootMeanSquare) => rootMeanSquare,
  domain: { ...counts, minPrediction: 0 },
  parameter: undefined,
  wgsl: {
    value: `prediction - value * (log${rateText} + min(prediction, 0f) * ${1 / minRate}f)`,
    derivative: `1f - value / ${rateText}`,
  },
} satisfies LikelihoodLoss;
