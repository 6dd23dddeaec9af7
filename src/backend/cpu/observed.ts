// Predictions, losses and gradients at observed entries. Twin of shaders/observed.wgsl.ts. The gradient is summed entry by
// entry, straight from its definition; the segments that the GPU needs are not used.
import { lossOf } from '../../losses/losses.js';
import { inRanges, type Work } from '../../yield.js';
import type { CpuArgs } from './arrays.js';

export function* predictObserved(args: CpuArgs<'predictObserved'>): Work<void> {
  const { order, batch, rows, rank, first, count, factors, weights, entryRows, prediction } = args;
  const product = new Float64Array(rank);
  yield* inRanges(batch * count, 2 * order * rank, (from, end) => {
    for (let item = from; item < end; item++) {
      const b = Math.floor(item / count);
      const at = (first + (item % count)) * order;
      if (weights) product.set(weights.subarray(b * rank, (b + 1) * rank));
      else product.fill(1);
      for (let k = 0; k < order; k++) {
        const row = (b * rows + entryRows[at + k]!) * rank;
        for (let c = 0; c < rank; c++) product[c]! *= factors[row + c]!;
      }
      let sum = 0;
      for (let c = 0; c < rank; c++) sum += product[c]!;
      prediction[item] = sum;
    }
  });
}

export function lossObserved(args: CpuArgs<'lossObserved'>): void {
  const { batch, first, count, parameter, scale = 1 / count } = args;
  const { values, entryWeights: weights, prediction, derivative: slopes, mean } = args;
  const { value: phi, derivative } = lossOf(args.loss);
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let e = 0; e < count; e++) {
      const predicted = prediction[b * count + e]!;
      const observed = values[first + e]!;
      const weight = weights ? weights[first + e]! : 1;
      if (weight !== 0) sum += weight * phi(predicted, observed, parameter);
      slopes[b * count + e] = weight === 0 ? 0 : scale * weight * derivative(predicted, observed, parameter);
    }
    mean[b] = scale * sum;
  }
}

export function* gradientObserved(args: CpuArgs<'gradientObserved'>): Work<void> {
  const { order, batch, rows, rank, first, count, segments, factors, entryRows, derivative: slopes, gradient } = args;
  const { weights = new Float64Array(batch * rank).fill(1) } = args;
  const modes = args.mode === undefined ? segments.offsets.slice(0, -1).map((_, mode) => mode) : [args.mode];
  const product = new Float64Array(rank);
  for (let b = 0; b < batch; b++) {
    for (const mode of modes) {
      const begin = segments.offsets[mode]!;
      const end = segments.offsets[mode + 1]!;
      gradient.fill(0, (b * rows + begin) * rank, (b * rows + end) * rank);
      yield* inRanges(count, 3 * order * rank, (from, until) => {
        for (let e = from; e < until; e++) {
          const at = (first + e) * order;
          for (let c = 0; c < rank; c++) product[c] = weights[b * rank + c]! * slopes[b * count + e]!;
          for (let k = 0; k < order; k++) {
            if (k === mode) continue;
            const row = (b * rows + entryRows[at + k]!) * rank;
            for (let c = 0; c < rank; c++) product[c]! *= factors[row + c]!;
          }
          const out = (b * rows + entryRows[at + mode]!) * rank;
          for (let c = 0; c < rank; c++) gradient[out + c]! += product[c]!;
        }
      });
    }
  }
}

export function* lossAndGradientObserved(args: CpuArgs<'lossAndGradientObserved'>): Work<void> {
  const prediction = new Float64Array(args.batch * args.count);
  yield* predictObserved({ ...args, prediction });
  lossObserved({ ...args, prediction });
  yield* gradientObserved(args);
}
