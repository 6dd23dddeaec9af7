// The WGSL functions of an elementwise loss. Its text stands in the loss's record, beside the TypeScript of the same formula.
import { lossOf, type LossName } from '../../src/losses/losses.js';

/** WGSL functions lossValue and lossDerivative of (prediction, value, parameter). */
export function lossFunctions(loss: LossName): string {
  const define = (name: string, result: string): string =>
    [
      `fn ${name}(prediction: f32, value: f32, parameter: f32) -> f32 {`,
      '  let residual = prediction - value;',
      `  return ${result};`,
      '}',
    ].join('\n');
  const { value, derivative, functions = '' } = lossOf(loss).wgsl;
  return `${functions}${define('lossValue', value)}\n${define('lossDerivative', derivative)}`;
}
