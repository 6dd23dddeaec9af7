// Linear measurements of a dense tensor, ⟨A_j, T⟩ for all j: a matrix-vector product, so the copy ceiling is the one to see.
import type { Scope } from '../../src/backend/backend.js';
import type { Case } from '../case.js';
import { kernelCase, onCpu } from '../kernel-case.js';
import { gaussian, inputOf, type Inputs } from '../inputs.js';

const count = 256;
const size = 32 ** 3;
const inputs = ['measurements', 'tensor'];

export const cases: readonly Case[] = [
  kernelCase({
    name: `${count} dense measurements of 32³`,
    flops: 2 * count * size,
    bytes: 4 * (count * size + size + count),
    inputs: () => ({ measurements: gaussian([count, size], 1), tensor: gaussian([size, 1], 2) }),
    ours: predictions,
    async expected(given) {
      const values = await onCpu((scope) => {
        const { record, answer } = predictions(scope, given);
        record();
        return answer;
      });
      return { rows: Array.from({ length: count }, (_, row) => row), values };
    },
    peers: {
      tfjs: [{ inputs, run: (tf) => (measurements, tensor) => tf.matMul(measurements, tensor) }],
      jax: [{ inputs, run: (np) => (measurements, tensor) => np.matmul(measurements, tensor) }],
    },
  }),
];

function predictions(scope: Scope, given: Inputs) {
  const arrays = {
    measurements: scope.array('measurements', inputOf(given, 'measurements').data),
    tensor: scope.array('tensor', inputOf(given, 'tensor').data),
    prediction: scope.array('prediction', count),
  };
  return { record: () => scope.measureDense({ batch: 1, count, size, ...arrays }), answer: arrays.prediction };
}
