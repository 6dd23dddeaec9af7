// What a completion says: the tensor with its gaps filled, how far the hidden cells are from their predictions, and pictures.
// Predictions are in the units of the data: probabilities for logits, rates for logarithms of rates.
import {
  deviationTensor,
  lossOf,
  meanTensor,
  medianError,
  predict,
  predictionError,
  predictWithDeviation,
  psnr,
  toDense,
  type DenseTensor,
  type LossName,
  type ObservedTarget,
  type WithPosterior,
} from '../index.js';
import { writeNpy, writePng } from '../io/index.js';
import { count } from '../node/format.js';
import type { ResultFiles } from '../node/result-folder.js';
import { maxEntries } from './input.js';
import { sizeOf } from '../tensor/shape.js';

/** Draws are predicted by their mean, not by one of them. */
const hasDraws = ({ posterior }: WithPosterior): boolean => posterior !== undefined && 'draws' in posterior;

export interface HeldOutErrors {
  /** Hidden entries; for pictures three a pixel. */
  readonly count: number;
  /** ‖prediction − value‖ / ‖value‖ over the hidden entries. */
  readonly relativeError: number;
  /** Median of |prediction − value|, in the units of the data. */
  readonly medianError: number;
  /** Of the whole picture, completed, in dB. */
  readonly psnr?: number;
  /** The same with the mean of the known pixels, channel by channel, in place of the hidden ones. */
  readonly psnrOfMeanFill?: number;
}

/** The entries that a run is given, those hidden from it, and the whole picture where they are of one. */
export interface Parts {
  readonly known: ObservedTarget;
  readonly hidden: ObservedTarget | undefined;
  readonly picture?: DenseTensor | undefined;
}

export interface Outcome {
  readonly heldOut: HeldOutErrors | null;
  /** What is left out, in words. */
  readonly notice: string | undefined;
  /** Beside the components. */
  readonly files: () => ResultFiles;
}

/** The completed tensor is formed where it is written or compared, and fits. */
export function outcomeOf(result: WithPosterior, { known, hidden, picture }: Parts, loss: LossName): Outcome {
  const { posterior } = result;
  const errors = hidden ? heldOutErrors(result, hidden, loss) : null;
  const cells = sizeOf(known.shape);
  if (cells > maxEntries) {
    const notice = `completed.npy is left out: it would have ${count(cells)} cells, more than ${count(maxEntries)}`;
    return { heldOut: errors, notice, files: () => ({}) };
  }
  const completed = picture ? clamped(completedTensor(result, known, loss)) : undefined;
  const whole = picture && hidden && known.count + hidden.count === cells;
  return {
    heldOut: errors && whole && completed ? { ...errors, ...pictureErrors(completed, known, picture) } : errors,
    notice: undefined,
    files: () => {
      const tensor = completed ?? completedTensor(result, known, loss);
      const pictures = picture ? { 'completed.png': writePng(tensor), 'given.png': writePng(givenPicture(known)) } : {};
      const std = posterior ? { 'std.npy': writeNpy({ shape: known.shape, data: deviationTensor(result) }) } : {};
      return { 'completed.npy': writeNpy(tensor), ...std, ...pictures };
    },
  };
}

function heldOutErrors(result: WithPosterior, hidden: ObservedTarget, loss: LossName): HeldOutErrors {
  const { count, values } = hidden;
  if (hasDraws(result)) {
    const { means } = predictWithDeviation(result, hidden);
    const square = means.reduce((sum, value, e) => sum + (value - values[e]!) ** 2, 0);
    const size = values.reduce((sum, value) => sum + value ** 2, 0);
    return { count, relativeError: Math.sqrt(square / (size || count)), medianError: medianError(means, values) };
  }
  const { mean } = lossOf(loss);
  const { kruskal: model } = result;
  return {
    count,
    relativeError: predictionError(model, hidden, loss),
    medianError: medianError(predict(model, hidden).map(mean), values),
  };
}

/** Known cells as given (the mean of their entries), the others as the model predicts them. Cost O(N · rank). */
function completedTensor(result: WithPosterior, known: ObservedTarget, loss: LossName): DenseTensor {
  const { mean } = lossOf(loss);
  const { shape } = known;
  const data = hasDraws(result) ? meanTensor(result) : toDense(result.kruskal).data;
  for (let at = 0; at < data.length; at++) data[at] = mean(data[at]!);
  return { shape, data: withKnown(data, known) };
}

/** Brightness beyond black and white is none. */
const clamped = ({ shape, data }: DenseTensor): DenseTensor => ({
  shape,
  data: data.map((value) => Math.min(255, Math.max(0, value))),
});

/** Known pixels as given, the others black. */
const givenPicture = (known: ObservedTarget): DenseTensor => ({
  shape: known.shape,
  data: withKnown(new Float64Array(sizeOf(known.shape)), known),
});

function pictureErrors(
  completed: DenseTensor,
  known: ObservedTarget,
  picture: DenseTensor,
): { psnr: number; psnrOfMeanFill: number } {
  const filled = { shape: known.shape, data: withKnown(channelMeans(known), known) };
  return { psnr: psnr(completed, picture), psnrOfMeanFill: psnr(filled, picture) };
}

/** In every cell the mean of the known entries of its channel, the last mode; 0 where there are none. */
function channelMeans({ shape, indices, values }: ObservedTarget): Float64Array {
  const channels = shape.at(-1) ?? 1;
  const order = shape.length;
  const sums = new Float64Array(channels);
  const counts = new Float64Array(channels);
  values.forEach((value, e) => {
    const channel = indices[e * order + order - 1]!;
    sums[channel]! += value;
    counts[channel]!++;
  });
  return Float64Array.from({ length: sizeOf(shape) }, (_, at) => sums[at % channels]! / (counts[at % channels]! || 1));
}

/** Writes the known entries into their cells, the mean where a cell has several. */
function withKnown(data: Float64Array, { shape, indices, values }: ObservedTarget): Float64Array {
  const order = shape.length;
  const times = new Uint32Array(data.length);
  values.forEach((value, e) => {
    let at = 0;
    for (let k = 0; k < order; k++) at = at * shape[k]! + indices[e * order + k]!;
    data[at] = times[at]!++ === 0 ? value : data[at]! + (value - data[at]!) / times[at]!;
  });
  return data;
}
