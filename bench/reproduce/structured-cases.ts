// The planted tensors of `npm run reproduce -- structured`: a CP model and a residual that is no white noise, or an effect that no CP
// model of a few components has. Which ranks are right is defined here, by what is planted, before anything is measured:
//   added residuals       the planted rank. A component may be missed where its energy is below three times what white noise of the
//                         residual's size gives at most (calibration-rank.ts): weak components and rare counts
//   saturation y/(1+cy)   in second order −c y², whose rank is at most R(R+1)/2: that many more
//   drift                 t ∘ (1 + u_i + v_j + …): one more component per other mode
//   shifted peaks         in first order s_i a_i ∘ b′ ∘ c: one more component per planted one
import { denseNorm, toDense, type DenseTensor, type Kruskal } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { fitTo } from './calibration-planted.js';
import { clearRanks, componentBound } from './calibration-rank.js';

/** Even seeds are for development, odd ones unseen; fresh are further real tables alone (real-tensors.ts). */
export const halves = ['development', 'unseen', 'fresh'] as const;
export type Half = (typeof halves)[number];

export interface StructuredInstance {
  readonly tensor: DenseTensor;
  /** The smallest and the largest rank that are right. */
  readonly ranks: readonly [number, number];
}

export interface StructuredCell {
  readonly kind: string;
  readonly name: string;
  readonly draw: (seed: number) => StructuredInstance;
}

interface Setting {
  readonly shape: readonly number[];
  readonly rank: number;
  /** Norm of the residual relative to the planted tensor; mean of counts. */
  readonly size: number;
  readonly seed: number;
}

/** A way in which data deviate from a CP model. */
interface Kind {
  readonly name: string;
  readonly unit: 'percent' | 'mean';
  readonly sizes: readonly number[];
  readonly draw: (setting: Setting, random: RandomStream) => StructuredInstance;
}

const shapes = [
  [30, 40, 50],
  [8, 60, 20],
  [5, 101, 41],
  [12, 12, 24, 8],
];
const maxRank = 5;
const residualStream = problemStreams + 2 ** 22;
/** Effects come with white noise of this part of their size, as a measurement has it. */
const noiseBesideEffect = 0.2;

/** One value per cell, from the value of the planted tensor there and the cell's number. */
type Residual = (clean: DenseTensor, random: RandomStream) => Float64Array;

const independent =
  (deviation: (random: RandomStream) => (value: number, at: number) => number): Residual =>
  ({ data }, random) => {
    const of = deviation(random);
    return Float64Array.from(data, (value, at) => of(value, at) * random.normal());
  };

/** Log-uniform from 1/range to range. */
const spread = (random: RandomStream, range: number): number => range ** (2 * random.uniform() - 1);

/** Student's t: a normal over the root of a mean of squares of normals. */
const studentT = (freedom: number): Residual =>
  independent((random) => () => {
    let sum = 0;
    for (let k = 0; k < freedom; k++) sum += random.normal() ** 2;
    return 1 / Math.sqrt(sum / freedom);
  });

const unequalSlices: Residual = (clean, random) => {
  const perSlice = clean.data.length / clean.shape[0]!;
  const deviations = Array.from({ length: clean.shape[0]! }, () => spread(random, 3));
  return independent(() => (_, at) => deviations[Math.floor(at / perSlice)]!)(clean, random);
};

const unequalCells: Residual = independent((random) => () => spread(random, 5));

/** N_t = memory · N_{t−1} + noise along the last mode, stationary. */
const memory: Residual = (clean, random) => {
  const length = clean.shape[clean.shape.length - 1]!;
  const noise = random.fillNormal(new Float64Array(clean.data.length));
  for (let at = 0; at < noise.length; at++) {
    if (at % length > 0) noise[at] = 0.9 * noise[at - 1]! + Math.sqrt(1 - 0.9 ** 2) * noise[at]!;
  }
  return noise;
};

/** Forty smooth components with weights q^{−1/2}: none of them stands out. */
const interactions: Residual = ({ shape }, random) => {
  const rank = 40;
  const waves = 8;
  const factors = shape.map((rows) => {
    const data = new Float64Array(rows * rank);
    for (let r = 0; r < rank; r++) {
      const parts = random.fillNormal(new Float64Array(waves));
      for (let i = 0; i < rows; i++) {
        data[i * rank + r] = parts.reduce((sum, part, k) => sum + part * Math.cos((Math.PI * k * (i + 0.5)) / rows), 0);
      }
    }
    return { rows, columns: rank, data };
  });
  const weights = Float64Array.from({ length: rank }, (_, q) => (q + 1) ** -0.5);
  return Float64Array.from(toDense({ weights, factors }).data);
};

/** Linear in the last mode, with a slope that is a sum of one number per slice of the others. */
const drift: Residual = ({ shape }, random) => {
  const slopes = shape.slice(0, -1).map((rows) => random.fillNormal(new Float64Array(rows)));
  const length = shape[shape.length - 1]!;
  return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
    const time = (2 * (at % length)) / (length - 1) - 1;
    let rest = Math.floor(at / length);
    let slope = 1;
    for (let mode = slopes.length - 1; mode >= 0; mode--) {
      slope += slopes[mode]![rest % shape[mode]!]!;
      rest = Math.floor(rest / shape[mode]!);
    }
    return time * slope;
  });
};

const percents = [0.01, 0.05, 0.2];

const kinds: readonly Kind[] = [
  added('unequal slices', unequalSlices),
  added('unequal cells', unequalCells),
  added(
    'variance as the signal',
    independent(() => (value) => Math.sqrt(Math.abs(value))),
  ),
  added('AR(1) 0.9', memory),
  added('t3', studentT(3)),
  added('t2', studentT(2)),
  added('interactions', interactions, { noisePart: noiseBesideEffect }),
  added('drift', drift, { noisePart: noiseBesideEffect, extra: ({ shape }) => shape.length - 1 }),
  added('unequal cells, weights 1:10', unequalCells, { last: 0.1 }),
  added('unequal cells, weights 1:100', unequalCells, { last: 0.01 }),
  { name: 'saturation', unit: 'percent', sizes: percents, draw: drawSaturated },
  { name: 'shifted peaks', unit: 'percent', sizes: percents, draw: drawShifted },
  { name: 'counts', unit: 'mean', sizes: [0.2, 1, 10], draw: drawCounts },
];

/** Every kind in every shape and size. The rank follows from the cell and the seed, so that a seed has all ranks. */
export const structuredCells: readonly StructuredCell[] = kinds.flatMap(({ name, unit, sizes, draw }, k) =>
  shapes.flatMap((shape, s) =>
    sizes.map((size, z): StructuredCell => {
      const told = unit === 'percent' ? `${100 * size} %` : `mean ${size}`;
      return {
        kind: name,
        name: `${name}, ${shape.join('×')}, ${told}`,
        draw: (seed) => {
          const rank = 1 + ((k + 2 * s + z + seed) % maxRank);
          return draw({ shape, rank, size, seed }, randomStream(seed, residualStream + 100 * k + 10 * s + z));
        },
      };
    }),
  ),
);

interface Added {
  /** White noise beside it, as a part of its size. */
  readonly noisePart?: number;
  /** Components that it adds at most. */
  readonly extra?: (setting: Setting) => number;
  /** Weight of the last planted component, next to 1 of the first. */
  readonly last?: number;
}

/** clean + size · ‖clean‖ · N / ‖N‖ */
function added(name: string, residual: Residual, { noisePart = 0, extra = () => 0, last = 1 }: Added = {}): Kind {
  const draw = (setting: Setting, random: RandomStream): StructuredInstance => {
    const { shape, size, seed } = setting;
    const rank = last < 1 ? Math.max(2, setting.rank) : setting.rank;
    const weights = Array.from({ length: rank }, (_, r) => last ** (r / Math.max(1, rank - 1)));
    const { tensor: clean, truth } = plantedCp({ shape, rank, seed, weights });
    const noisy = withResidual(clean, residual(clean, random), size);
    const tensor = withResidual(noisy, random.fillNormal(new Float64Array(noisy.data.length)), size * noisePart);
    const [min] = last < 1 ? visibleRanks(truth, clean, (size * denseNorm(clean)) ** 2) : [rank];
    return { tensor, ranks: [min, rank + extra(setting)] };
  };
  return { name, unit: 'percent', sizes: percents, draw };
}

function withResidual({ shape, data }: DenseTensor, residual: Float64Array, level: number): DenseTensor {
  const scale = (level * denseNorm({ shape, data })) / euclideanNorm(residual);
  return { shape, data: data.map((value, at) => value + scale * residual[at]!) };
}

/** The ranks that are right where a residual of this squared norm may hide components. */
function visibleRanks(truth: Kruskal, clean: DenseTensor, squaredResidual: number): readonly [number, number] {
  const bound = componentBound(clean.shape, squaredResidual / clean.data.length);
  return clearRanks(truth, bound, fitTo(clean)).ranks;
}

/** Unit columns without negative entries. */
function positiveTruth({ shape, rank, seed }: Setting): Kruskal {
  const { truth } = plantedCp({ shape, rank, seed });
  const factors = truth.factors.map((factor) => ({ ...factor, data: factor.data.map((entry) => Math.abs(entry)) }));
  return { weights: truth.weights, factors };
}

function drawCounts(setting: Setting, random: RandomStream): StructuredInstance {
  const { rank, size: mean } = setting;
  const truth = positiveTruth(setting);
  const { shape, data } = toDense(truth);
  const scale = (mean * data.length) / data.reduce((sum, value) => sum + value, 0);
  const rates = { shape, data: data.map((value) => scale * value) };
  const counted = rates.data.map((rate) => poisson(rate, random));
  const scaled = { ...truth, weights: truth.weights.map((weight) => scale * weight) };
  const [min] = visibleRanks(scaled, rates, mean * data.length);
  return { tensor: { shape, data: counted }, ranks: [min, rank] };
}

/** Knuth's product of uniforms. */
function poisson(rate: number, random: RandomStream): number {
  let count = 0;
  for (let product = random.uniform(); product > Math.exp(-rate); product *= random.uniform()) count++;
  return count;
}

function drawSaturated(setting: Setting, random: RandomStream): StructuredInstance {
  const { rank, size } = setting;
  const clean = toDense(positiveTruth(setting));
  const of = (strength: number): DenseTensor => ({ ...clean, data: clean.data.map((y) => y / (1 + strength * y)) });
  const mean = clean.data.reduce((sum, value) => sum + value, 0) / clean.data.length;
  const strength = solveIncreasing((c) => deviationOf(of(c), clean), size, 1 / mean);
  const white = random.fillNormal(new Float64Array(clean.data.length));
  const tensor = withResidual(of(strength), white, noiseBesideEffect * size);
  return { tensor, ranks: [rank, rank + (rank * (rank + 1)) / 2] };
}

/** Peaks along the second mode that stand elsewhere in every slice of the first. */
function drawShifted(setting: Setting, random: RandomStream): StructuredInstance {
  const { shape, rank, size } = setting;
  const truth = positiveTruth(setting);
  const slices = shape[0]!;
  const length = shape[1]!;
  const width = 0.08 * length;
  const centers = Array.from({ length: rank }, (_, r) => ((r + 0.5 + 0.5 * random.uniform()) / (rank + 0.5)) * length);
  const shifts = random.fillNormal(new Float64Array(slices));
  const of = (scale: number): DenseTensor => {
    const parts = Array.from({ length: slices }, (_, i) => {
      const peaks = Float64Array.from({ length: length * rank }, (_, at) => {
        const position = Math.floor(at / rank) - centers[at % rank]! - scale * shifts[i]!;
        return Math.exp(-0.5 * (position / width) ** 2);
      });
      const first = truth.factors[0]!;
      const row = { rows: 1, columns: rank, data: first.data.subarray(i * rank, (i + 1) * rank) };
      const second = { rows: length, columns: rank, data: peaks };
      return toDense({ ...truth, factors: [row, second, ...truth.factors.slice(2)] }).data;
    });
    const data = new Float64Array(sizeOf(shape));
    parts.forEach((part, i) => data.set(part, i * part.length));
    return { shape, data };
  };
  const clean = of(0);
  const scale = solveIncreasing((s) => deviationOf(of(s), clean), size, width);
  const white = random.fillNormal(new Float64Array(clean.data.length));
  return { tensor: withResidual(of(scale), white, noiseBesideEffect * size), ranks: [rank, 2 * rank] };
}

/** ‖X − α Y‖ / ‖α Y‖ with the best α */
function deviationOf(x: DenseTensor, y: DenseTensor): number {
  let inner = 0;
  for (let at = 0; at < x.data.length; at++) inner += x.data[at]! * y.data[at]!;
  const explained = inner ** 2 / denseNorm(y) ** 2;
  return Math.sqrt(Math.max(0, denseNorm(x) ** 2 - explained) / explained);
}

/** x with f(x) = value for an increasing f with f(0) = 0, by bisection on a logarithmic scale. */
function solveIncreasing(f: (x: number) => number, value: number, scale: number): number {
  let low = scale * 1e-5;
  let high = scale * 1e2;
  for (let step = 0; step < 14; step++) {
    const middle = Math.sqrt(low * high);
    if (f(middle) < value) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
