// Observed entries against CP factors: predictions, L2 loss and the gradients of all modes, as one step of completion does.
// The peer is NumPy on one thread (bench/peers/observed_numpy.py); gathers by row are nothing TensorFlow.js is good at.
import { uploadEntries, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { Scope } from '../../src/backend/backend.js';
import { randomStream } from '../../src/random/stream.js';
import { observed } from '../../src/targets/observed.js';
import type { Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { kernelCase, onCpu, type KernelCase } from '../kernel-case.js';
import { gaussian, inputOf, type Inputs } from '../inputs.js';

interface Size {
  readonly count: number;
  readonly size: number;
  readonly rank: number;
}

const order = 3;
const large: Size = { count: 100_000, size: 200, rank: 32 };

export const cases: readonly Case[] = [
  { ...kernelCase({ ...step(large), peers: { numpy: { program: 'observed', sizes: { ...large } } } }), quick: true },
  costCurve(
    'cost against entries',
    'entries',
    [25_000, 50_000, 100_000, 200_000].map((count) => [count, step({ ...large, count })]),
  ),
];

export function step({ count, size, rank }: Size): KernelCase {
  const rows = order * size;
  const record = (scope: Scope, inputs: Inputs) => {
    const target = entries({ count, size, rank }, inputs);
    const { entryRows, values } = uploadEntries(scope, target);
    const segments = uploadSegments(scope, target);
    const model = { order, batch: 1, rows, rank, factors: scope.array('factors', inputOf(inputs, 'factors').data) };
    const range = { first: 0, count };
    const derivative = scope.array('derivative', count);
    const mean = scope.array('mean', 1);
    const gradient = scope.array('gradient', rows * rank);
    return {
      record: () => {
        scope.lossAndGradientObserved({
          ...model,
          ...range,
          entryRows,
          segments,
          loss: 'l2',
          parameter: 0,
          values,
          derivative,
          mean,
          gradient,
        });
      },
      answer: gradient,
    };
  };
  return {
    name: `${count} entries of ${size}³, rank ${rank}`,
    // A product of `order` factors per entry for the prediction and for the gradient of each mode.
    flops: order * (order + 1) * count * rank,
    bytes: 4 * ((order + 1) * count + 2 * rows * rank),
    inputs: () => ({ factors: gaussian([rows, rank], 1), values: gaussian([count], 2) }),
    ours: record,
    async expected(inputs) {
      const values = await onCpu((scope) => {
        const { record: recordStep, answer } = record(scope, inputs);
        recordStep();
        return answer;
      });
      return { rows: Array.from({ length: rows }, (_, row) => row), values };
    },
  };
}

/** Uniform over the cells. */
function entries({ count, size }: Size, inputs: Inputs) {
  const random = randomStream(7);
  const indices = Uint32Array.from({ length: order * count }, () => Math.floor(size * random.uniform()));
  return observed(new Array<number>(order).fill(size), indices, inputOf(inputs, 'values').data);
}
