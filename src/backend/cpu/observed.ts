// Predictions, losses and gradients at observed entries. Twin of shaders/observed.wgsl.ts. The gradient is summed entry by
// entry, straight from its definition; the segments that the GPU needs are not used.
import { lossOf } from '../../losses/losses.js';
import type {
  GradientObserved,
  LossAndGradientObserved,
  LossObserved,
  PredictObserved,
} from '../operations/observed.js';
import { cpuArray, integers, numbers } from './arrays.js';

export function predictObserved(args: PredictObserved): void {
  const { order, batch, rows, rank, first, count } = args;
  const [factors, prediction, entryRows] = [numbers(args.factors), numbers(args.prediction), integers(args.entryRows)];
  const weights = args.weights ? numbers(args.weights) : undefined;
  const product = new Float64Array(rank);
  for (let b = 0; b < batch; b++) {
    for (let e = 0; e < count; e++) {
      const at = (first + e) * order;
      if (weights) product.set(weights.subarray(b * rank, (b + 1) * rank));
      else product.fill(1);
      for (let k = 0; k < order; k++) {
        const row = (b * rows + entryRows[at + k]!) * rank;
        for (let c = 0; c < rank; c++) product[c]! *= factors[row + c]!;
      }
      let sum = 0;
      for (let c = 0; c < rank; c++) sum += product[c]!;
      prediction[b * count + e] = sum;
    }
  }
}

export function lossObserved(args: LossObserved): void {
  const { batch, first, count, parameter, scale = 1 / count } = args;
  const [values, prediction, slopes] = [numbers(args.values), numbers(args.prediction), numbers(args.derivative)];
  const mean = numbers(args.mean);
  const weights = args.entryWeights && numbers(args.entryWeights);
  const { value: phi, derivative } = lossOf(args.loss);
  for (let b = 0; b < batch; b++) {
    let sum = 0;
    for (let e = 0; e < count; e++) {
      const [predicted, observed] = [prediction[b * count + e]!, values[first + e]!];
      const weight = weights ? weights[first + e]! : 1;
      if (weight !== 0) sum += weight * phi(predicted, observed, parameter);
      slopes[b * count + e] = weight === 0 ? 0 : scale * weight * derivative(predicted, observed, parameter);
    }
    mean[b] = scale * sum;
  }
}

export function gradientObserved(args: GradientObserved): void {
  const { order, batch, rows, rank, first, count, segments } = args;
  const [factors, slopes, gradient] = [numbers(args.factors), numbers(args.derivative), numbers(args.gradient)];
  const entryRows = integers(args.entryRows);
  const weights = args.weights ? numbers(args.weights) : new Float64Array(batch * rank).fill(1);
  const modes = args.mode === undefined ? segments.offsets.slice(0, -1).map((_, mode) => mode) : [args.mode];
  const product = new Float64Array(rank);
  for (let b = 0; b < batch; b++) {
    for (const mode of modes) {
      const [begin, end] = [segments.offsets[mode]!, segments.offsets[mode + 1]!];
      gradient.fill(0, (b * rows + begin) * rank, (b * rows + end) * rank);
      for (let e = 0; e < count; e++) {
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
    }
  }
}

export function lossAndGradientObserved(args: LossAndGradientObserved): void {
  const prediction = cpuArray('prediction', new Float64Array(args.batch * args.count));
  predictObserved({ ...args, prediction });
  lossObserved({ ...args, prediction });
  gradientObserved(args);
}
