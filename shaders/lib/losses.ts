// The elementwise losses of src/losses/losses.ts in WGSL: a loss missing here does not compile.
import type { LossName } from '../../src/losses/losses.js';

interface LossText {
  /** WGSL of φ and of ∂φ/∂prediction from `prediction`, `value`, `parameter` and `residual` = prediction − value. */
  readonly value: string;
  readonly derivative: string;
}

const lossTexts = {
  l2: { value: 'residual * residual', derivative: '2f * residual' },
  l1: { value: 'abs(residual)', derivative: 'sign(residual)' },
  huber: {
    value:
      'select(abs(residual) - 0.5f * parameter, 0.5f * residual * residual / parameter, abs(residual) < parameter)',
    derivative: 'clamp(residual / parameter, -1f, 1f)',
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
  const { value, derivative } = lossTexts[loss];
  return `${define('lossValue', value)}\n${define('lossDerivative', derivative)}`;
}
