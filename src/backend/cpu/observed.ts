// Predictions, losses and gradients at observed entries. Twin of shaders/observed.wgsl.ts. The gradient is summed entry by
// entry, straight from its definition; the segments that the GPU needs are not used.
import { lossOf } from '../../losses/losses.js';
import { multiplyRows, scatterRows, type StackedRows } from '../../linalg/stacked-rows.js';
import { inRanges, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* predictObserved(args: CpuArgs<'predictObserved'>): Work<void> {
  const { batch, rank, count, prediction } = args;
  for (let b = 0; b < batch; b++) {
    const { stacked, weights } = item(args, b);
    const out = prediction.subarray(b * count, (b + 1) * count);
    yield* multiplyRows(stacked, weights ?? new Float64Array(rank).fill(1), args, out);
  }
}

/** What it takes to evaluate a loss and its derivative, in flops. */
const lossFlops = 30;

export function* lossObserved(args: CpuArgs<'lossObserved'>): Work<void> {
  const { batch, first, count, parameter, scale = 1 / count } = args;
  const { values, entryWeights: weights, prediction, derivative: slopes, mean } = args;
  const { value: phi, derivative } = lossOf(args.loss);
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    yield* inRanges(count, lossFlops, (from, end) => {
      for (let e = from; e < end; e++) {
        const predicted = prediction[b * count + e]!;
        const observed = values[first + e]!;
        const weight = weights ? weights[first + e]! : 1;
        if (weight !== 0) sum += weight * phi(predicted, observed, parameter);
        slopes[b * count + e] = weight === 0 ? 0 : scale * weight * derivative(predicted, observed, parameter);
      }
    });
    mean[b] = scale * sum;
  }
}

export function* gradientObserved(args: CpuArgs<'gradientObserved'>): Work<void> {
  const { batch, rows, rank, count, segments, derivative, gradient } = args;
  const modes = args.mode === undefined ? segments.offsets.slice(0, -1).map((_, mode) => mode) : [args.mode];
  for (let b = 0; b < batch; b++) {
    const { stacked, weights } = item(args, b);
    const scales = derivative.subarray(b * count, (b + 1) * count);
    const out = gradient.subarray(b * rows * rank, (b + 1) * rows * rank);
    for (const mode of modes) {
      const begin = segments.offsets[mode]! * rank;
      const end = segments.offsets[mode + 1]! * rank;
      out.fill(0, begin, end);
      yield* scatterRows(stacked, mode, args, scales, out);
      if (weights) for (let at = begin; at < end; at++) out[at]! *= weights[at % rank]!;
    }
  }
}

function item(
  { order, rows, rank, factors, weights, entryRows }: CpuArgs<'predictObserved'> | CpuArgs<'gradientObserved'>,
  b: number,
): { stacked: StackedRows; weights: Float64Array | undefined } {
  const table = factors.subarray(b * rows * rank, (b + 1) * rows * rank);
  return {
    stacked: { order, width: rank, table, entryRows },
    weights: weights?.subarray(b * rank, (b + 1) * rank),
  };
}

export function* lossAndGradientObserved(args: CpuArgs<'lossAndGradientObserved'>): Work<void> {
  const prediction = new Float64Array(args.batch * args.count);
  yield* predictObserved({ ...args, prediction });
  yield* lossObserved({ ...args, prediction });
  yield* gradientObserved(args);
}
