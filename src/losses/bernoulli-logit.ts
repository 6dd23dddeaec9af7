// log(1 + e^m) − y m: zeros and ones y with the logit m = log(p / (1 − p)) of their probability as prediction. Computed as
// (1 − y) max(m, 0) + y max(−m, 0) + log(1 + e^{−|m|}), of which no part cancels another.
import { certain, type LikelihoodLoss } from './loss.js';

/** 1 / (1 + e^{−m}), to full relative precision on both sides. */
function sigmoid(logit: number): number {
  const small = Math.exp(-Math.abs(logit));
  return (logit < 0 ? small : 1) / (1 + small);
}

// log(1 + x) for x from 0 to 1 as 2 artanh(z), z = x / (2 + x) ≤ 1/3: eight terms leave (1/9)⁸ / 17 < 2e-9 of it. WGSL's own log
// is off by up to 2⁻²¹ near 1, which would be all of a small loss.
const functions = `fn logOnePlus(x: f32) -> f32 {
  let z = x / (2f + x);
  let s = z * z;
  let tail = 1f / 7f + s * (1f / 9f + s * (1f / 11f + s * (1f / 13f + s / 15f)));
  return 2f * z * (1f + s * (1f / 3f + s * (1f / 5f + s * tail)));
}
fn sigmoid(logit: f32) -> f32 {
  let small = exp(-abs(logit));
  return select(1f, small, logit < 0f) / (1f + small);
}
`;

export const bernoulliLogit = {
  kind: 'likelihood',
  purpose: 'zeros and ones; the model is the logit of the probability of a one',
  value: (logit, one) =>
    (1 - one) * Math.max(logit, 0) + one * Math.max(-logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))),
  derivative: (logit, one) => (1 - one) * sigmoid(logit) - one * sigmoid(-logit),
  curvature: (logit) => sigmoid(logit) * sigmoid(-logit),
  hasKink: false,
  mean: sigmoid,
  saturated: (one) => (one > 0.5 ? certain : -certain),
  constantFor: (mean) => Math.max(-certain, Math.min(certain, Math.log(mean / (1 - mean)))),
  predictionScale: () => 1,
  domain: { holds: (value) => value === 0 || value === 1, values: 'zeros and ones', minPrediction: -Infinity },
  parameter: undefined,
  wgsl: {
    value: '(1f - value) * max(prediction, 0f) + value * max(-prediction, 0f) + logOnePlus(exp(-abs(prediction)))',
    derivative: '(1f - value) * sigmoid(prediction) - value * sigmoid(-prediction)',
    functions,
  },
} satisfies LikelihoodLoss;
