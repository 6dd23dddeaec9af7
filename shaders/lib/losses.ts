// The elementwise losses of src/losses/losses.ts in WGSL, with the same limits: a loss missing here does not compile.
import type { LossName } from '../../src/losses/losses.js';

interface LossText {
  /** WGSL of φ and of ∂φ/∂prediction from `prediction`, `value`, `parameter` and `residual` = prediction − value. */
  readonly value: string;
  readonly derivative: string;
  /** WGSL functions that these call. */
  readonly functions?: string;
}

// ε = 1e-10, and 30 is the largest log-rate, as there.
const rate = '(max(prediction, 0f) + 1e-10f)';
const exponential = 'exp(min(prediction, 30f))';

// log(1 + x) for x from 0 to 1 as 2 artanh(z), z = x / (2 + x) ≤ 1/3: eight terms leave (1/9)⁸ / 17 < 2e-9 of it. WGSL's own log
// is off by up to 2⁻²¹ near 1, which would be all of a small loss.
const logOnePlus = `fn logOnePlus(x: f32) -> f32 {
  let z = x / (2f + x);
  let s = z * z;
  let tail = 1f / 7f + s * (1f / 9f + s * (1f / 11f + s * (1f / 13f + s / 15f)));
  return 2f * z * (1f + s * (1f / 3f + s * (1f / 5f + s * tail)));
}`;

// 1 / (1 + e^{−m}), to full relative precision on both sides.
const sigmoid = `fn sigmoid(logit: f32) -> f32 {
  let small = exp(-abs(logit));
  return select(1f, small, logit < 0f) / (1f + small);
}`;

const lossTexts = {
  l2: { value: 'residual * residual', derivative: '2f * residual' },
  l1: { value: 'abs(residual)', derivative: 'sign(residual)' },
  huber: {
    value:
      'select(abs(residual) - 0.5f * parameter, 0.5f * residual * residual / parameter, abs(residual) < parameter)',
    derivative: 'clamp(residual / parameter, -1f, 1f)',
  },
  poisson: {
    value: `prediction - value * (log${rate} + min(prediction, 0f) * 1e10f)`,
    derivative: `1f - value / ${rate}`,
  },
  poissonLog: {
    value: `${exponential} * (1f + max(prediction - 30f, 0f)) - value * prediction`,
    derivative: `${exponential} - value`,
  },
  bernoulliLogit: {
    value: '(1f - value) * max(prediction, 0f) + value * max(-prediction, 0f) + logOnePlus(exp(-abs(prediction)))',
    derivative: '(1f - value) * sigmoid(prediction) - value * sigmoid(-prediction)',
    functions: `${logOnePlus}\n${sigmoid}\n`,
  },
} as const satisfies Record<LossName, LossText>;

export const lossNames = Object.keys(lossTexts) as LossName[];

/** WGSL functions lossValue and lossDerivative of (prediction, value, parameter). */
export function lossFunctions(loss: LossName): string {
  const define = (name: string, result: string): string =>
    [
      `fn ${name}(prediction: f32, value: f32, parameter: f32) -> f32 {`,
      '  let residual = prediction - value;',
      `  return ${result};`,
      '}',
    ].join('\n');
  const { value, derivative, functions = '' }: LossText = lossTexts[loss];
  return `${functions}${define('lossValue', value)}\n${define('lossDerivative', derivative)}`;
}
