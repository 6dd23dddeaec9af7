// Tensor rank as a measure of data: digits as entries of a tensor of order 784 are fitted, and predicted, with rank 1; random
// labels or images are not predicted at all, and take more rank to be fitted (Razin, Maman, Cohen, "Implicit Regularization in
// Tensor Factorization", ICML 2021, arXiv 2102.09972, section 5). For every rank, a CP model of that many components trains by
// Adam on minibatches of the squared error.
//   Beside the paper: 8,000 images instead of 60,000; random images have the density of the real ones; a step of 0.001 falling
//   with a cosine; 4,000 steps of 250 images, where the paper takes 120,000 of 5,000. Factors begin near the number with which
//   the first prediction is the mean label. With the paper's mean of 1 it is the rank, and what Adam remembers of those
//   gradients holds it up for thousands of steps.
import { decompose, observed, type Backend } from '../../src/index.js';
import { predictEntries } from '../../src/analysis/predict.js';
import { toKruskal, type Kruskal } from '../../src/tensor/kruskal.js';
import { dataKinds, dataSet, pixels, readDigits, type DataKind, type DataSet, type Examples } from './digits.js';
import type { RankCell, RankRun } from './rank-of-data-cells.js';
import { rankFigure } from './rank-of-data-figures.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

export interface RankSetting {
  readonly train: number;
  readonly test: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly ranks: readonly number[];
  readonly repeats: number;
}

const setting: RankSetting = {
  train: 8000,
  test: 2000,
  batchSize: 250,
  steps: 4000,
  ranks: [1, 3, 5, 10, 15],
  repeats: 3,
};
const quickSetting: RankSetting = {
  train: 3000,
  test: 1000,
  batchSize: 250,
  steps: 800,
  ranks: [1, 5],
  repeats: 1,
};

export const reproduceRankOfData = ({ backend, quick, seeds, log }: Circumstances): Promise<Reproduction> => {
  const plan = quick ? quickSetting : setting;
  return measureRanks(backend, { ...plan, repeats: Math.min(seeds, plan.repeats) }, log);
};

export async function measureRanks(
  backend: Backend,
  plan: RankSetting,
  log: (line: string) => void,
): Promise<Reproduction & { readonly cells: readonly RankCell[] }> {
  const digits = readDigits();
  const cells: RankCell[] = [];
  for (const kind of dataKinds) {
    const sets = seedsTo(plan.repeats).map((seed) => dataSet(digits, kind, seed, plan));
    for (const rank of plan.ranks) {
      const runs: RankRun[] = [];
      for (const [seed, set] of sets.entries()) runs.push(await measureRank(backend, set, { ...plan, rank, seed }));
      const cell = { kind, rank, ...meansOf(runs), runs };
      log(`${kind}, rank ${rank}: train ${error(cell.train)}, test ${error(cell.test)}, ${total(runs).toFixed(0)} s`);
      cells.push(cell);
    }
  }
  log(`\n${rankTable(cells)}\n`);
  return { claims: claimsOf(cells), cells, figures: { errors: rankFigure(cells) } };
}

interface Fit {
  readonly rank: number;
  readonly seed: number;
  readonly batchSize: number;
  readonly steps: number;
}

export async function measureRank(backend: Backend, { train, test, variance }: DataSet, fit: Fit): Promise<RankRun> {
  const { rank, seed, batchSize, steps: maxSteps } = fit;
  const mean = train.values.reduce((sum, value) => sum + value, 0) / train.values.length;
  const { kruskal, steps, seconds } = await decompose(
    observed(new Array<number>(pixels).fill(2), train.indices, train.values),
    {
      algorithm: {
        kind: 'completion',
        optimizer: 'adam',
        learningRate: 1e-3,
        schedule: 'cosine',
        batchSize,
        initMean: (mean / rank) ** (1 / pixels),
        initScale: 1e-3,
        validation: 0,
        compaction: false,
      },
      rank,
      width: rank,
      starts: 1,
      seed,
      tolerance: 1e-6,
      maxSteps,
      backend,
    },
  );
  const model = toKruskal(kruskal);
  return {
    seed,
    steps,
    seconds,
    variance,
    train: meanSquare(model, train, Infinity),
    test: meanSquare(model, test, 1),
  };
}

function meanSquare(model: Kruskal, { indices, values }: Examples, most: number): number {
  const predictions = predictEntries(model, indices);
  return values.reduce((sum, value, e) => sum + Math.min(most, (predictions[e]! - value) ** 2), 0) / values.length;
}

function meansOf(runs: readonly RankRun[]) {
  const mean = (key: 'train' | 'test' | 'variance'): number =>
    runs.reduce((sum, run) => sum + run[key], 0) / runs.length;
  return { train: mean('train'), test: mean('test'), variance: mean('variance') };
}

/** The complexity of a data set: the least of the ranks tried that fits it to this share of its variance. */
export const rankToFit = (cells: readonly RankCell[], kind: DataKind, share: number): number | undefined =>
  cells
    .filter((cell) => cell.kind === kind && cell.train <= share * cell.variance)
    .map(({ rank }) => rank)
    .sort((a, b) => a - b)[0];

function claimsOf(cells: readonly RankCell[]): Claim[] {
  const of = (kind: DataKind): RankCell[] => cells.filter((cell) => cell.kind === kind);
  const digits = of('digits');
  const first = digits[0];
  const last = digits.at(-1);
  if (!first || !last) return [];
  return [
    {
      claim: 'digits, rank 1: squared error on train and test images',
      paper: 'about 0.023 and 0.025',
      measured: `${error(first.train)} and ${error(first.test)}, variance ${error(first.variance)}`,
      holds: first.train < first.variance / 3 && first.test < first.variance / 3,
    },
    {
      claim: `digits, rank ${last.rank}: no harm by more rank`,
      paper: 'the same or better',
      measured: `${error(last.train)} and ${error(last.test)}`,
      holds: last.test < last.variance / 3,
    },
    fitClaim(of('random labels'), first, '0.088 → 0.044'),
    fitClaim(of('random images'), first, '0.088 → 0.015'),
    testClaim(of('random labels')),
    testClaim(of('random images')),
    complexityClaim(cells),
  ];
}

function fitClaim(cells: readonly RankCell[], digits: RankCell, paper: string): Claim {
  const errors = cells.map(({ train }) => train);
  const first = errors[0] ?? NaN;
  const last = errors.at(-1) ?? NaN;
  return {
    claim: `${cells[0]?.kind ?? ''}, rank ${cells[0]?.rank ?? 0} → ${cells.at(-1)?.rank ?? 0}: train error`,
    paper: `about ${paper}`,
    measured: `${error(first)} → ${error(last)}`,
    holds: last < first && errors.every((train) => train > 2 * digits.train),
  };
}

function testClaim(cells: readonly RankCell[]): Claim {
  const tests = cells.map(({ test }) => test);
  return {
    claim: `${cells[0]?.kind ?? ''}: test error`,
    paper: 'above the variance, up to 0.14–0.15',
    measured: `${error(Math.min(...tests))}–${error(Math.max(...tests))}`,
    holds: cells.every(({ test, variance }) => test > variance),
  };
}

/** Within this share of the variance counts as fitted. */
const fitted = 0.25;

function complexityClaim(cells: readonly RankCell[]): Claim {
  const [digits, ...random] = dataKinds.map((kind) => rankToFit(cells, kind, fitted));
  const most = Math.max(...cells.map(({ rank }) => rank));
  const told = (rank: number | undefined): string => (rank === undefined ? `more than ${most}` : `${rank}`);
  return {
    claim: `rank that fits to ${fitted} of the variance: digits, random labels, random images`,
    paper: 'low for digits, high for random data',
    measured: [digits, ...random].map(told).join(', '),
    holds: digits === 1 && random.every((rank) => rank === undefined || rank > 5),
  };
}

function rankTable(cells: readonly RankCell[]): string {
  const ranks = [...new Set(cells.map(({ rank }) => rank))];
  return markdownTable([
    ['train / test', ...ranks.map((rank) => `rank ${rank}`)],
    ...dataKinds.map((kind) => [
      kind,
      ...cells.filter((cell) => cell.kind === kind).map(({ train, test }) => `${error(train)} / ${error(test)}`),
    ]),
  ]);
}

const total = (runs: readonly RankRun[]): number => runs.reduce((sum, { seconds }) => sum + seconds, 0);

const error = (value: number): string => value.toFixed(4);
