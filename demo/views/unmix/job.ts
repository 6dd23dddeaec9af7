// Unmix in the worker: mixes sounds, x_t = A s_t, and takes the mixtures apart without a look at A or s. White mixtures y_t differ from
// the sources by a rotation, and the fourth cumulant of y is Σ_j κ_j u_j^{⊗4} with κ_j the excess kurtosis of source j and u_j nearly
// orthonormal: what a deflation flow finds one by one. Source j is then ⟨u_j, y_t⟩ (Comon, Signal Processing 36, 1994). The sources
// only tell how well it went.
import {
  decomposeSteps,
  DeviceLostError,
  matrix,
  moments,
  whiten,
  type Matrix,
  type StopReason,
  type SymmetricKruskal,
} from '../../../src/index.js';
import { dot } from '../../arithmetic.js';
import { randomOf } from '../../random.js';
import type { Tools } from '../../worker/protocol.js';
import { gatherings } from './gather.js';
import type { Settings } from './settings.js';
import { kinds, rate, samples, sources } from './sources.js';

export type Report = Problem | State;

export interface Problem {
  readonly kind: 'problem';
  readonly rate: number;
  readonly sources: readonly Sound[];
  readonly mixtures: readonly Sound[];
  /** κ_j, the weights of the hidden components. */
  readonly kurtoses: readonly number[];
}

export interface Sound {
  /** Of mean 0. */
  readonly data: Float32Array;
  /** Number and name of the source that it correlates with most, and that |correlation|. */
  readonly source: number;
  readonly name: string;
  readonly correlation: number;
}

export interface State {
  readonly kind: 'state';
  readonly step: number;
  /** Of every source: |correlation| with the gathering that correlates with it most, and its weight; 0 while there is none. */
  readonly correlations: readonly number[];
  readonly weights: readonly number[];
}

export interface Outcome {
  /** As many as there are mixtures, or fewer where the flow found fewer; the one of the first source first. */
  readonly recovered: readonly Sound[];
  readonly stop: StopReason;
  readonly advice: string;
  readonly seconds: number;
}

/** A gathering is that of a source from this |correlation| on. */
const minCorrelation = 0.8;
/** Of the norm of the strongest source's cumulant: the smallest weight of a gathering that counts. */
const minShare = 0.02;

export async function* unmix(settings: Settings, tools: Tools): AsyncGenerator<Report, Outcome> {
  const { sources: count, soundSeed, mixSeed, width, initScale, stepFactor, seed } = settings;
  const hidden = sources(count, soundSeed);
  const mixtures = mix(hidden, randomOf(mixSeed));
  const problem = problemOf(hidden, mixtures);
  yield problem;
  const white = whiten(mixtures).samples;
  const comparison = comparisonWith(hidden, white, problem.kurtoses);
  const steps = decomposeSteps(moments({ order: 4, samples: white, cumulant: true }), {
    algorithm: { kind: 'deflation', signs: 'free', epochs: 2, initScale, stepFactor },
    finish: 'none',
    width,
    seed,
    reportModels: true,
    signal: tools.signal,
    backend: await tools.open(settings.backend),
  });
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (!done) {
        yield { kind: 'state', step: value.step, ...comparison.measures(value.kruskal as SymmetricKruskal) };
        continue;
      }
      const { kruskal, stop, advice, seconds } = value;
      if (stop === 'deviceLost') throw new DeviceLostError(advice);
      return { recovered: comparison.recovered(kruskal), stop, advice, seconds };
    }
  } finally {
    await steps.return(undefined as never);
  }
}

function problemOf(hidden: readonly Float64Array[], mixtures: Matrix): Problem {
  const alone = hidden.map((data, source) => ({ source, name: kinds[source]!, correlation: 1, data }));
  const mixed = hidden.map((_, k) => {
    const heard = column(mixtures, k);
    const correlations = hidden.map((source) => correlationOf(source, heard));
    return soundOf(heard, correlations);
  });
  return {
    kind: 'problem',
    rate,
    sources: alone.map((sound) => ({ ...sound, data: Float32Array.from(sound.data) })),
    mixtures: mixed,
    kurtoses: hidden.map((source) => source.reduce((sum, value) => sum + value ** 4, 0) / samples - 3),
  };
}

/** Compares what a flow has found with the sources, as many gatherings as there are of them. */
function comparisonWith(hidden: readonly Float64Array[], white: Matrix, kurtoses: readonly number[]) {
  const overlaps = hidden.map((source) => overlapOf(source, white));
  const minWeight = minShare * Math.max(...kurtoses.map(Math.abs));
  const counting = (model: SymmetricKruskal) =>
    gatherings(model)
      .slice(0, hidden.length)
      .filter(({ weight }) => Math.abs(weight) > minWeight);
  const along = (direction: Float64Array): number[] => overlaps.map((overlap) => dot(overlap, direction));
  return {
    measures(model: SymmetricKruskal): Pick<State, 'correlations' | 'weights'> {
      const found = counting(model).map(({ direction, weight }) => ({
        weight: Math.abs(weight),
        correlations: along(direction).map(Math.abs),
      }));
      const correlations = hidden.map((_, k) => Math.max(0, ...found.map((one) => one.correlations[k]!)));
      const weights = correlations.map((max, k) =>
        max > minCorrelation ? (found.find((one) => one.correlations[k] === max)?.weight ?? 0) : 0,
      );
      return { correlations, weights };
    },
    recovered(model: SymmetricKruskal): Sound[] {
      return counting(model)
        .map(({ direction }) => soundOf(projected(white, direction), along(direction)))
        .sort((a, b) => a.source - b.source);
    },
  };
}

/** A sound with the source that it correlates with most, in the sign of that: the sign of a source cannot be known from mixtures. */
function soundOf(data: Float32Array, correlations: readonly number[]): Sound {
  const sizes = correlations.map(Math.abs);
  const correlation = Math.max(...sizes);
  const source = sizes.indexOf(correlation);
  const sign = correlations[source]! < 0 ? -1 : 1;
  return { data: data.map((value) => sign * value), source, name: kinds[source]!, correlation };
}

/** [samples, count]: every mixture is a sum of all sources, each at a loudness of its own. */
function mix(hidden: readonly Float64Array[], random: () => number): Matrix {
  const count = hidden.length;
  const mixing = Float64Array.from({ length: count * count }, () => (random() < 0.5 ? -1 : 1) * (0.3 + 0.7 * random()));
  const data = new Float64Array(samples * count);
  hidden.forEach((source, j) => {
    for (let t = 0; t < samples; t++) {
      for (let i = 0; i < count; i++) data[t * count + i]! += mixing[i * count + j]! * source[t]!;
    }
  });
  return matrix(samples, count, data);
}

/** (1/samples) Σ_t s_t y_t: its inner product with a unit vector u is the correlation of s and ⟨u, y⟩. */
function overlapOf(source: Float64Array, white: Matrix): Float64Array {
  const sum = new Float64Array(white.columns);
  white.data.forEach((value, at) => {
    sum[at % white.columns]! += (value * source[Math.floor(at / white.columns)]!) / samples;
  });
  return sum;
}

const projected = ({ columns, data }: Matrix, direction: Float64Array): Float32Array =>
  Float32Array.from({ length: samples }, (_, t) =>
    direction.reduce((sum, weight, k) => sum + weight * data[t * columns + k]!, 0),
  );

const column = ({ columns, data }: Matrix, k: number): Float32Array =>
  Float32Array.from({ length: samples }, (_, t) => data[t * columns + k]!);

/** Of a source of mean 0 and variance 1 with any sound of mean 0. */
function correlationOf(source: Float64Array, sound: Float32Array): number {
  let product = 0;
  let square = 0;
  source.forEach((value, t) => {
    product += value * sound[t]!;
    square += sound[t]! ** 2;
  });
  return product / Math.sqrt(samples * square);
}
