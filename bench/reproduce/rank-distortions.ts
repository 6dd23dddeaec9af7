// What data are beside a CP model and noise, on planted components without negative numbers: counts instead of values, a detector that
// saturates, peaks that drift from sample to sample, and interactions of components. The planted rank is what a user would want to be told,
// and no longer the exact rank of the tensor without noise.
import { denseNorm, toDense, type DenseTensor, type Kruskal } from '../../src/index.js';
import { addNoise } from '../../src/problems/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import type { Matrix } from '../../src/tensor/matrix.js';

export type Distortion =
  /** Poisson counts with the planted tensor as their mean, scaled to a mean cell of so much. */
  | { readonly kind: 'counts'; readonly mean: number }
  /** x / (1 + x / (2 max x)): the largest cell loses a third. */
  | { readonly kind: 'saturation' }
  /** The columns of the last mode are peaks that move by so many cells from the first slice of the first mode to the last. */
  | { readonly kind: 'drift'; readonly cells: number }
  /** Columns of different components multiplied: a Tucker core with random numbers off its diagonal, so much of the tensor's norm. */
  | { readonly kind: 'interaction'; readonly level: number };

export interface Distorted {
  readonly tensor: DenseTensor;
  readonly truth: Kruskal;
}

const distortionStream = problemStreams + 2 ** 22;
/** Relative noise on top of what is not counted. */
const noise = 0.01;

export function distorted(
  distortion: Distortion,
  { shape, rank, seed }: { readonly shape: readonly number[]; readonly rank: number; readonly seed: number },
): Distorted {
  const random = randomStream(seed, distortionStream);
  const factors = shape.map((rows): Matrix => {
    return { rows, columns: rank, data: Float64Array.from({ length: rows * rank }, () => random.uniform()) };
  });
  const truth = { weights: new Float64Array(rank).fill(1), factors };
  const noisy = (tensor: DenseTensor, of = truth): Distorted => ({
    tensor: addNoise(tensor, { level: noise, seed }),
    truth: of,
  });
  switch (distortion.kind) {
    case 'counts':
      return counts(truth, distortion.mean, random);
    case 'saturation': {
      const { data } = toDense(truth);
      const largest = data.reduce((max, value) => Math.max(max, value), 0);
      return noisy({ shape, data: data.map((value) => value / (1 + value / (2 * largest))) });
    }
    case 'drift': {
      const centers = Float64Array.from({ length: rank }, () => random.uniform());
      const peaks = (shift: number): Matrix => peakColumns(shape[shape.length - 1]!, centers, shift);
      const still = { ...truth, factors: [...factors.slice(0, -1), peaks(0)] };
      return noisy(drifting(still, peaks, distortion.cells), still);
    }
    case 'interaction':
      return noisy(interacting(truth, distortion.level, random));
    default:
      return distortion satisfies never;
  }
}

function counts(truth: Kruskal, mean: number, random: RandomStream): Distorted {
  const { shape, data } = toDense(truth);
  const scale = (mean * data.length) / data.reduce((sum, value) => sum + value, 0);
  const weights = truth.weights.map((weight) => weight * scale);
  return { tensor: { shape, data: data.map((value) => poisson(scale * value, random)) }, truth: { ...truth, weights } };
}

/** A Poisson number by the waiting times of its events (Knuth). */
function poisson(mean: number, random: RandomStream): number {
  const end = Math.exp(-mean);
  let product = random.uniform();
  let count = 0;
  for (; product > end; count++) product *= random.uniform();
  return count;
}

/** Width of a peak, as a part of the mode. */
const peakWidth = 0.06;

/** Gaussian peaks, in the middle four fifths of the mode, moved by `shift` cells. */
function peakColumns(rows: number, centers: Float64Array, shift: number): Matrix {
  const data = Float64Array.from({ length: rows * centers.length }, (_, at) => {
    const center = (0.1 + 0.8 * centers[at % centers.length]!) * rows + shift;
    return Math.exp(-((Math.floor(at / centers.length) - center) ** 2) / (2 * (peakWidth * rows) ** 2));
  });
  return { rows, columns: centers.length, data };
}

/** The slices of the first mode, each with peaks of its own, half of the shift before and half behind where they are at rest. */
function drifting(still: Kruskal, peaks: (shift: number) => Matrix, cells: number): DenseTensor {
  const [first, ...others] = still.factors as [Matrix, ...Matrix[]];
  const slices = Array.from({ length: first.rows }, (_, i) => {
    const row = first.data.subarray(i * first.columns, (i + 1) * first.columns);
    const shift = cells * (i / (first.rows - 1) - 0.5);
    const factors = [{ rows: 1, columns: first.columns, data: row }, ...others.slice(0, -1), peaks(shift)];
    return toDense({ weights: still.weights, factors }).data;
  });
  const length = slices[0]!.length;
  const data = new Float64Array(length * slices.length);
  slices.forEach((slice, i) => data.set(slice, i * length));
  return { shape: still.factors.map(({ rows }) => rows), data };
}

function interacting(truth: Kruskal, level: number, random: RandomStream): DenseTensor {
  const rank = truth.weights.length;
  const order = truth.factors.length;
  const { shape, data } = toDense(truth);
  // Component m of the core takes column ⌊m / rank^k⌋ mod rank of factor k.
  const places = Array.from({ length: rank ** order }, (_, place) => place);
  const columnOf = (place: number, mode: number): number => Math.floor(place / rank ** mode) % rank;
  const mixed = places.filter((place) => truth.factors.some((_, mode) => columnOf(place, mode) !== columnOf(place, 0)));
  if (mixed.length === 0) return { shape, data };
  const factors = truth.factors.map(({ rows, data: columns }, mode): Matrix => {
    const picked = Float64Array.from({ length: rows * mixed.length }, (_, at) => {
      const column = columnOf(mixed[at % mixed.length]!, mode);
      return columns[Math.floor(at / mixed.length) * rank + column]!;
    });
    return { rows, columns: mixed.length, data: picked };
  });
  const other = toDense({ weights: random.fillNormal(new Float64Array(mixed.length)), factors });
  const scale = (level * denseNorm({ shape, data })) / denseNorm(other);
  return { shape, data: data.map((value, at) => value + scale * other.data[at]!) };
}
