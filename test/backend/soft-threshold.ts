// x ← sign(x) max(|x| − threshold, 0), the step that makes values exactly 0. The worked example of a new operation: its kernel in shaders
// and its reference in src/backend/cpu (here both stand in this file), its name in src/backend/operations/kernels.ts and its call in
// test/backend/determinism.test.ts are all there is to do (new-operation.node.test.ts).
import { defineKernel, readWrite, wgsl } from '../../shaders/kernel.js';

export const softThresholdKernel = defineKernel({
  name: 'softThreshold',
  bindings: { values: readWrite('[batch, length]') },
  params: { batch: 'u32', length: 'u32', threshold: 'f32' },
  invocations: ['batch', 'length'],
  body: () => wgsl`
  let value = values[index];
  values[index] = sign(value) * max(abs(value) - params.threshold, 0f);`,
});

export function softThreshold({ values, threshold }: { values: Float64Array; threshold: number }): void {
  values.forEach((value, at) => (values[at] = Math.sign(value) * Math.max(Math.abs(value) - threshold, 0)));
}
