// Complete a picture in the worker: hides pixels, and completes the tensor [height, width, 3] of the others by a CP model with more
// components than it needs, tiny at first: they grow one after the other. The model is of the difference from the mean of what is
// known, so that no component is spent on brightness alone.
import {
  decomposeSteps,
  DeviceLostError,
  observed,
  toDense,
  type AnyKruskal,
  type ObservedTarget,
  type StopReason,
} from '../../../src/index.js';
import { hideCells } from '../../../src/problems/index.js';
import type { Tools } from '../../worker/protocol.js';
import { entriesOf, likeness, placeOf, shapeOf, type Picture } from './picture.js';
import { sample } from './sample.js';
import type { Settings } from './settings.js';

export interface Input {
  /** In place of the sample. */
  readonly own: Picture | undefined;
  readonly settings: Settings;
}

export type Report = Problem | State;

export interface Problem {
  readonly kind: 'problem';
  readonly whole: Picture;
  /** [height, width]: 1 where a pixel is given. */
  readonly known: Uint8Array;
  /** PSNR when every hidden pixel has the mean color of the given ones. */
  readonly meanFill: number;
  /** The norm from which on a component counts: 1 % of that of the whole picture, as far as the given pixels tell, without its mean. */
  readonly minNorm: number;
}

/** What a model makes of the picture. */
export interface Completed {
  /** The model alone. */
  readonly model: Picture;
  /** The given pixels, and the model where there are none. */
  readonly completed: Picture;
  /** Of `completed`, in dB. */
  readonly psnr: number;
}

export interface State extends Completed {
  readonly kind: 'state';
  readonly step: number;
  readonly componentNorms: readonly number[];
  /** The exponential of the entropy of the norms; undefined while none counts. */
  readonly effectiveRank: number | undefined;
  /** Components that count. */
  readonly rank: number;
}

export interface Outcome extends Completed {
  readonly stop: StopReason;
  readonly advice: string;
  readonly seconds: number;
}

export async function* picture({ own, settings }: Input, tools: Tools): AsyncGenerator<Report, Outcome> {
  const whole = own ?? sample(settings.size, settings.pictureSeed);
  const { hidden, hideSeed, width, learningRate, maxSteps, seed } = settings;
  const { known } = hideCells(entriesOf(whole), { share: hidden / 100, seed: hideSeed, modes: 2 });
  const mean = meanOf(known.values);
  const values = known.values.map((value) => value - mean);
  const target = observed(shapeOf(whole), known.indices, values);
  const minNorm = 0.01 * Math.sqrt(meanOf(values.map((value) => value * value)) * whole.data.length);
  const filled = likeness(meanFill(whole, known), whole);
  yield { kind: 'problem', whole, known: knownPixels(whole, known), meanFill: filled, minNorm };
  const steps = decomposeSteps(target, {
    // The finish in float64 would take minutes at this size.
    algorithm: { kind: 'completion', learningRate, compaction: false },
    width,
    maxSteps,
    seed,
    starts: 1,
    reportModels: true,
    signal: tools.signal,
    backend: await tools.open(settings.backend),
  });
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done) {
        const { kruskal, stop, advice, seconds } = value;
        if (stop === 'deviceLost') throw new DeviceLostError(advice);
        return { ...completedBy(kruskal, mean, known, whole), stop, advice, seconds };
      }
      const { step, componentNorms, kruskal } = value;
      const { completion } = value.details;
      if (!kruskal || !completion) continue;
      const rank = componentNorms.filter((norm) => norm > minNorm).length;
      const ranks = { rank, effectiveRank: rank > 0 ? completion.effectiveRank : undefined };
      yield { kind: 'state', step, componentNorms, ...ranks, ...completedBy(kruskal, mean, known, whole) };
    }
  } finally {
    await steps.return(undefined as never);
  }
}

function completedBy(kruskal: AnyKruskal, mean: number, known: ObservedTarget, whole: Picture): Completed {
  const model = { ...whole, data: Uint8ClampedArray.from(toDense(kruskal).data, (value) => value + mean) };
  const completed = withKnown(model, known);
  return { model, completed, psnr: likeness(completed, whole) };
}

/** Every hidden pixel in the mean color of the given ones. */
function meanFill(whole: Picture, known: ObservedTarget): Picture {
  const means = [0, 1, 2].map((channel) =>
    meanOf(known.values.filter((_, entry) => known.indices[3 * entry + 2] === channel)),
  );
  return withKnown({ ...whole, data: whole.data.map((_, at) => Math.round(means[at % 3]!)) }, known);
}

function withKnown(picture: Picture, known: ObservedTarget): Picture {
  const data = picture.data.slice();
  known.values.forEach((value, entry) => (data[placeOf(picture, known, entry)] = value));
  return { ...picture, data };
}

function knownPixels(picture: Picture, known: ObservedTarget): Uint8Array {
  const pixels = new Uint8Array(picture.height * picture.width);
  known.values.forEach((_, entry) => (pixels[Math.floor(placeOf(picture, known, entry) / 3)] = 1));
  return pixels;
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
