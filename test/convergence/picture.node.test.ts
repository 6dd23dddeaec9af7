// A picture with 70 % of its pixels hidden, completed as one tensor: better than its mean color, and than its three channels
// completed one by one as matrices of the same rank, by the same method.
import { describe, expect, test } from 'vitest';
import { decompose, holdOut, observed, predictEntries, psnr, type ObservedTarget } from '../../src/index.js';
import { sample } from '../../demo/views/picture/sample.js';
import { entriesOf } from '../../demo/views/picture/picture.js';
import { casesOf } from '../support/all.js';

/** The picture has as many pixels each way. Where there are fewer of them, fewer components are to be told from them. */
const sizes = [
  { size: 20, rank: 4, starts: 1 },
  { size: 32, rank: 6, starts: 2 },
];

describe.each(casesOf(sizes, 1))('$size × $size pixels at rank $rank', ({ size, rank, starts }) => {
  const { data } = sample(size, 2);
  const truth = Float64Array.from(data);
  const whole = entriesOf({ height: size, width: size, data });
  const { train } = holdOut(whole, { share: 0.7, seed: 3, together: [2] });
  const cellOf = ({ indices }: ObservedTarget, e: number): number =>
    (indices[3 * e]! * size + indices[3 * e + 1]!) * 3 + indices[3 * e + 2]!;

  test('the tensor is better than its channels, and far better than the mean color', async () => {
    const tensor = predictEntries(await completed(train), whole.indices);
    const channels = new Float64Array(truth.length);
    for (const channel of [0, 1, 2]) {
      const found = await completed(channelOf(train, channel));
      const cells = Array.from({ length: size * size }, (_, pixel) => [Math.floor(pixel / size), pixel % size]);
      predictEntries(found, cells.flat()).forEach((value, pixel) => (channels[3 * pixel + channel] = value));
    }
    const [whole3, apart, mean] = [tensor, channels, meanColor()].map(likeness);
    // 10 dB are a tenth of the squared error; 3 dB half of it.
    expect(whole3).toBeGreaterThan((mean ?? NaN) + 3);
    expect(whole3).toBeGreaterThan(apart ?? NaN);
  });

  const completed = async (target: ObservedTarget) =>
    (await decompose(target, { algorithm: 'completion', rank, seed: 1, starts, backend: 'cpu' })).kruskal;

  function channelOf(target: ObservedTarget, channel: number): ObservedTarget {
    const entries = Array.from(target.values.keys()).filter((e) => target.indices[3 * e + 2] === channel);
    const indices = entries.flatMap((e) => [target.indices[3 * e]!, target.indices[3 * e + 1]!]);
    return observed(
      [size, size],
      indices,
      entries.map((e) => target.values[e]!),
    );
  }

  function meanColor(): Float64Array {
    const means = [0, 1, 2].map((channel) => {
      const { values } = channelOf(train, channel);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    return truth.map((_, at) => means[at % 3]!);
  }

  /** PSNR of the picture with the known pixels as they are, the others as predicted. */
  function likeness(predicted: Float64Array): number {
    const shown = predicted.map((value) => Math.max(0, Math.min(255, value)));
    train.values.forEach((value, e) => (shown[cellOf(train, e)] = value));
    const shape = [size, size, 3];
    return psnr({ shape, data: shown }, { shape, data: truth });
  }
});
