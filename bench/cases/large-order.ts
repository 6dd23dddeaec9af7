// Entries of a tensor of 784 modes of size 2 (binary pictures) against CP factors: prediction, L2 loss and the gradient of
// all factors, as one minibatch of a completion does. The peer is NumPy on one thread (bench/peers/observed_numpy.py).
import type { Scope } from '../../src/backend/backend.js';
import { packBits } from '../../src/tensor/coordinate.js';
import { randomStream } from '../../src/random/stream.js';
import type { Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { kernelCase, onCpu, type KernelCase } from '../kernel-case.js';
import { gaussian, inputOf, type Inputs } from '../inputs.js';

interface Size {
  readonly order: number;
  readonly batch: number;
  readonly rank: number;
}

const pictures: Size = { order: 784, batch: 256, rank: 16 };
const peers = { numpy: { program: 'large order', sizes: { ...pictures } } };

export const cases: readonly Case[] = [
  { ...kernelCase({ ...step(pictures), peers }), quick: true },
  costCurve(
    'cost against order',
    'order',
    [196, 392, 784].map((order) => [order, step({ ...pictures, order })]),
  ),
];

function step({ order, batch: count, rank }: Size): KernelCase {
  const rows = 2 * order;
  const ours = (scope: Scope, inputs: Inputs) => {
    const entries = { bits: scope.indices('bits', packBits(order, symbols(order, count))) };
    const factors = scope.array('factors', inputOf(inputs, 'factors').data);
    const model = { order, batch: 1, rows, rank, factors, entries, first: 0, count };
    const values = scope.array('values', inputOf(inputs, 'values').data);
    const prediction = scope.array('prediction', count);
    const derivative = scope.array('derivative', count);
    const mean = scope.array('mean', 1);
    const gradient = scope.array('gradient', rows * rank);
    return {
      record: () => {
        scope.predictLargeOrder({ ...model, prediction });
        scope.lossObserved({
          first: 0,
          count,
          batch: 1,
          loss: 'l2',
          parameter: 0,
          values,
          prediction,
          derivative,
          mean,
        });
        scope.gradientLargeOrder({ ...model, derivative, gradient });
      },
      answer: gradient,
    };
  };
  return {
    name: `${order} modes of 2, batch ${count}, rank ${rank}`,
    // One product for the prediction; products before and after, their product, and the sum for the gradient.
    flops: 6 * order * count * rank,
    bytes: 4 * (2 * rows * rank + 2 * count) + (order * count) / 8,
    // Near 1, as training keeps them: products of 784 factors stay within float32.
    inputs: () => {
      const noise = gaussian([rows, rank], 1, 1e-3);
      return { factors: { ...noise, data: noise.data.map((x) => 1 + x) }, values: gaussian([count], 2) };
    },
    ours,
    async expected(inputs) {
      const values = await onCpu((scope) => {
        const { record, answer } = ours(scope, inputs);
        record();
        return answer;
      });
      return { rows: Array.from({ length: rows }, (_, row) => row), values };
    },
  };
}

/** Every index of every entry, `[count, order]`, 0 or 1. */
function symbols(order: number, count: number): Uint32Array {
  const random = randomStream(11);
  return Uint32Array.from({ length: order * count }, () => (random.uniform() < 0.5 ? 0 : 1));
}
