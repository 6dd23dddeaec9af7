// The planted tensors of `npm run reproduce -- rank`. A group is what one claim is about; its rows differ in shape, noise or model.
import { toDense, type Kruskal } from '../../src/index.js';
import { addNoise, plantedCp, type PlantedCpOptions } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import { noComponents } from '../../src/tensor/kruskal.js';
import type { PartlyKnownTensor } from '../../src/tensor/partly-known.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { distorted, type Distortion } from './rank-distortions.js';
import { addUnevenNoise, type NoiseKind } from './rank-noise.js';

export interface RankInstance {
  readonly tensor: PartlyKnownTensor;
  /** No components where the tensor is noise alone. */
  readonly truth: Kruskal;
}

export interface RankRow {
  readonly name: string;
  /** Instances per seed that was asked for: 3 is 60 of 20. */
  readonly share: number;
  /** Instance number `index` of the row, drawn from `seed`. */
  readonly draw: (seed: number, index: number) => RankInstance;
}

export interface RankGroup {
  readonly name: string;
  /** Of all instances, how many may be missed. Left out for tensors that are difficult on purpose, of which nothing is claimed. */
  readonly accepted?: number;
  readonly rows: readonly RankRow[];
}

const nameOf = (shape: readonly number[]): string => shape.join('×');
const percent = (level: number): string => `noise ${Number((100 * level).toPrecision(2))} %`;

const planted =
  (problem: Omit<PlantedCpOptions, 'seed'>) =>
  (seed: number): RankInstance =>
    plantedCp({ ...problem, seed });

const threeModes = [30, 40, 50];

/** Ranks from 1 to `count` in turn. */
const rankInTurn = (index: number, count: number): number => 1 + (index % count);

const plantedRows = [threeModes, [10, 12, 14, 16]].flatMap((shape) =>
  [0, 0.01, 0.1, 0.3].map((noise): RankRow => {
    const draw = (seed: number, index: number): RankInstance =>
      plantedCp({ shape, rank: rankInTurn(index, 6), noise, seed });
    return { name: `${nameOf(shape)}, ranks 1 to 6, ${percent(noise)}`, share: 3, draw };
  }),
);

const noiseRows = [threeModes, [10, 12, 14, 16], [5, 60, 60], [4, 30, 30, 3], [8, 8, 8]].map((shape): RankRow => {
  const draw = (seed: number): RankInstance => {
    const random = randomStream(seed, problemStreams);
    const tensor = { shape, data: random.fillNormal(new Float64Array(sizeOf(shape))) };
    return { tensor, truth: noComponents(tensor) };
  };
  return { name: `${nameOf(shape)}, noise alone`, share: 3, draw };
});

const cosineRows = [0.001, 0.01].map((noise): RankRow => {
  const problem = { shape: [20, 20, 20], rank: 5, collinearity: 0.9, noise };
  return { name: `20×20×20, R 5, cosine 0.9, ${percent(noise)}`, share: 1, draw: planted(problem) };
});

const unequalWeights = [0, 1, 2, 3, 4].map((r) => 100 ** (-r / 4));

const weightRow: RankRow = {
  name: '30×40×50, R 5, weights 1 to 0.01, noise 1 %',
  share: 1,
  draw: planted({ shape: threeModes, rank: 5, weights: unequalWeights, noise: 0.01 }),
};

/** Entries uniform in (0, 1): all columns share a mean, and with it most of their direction. */
export function plantedNonnegative(seed: number): RankInstance {
  const rank = 8;
  const factors = [60, 60, 60].map((rows, mode) => {
    const random = randomStream(seed, problemStreams + mode);
    return { rows, columns: rank, data: Float64Array.from({ length: rows * rank }, () => random.uniform()) };
  });
  const truth = { weights: new Float64Array(rank).fill(1), factors };
  return { tensor: addNoise(toDense(truth), { level: 0.05, seed }), truth };
}

const overcompleteRows = [0, 0.001, 0.01].flatMap((noise): RankRow[] => [
  { name: `8×8×8, R 10, ${percent(noise)}`, share: 0.25, draw: planted({ shape: [8, 8, 8], rank: 10, noise }) },
  { name: `5×6×7, R 8, ${percent(noise)}`, share: 0.25, draw: planted({ shape: [5, 6, 7], rank: 8, noise }) },
]);

const largeRows: readonly RankRow[] = [
  { name: '400×30×20, R 6, noise 1 %', share: 0.5, draw: planted({ shape: [400, 30, 20], rank: 6, noise: 0.01 }) },
  { name: '400×30×20, R 6, noise 30 %', share: 0.5, draw: planted({ shape: [400, 30, 20], rank: 6, noise: 0.3 }) },
  {
    name: '100×100×100, R 10, noise 100 %',
    share: 0.25,
    draw: planted({ shape: [100, 100, 100], rank: 10, noise: 1 }),
  },
  {
    name: '200×200×200, R 20, noise 1 %',
    share: 0.15,
    draw: planted({ shape: [200, 200, 200], rank: 20, noise: 0.01 }),
  },
];

const unevenKinds: readonly (readonly [name: string, kind: NoiseKind])[] = [
  ['t with 3 degrees of freedom', { kind: 't', freedom: 3 }],
  ['unequal slice variances', { kind: 'unequal' }],
  ['AR(1) 0.5 along a mode', { kind: 'memory', memory: 0.5 }],
  ['AR(1) 0.9 along a mode', { kind: 'memory', memory: 0.9 }],
];

const unevenRow = ([name, kind]: (typeof unevenKinds)[number]): RankRow => {
  const draw = (seed: number, index: number): RankInstance => {
    const { tensor, truth } = plantedCp({ shape: threeModes, rank: rankInTurn(index, 5), seed });
    return { tensor: addUnevenNoise(tensor, kind, { level: 0.1, seed }), truth };
  };
  return { name: `30×40×50, ranks 1 to 5, 10 % of ${name}`, share: 1, draw };
};

/** Drawn once, after the rules of the decision were made, and never used to change them. */
const difficultRows: readonly RankRow[] = [
  {
    name: '30×40×50, R 5, weights 1 to 0.01, noise 10 %',
    share: 1,
    draw: planted({ shape: threeModes, rank: 5, weights: unequalWeights, noise: 0.1 }),
  },
  unevenRow(['t with 2 degrees of freedom', { kind: 't', freedom: 2 }]),
  unevenRow(['unequal cell variances', { kind: 'unequalCells' }]),
  unevenRow(['noise in proportion to the value', { kind: 'proportional' }]),
  ...[0.2, 1, 10].map((mean) => distortedRow(`Poisson counts of mean ${mean}`, { kind: 'counts', mean })),
  distortedRow('saturation, a third at the largest cell', { kind: 'saturation' }),
  distortedRow('peaks that drift by two cells', { kind: 'drift', cells: 2 }),
  distortedRow('interactions of a tenth of the norm', { kind: 'interaction', level: 0.1 }),
];

function distortedRow(name: string, distortion: Distortion): RankRow {
  const draw = (seed: number, index: number): RankInstance =>
    distorted(distortion, { shape: threeModes, rank: rankInTurn(index, 4), seed });
  return { name: `30×40×50, ranks 1 to 4, ${name}`, share: 1, draw };
}

const gapRows = [threeModes, [10, 12, 14, 16]].flatMap((shape) =>
  [0.2, 0.5, 0.8].map((share): RankRow => {
    const draw = (seed: number, index: number): RankInstance => {
      const { tensor, truth } = plantedCp({ shape, rank: rankInTurn(index, 5), noise: 0.1, seed });
      const random = randomStream(seed, problemStreams + 100);
      const known = Uint8Array.from(tensor.data, () => Number(random.uniform() >= share));
      return { tensor: { ...tensor, data: tensor.data.map((value, at) => value * known[at]!), known }, truth };
    };
    return { name: `${nameOf(shape)}, ranks 1 to 5, noise 10 %, ${100 * share} % missing`, share: 1, draw };
  }),
);

export const rankGroups: readonly RankGroup[] = [
  { name: 'random components', accepted: 2 / 480, rows: plantedRows },
  { name: 'noise alone', accepted: 2 / 300, rows: noiseRows },
  { name: 'nearly parallel components', accepted: 0, rows: cosineRows },
  { name: 'weights 1 to 0.01', accepted: 0, rows: [weightRow] },
  {
    name: 'nonnegative, common mean',
    accepted: 0,
    rows: [{ name: '60×60×60, R 8, nonnegative, noise 5 %', share: 0.5, draw: plantedNonnegative }],
  },
  { name: 'more components than dimensions', accepted: 0, rows: overcompleteRows },
  { name: 'long modes, much noise', accepted: 0, rows: largeRows },
  { name: 'noise that is not white', accepted: 0, rows: unevenKinds.map(unevenRow) },
  { name: 'many missing cells', accepted: 2 / 120, rows: gapRows },
  { name: 'difficult on purpose', rows: difficultRows },
];
