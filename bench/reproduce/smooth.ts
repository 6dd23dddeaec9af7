// Completion where neighbors are alike: `variational` with `smooth`, beside itself without it.
//   planted   components that are sine waves and peaks in two modes, random in the third; 10 % of noise; 2.5 or 6 known cells per free number
//   pictures  128 × 128 × 3 made by formula, 70 % of the pixels hidden; beside the nearest known pixel in place of a hidden one
// Errors of planted ones are those of the unknown cells, against the tensor without noise, relative to its norm there.
// Pictures: peak signal-to-noise ratio, known pixels as they are. CPU seconds of all threads.
import { entriesOf, likeness, placeOf, type Picture } from '../../demo/views/picture/picture.js';
import { sample } from '../../demo/views/picture/sample.js';
import { decompose, observed, toDense, type Backend, type DecomposeOptions, type Kruskal } from '../../src/index.js';
import { hideCells } from '../../src/problems/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { indexAt } from '../../src/tensor/dense.js';
import { freeNumbers } from '../../src/tensor/free-numbers.js';
import { matrix } from '../../src/tensor/matrix.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { median } from '../figures.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

interface Answer {
  readonly rank: number;
  readonly stop: string;
  /** Relative error, or dB of a picture. */
  readonly value: number;
  readonly cpuSeconds: number;
}

export interface SmoothCell {
  readonly kind: 'smooth';
  readonly row: string;
  readonly seed: number;
  readonly smooth: Answer;
  /** Of planted ones. */
  readonly plain?: Answer;
  /** Of pictures, in dB. */
  readonly nearest?: number;
}

const shape = [40, 30, 12];
const planted = { rank: 3, noise: 0.1, smooth: [0, 1] };
const rows = [2.5, 6];
const picture = { size: 128, hidden: 0.7, count: 5, decibels: 33, seconds: 8 };
const firstSeed = 100_000;
const reach = 12;

export async function reproduceSmooth({
  backend,
  quick,
  seeds,
  log,
}: Circumstances): Promise<Omit<Reproduction, 'cells'> & { readonly cells: readonly SmoothCell[] }> {
  const ofPlanted: SmoothCell[] = [];
  for (const perNumber of rows) {
    for (const seed of seedsTo(quick ? 3 : seeds))
      ofPlanted.push(await plantedCell(backend, perNumber, firstSeed + seed));
  }
  const ofPictures: SmoothCell[] = [];
  for (const seed of seedsTo(quick ? 1 : picture.count)) ofPictures.push(await pictureCell(backend, firstSeed + seed));
  const cells = [...ofPlanted, ...ofPictures];
  log(`\n${smoothTable(cells)}\n`);
  return { cells, claims: [...plantedClaims(ofPlanted), pictureClaim(ofPictures)], figures: {} };
}

const plantedRow = (perNumber: number): string =>
  `${shape.join('×')}, rank ${planted.rank}, ${100 * planted.noise} % of noise, ${perNumber} cells per free number`;

async function plantedCell(backend: Backend, perNumber: number, seed: number): Promise<SmoothCell> {
  const random = randomStream(seed);
  const { data } = toDense(smoothTruth(random));
  const size = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  const share = (perNumber * freeNumbers(shape, planted.rank)) / sizeOf(shape);
  const known = data.map(() => Number(random.uniform() < share));
  const cells = Array.from(known.keys()).filter((at) => known[at] === 1);
  const target = observed(
    shape,
    cells.flatMap((at) => indexAt(at, shape)),
    cells.map((at) => data[at]! + planted.noise * size * random.normal()),
  );
  const errorOf = (model: Kruskal): number => {
    const found = toDense(model).data;
    const unknown = Array.from(data.keys()).filter((at) => known[at] === 0);
    const sumOf = (value: (at: number) => number): number => unknown.reduce((sum, at) => sum + value(at) ** 2, 0);
    return Math.sqrt(sumOf((at) => found[at]! - data[at]!) / sumOf((at) => data[at]!));
  };
  const options = { seed, backend };
  const { smooth } = planted;
  return {
    kind: 'smooth',
    row: plantedRow(perNumber),
    seed,
    smooth: await measured(target, { ...options, algorithm: { kind: 'variational', smooth } }, errorOf),
    plain: await measured(target, { ...options, algorithm: 'variational' }, errorOf),
  };
}

/** Half a wave to two waves over the length of a mode, and a peak of a tenth of it; normal numbers in the last mode. */
function smoothTruth(random: RandomStream): Kruskal {
  const { rank } = planted;
  const factors = shape.map((rows, mode) => {
    const factor = matrix(rows, rank, random.fillNormal(new Float64Array(rows * rank)));
    if (mode === shape.length - 1) return factor;
    for (let r = 0; r < rank; r++) {
      const waves = 0.5 + 1.5 * random.uniform();
      const phase = random.uniform();
      const center = random.uniform();
      for (let i = 0; i < rows; i++) {
        const x = i / rows;
        factor.data[i * rank + r] =
          Math.sin(2 * Math.PI * (waves * x + phase)) + Math.exp(-(((x - center) / 0.1) ** 2));
      }
    }
    return factor;
  });
  return { weights: new Float64Array(rank).fill(1), factors };
}

async function pictureCell(backend: Backend, seed: number): Promise<SmoothCell> {
  const { size } = picture;
  const whole = sample(size, seed);
  const { known } = hideCells(entriesOf(whole), { share: picture.hidden, seed, modes: 2 });
  const values = new Map<number, number>();
  known.values.forEach((value, entry) => values.set(placeOf(whole, known, entry), value));
  const withKnown = (value: (at: number) => number): Picture => ({
    ...whole,
    data: Uint8ClampedArray.from(whole.data, (_, at) => values.get(at) ?? value(at)),
  });
  const decibels = (model: Kruskal): number => {
    const { data } = toDense(model);
    return likeness(
      withKnown((at) => data[at]!),
      whole,
    );
  };
  const nearest = (at: number): number => {
    const pixel = Math.floor(at / 3);
    const row = Math.floor(pixel / size);
    const column = pixel % size;
    let best = { distance: Infinity, value: 0 };
    // So many pixels away is always a known one.
    for (let i = Math.max(0, row - reach); i < Math.min(size, row + reach); i++) {
      for (let j = Math.max(0, column - reach); j < Math.min(size, column + reach); j++) {
        const distance = (i - row) ** 2 + (j - column) ** 2;
        const value = distance < best.distance ? values.get(3 * (i * size + j) + (at % 3)) : undefined;
        if (value !== undefined) best = { distance, value };
      }
    }
    return best.value;
  };
  const smooth = await measured(
    known,
    { seed, backend, algorithm: { kind: 'variational', smooth: planted.smooth } },
    decibels,
  );
  const row = `picture, ${size} × ${size} × 3, ${100 * picture.hidden} % of the pixels hidden`;
  return { kind: 'smooth', row, seed, smooth, nearest: likeness(withKnown(nearest), whole) };
}

async function measured(
  target: Parameters<typeof decompose>[0] & { readonly kind: 'observed' },
  options: DecomposeOptions,
  valueOf: (model: Kruskal) => number,
): Promise<Answer> {
  const begun = process.cpuUsage();
  const { rank, stop, kruskal } = await decompose(target, options);
  const { user, system } = process.cpuUsage(begun);
  return { rank, stop, value: valueOf(kruskal), cpuSeconds: (user + system) / 1e6 };
}

export function smoothTable(cells: readonly SmoothCell[]): string {
  const names = [...new Set(cells.map(({ row }) => row))];
  const body = names.map((name) => {
    const own = cells.filter(({ row }) => row === name);
    const column = (answers: readonly (Answer | undefined)[], digits: number): string[] => {
      const given = answers.filter((answer) => answer !== undefined);
      if (given.length === 0) return ['', ''];
      return [
        median(given.map(({ value }) => value)).toFixed(digits),
        median(given.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
      ];
    };
    const isPicture = own[0]?.nearest !== undefined;
    const smooth = column(
      own.map((cell) => cell.smooth),
      isPicture ? 1 : 4,
    );
    const others = isPicture
      ? [median(own.map(({ nearest = NaN }) => nearest)).toFixed(1), '']
      : column(
          own.map(({ plain }) => plain),
          4,
        );
    return [name, String(own.length), ...smooth, ...others];
  });
  return markdownTable([['', 'runs', 'smooth', 'CPU s', 'without', 'CPU s'], ...body]);
}

function plantedClaims(cells: readonly SmoothCell[]): Claim[] {
  return rows.flatMap((perNumber) => {
    const own = cells.filter(({ row }) => row === plantedRow(perNumber));
    const ratio = median(own.map(({ smooth, plain }) => smooth.value / (plain?.value ?? NaN)));
    const sure = own.filter(({ smooth }) => smooth.stop === 'converged');
    const wrong = sure.filter(({ smooth }) => smooth.rank !== planted.rank).length;
    return [
      {
        claim: `${perNumber} cells per free number: error, of that without smooth`,
        paper: 'below 1',
        measured: ratio.toFixed(2),
        holds: ratio < 1,
      },
      {
        claim: `${perNumber} cells per free number: converged at another rank than planted`,
        paper: 'none',
        measured: `${wrong} of ${sure.length}`,
        holds: wrong === 0,
      },
    ];
  });
}

function pictureClaim(cells: readonly SmoothCell[]): Claim {
  const least = Math.min(...cells.map(({ smooth }) => smooth.value));
  const seconds = median(cells.map(({ smooth }) => smooth.cpuSeconds));
  return {
    claim: `pictures of which ${100 * picture.hidden} % is hidden`,
    paper: `${picture.decibels} dB or more, ${picture.seconds} s or less`,
    measured: `${least.toFixed(1)} dB or more, ${seconds.toFixed(1)} s in the median`,
    holds: least >= picture.decibels && seconds <= picture.seconds,
  };
}
