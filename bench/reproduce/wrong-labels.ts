// Wrong labels: a model that could fit them fits the right ones first, and must go far from its start to fit the wrong ones, so that
// stopping early keeps what is true (Li, Soltanolkotabi & Oymak, "Gradient descent with early stopping is provably robust to label
// noise for overparameterized neural networks", AISTATS 2020, arXiv 1903.11680; here a CP model of digits instead of a network).
// Labels "is it a 6?" of 4,000 images are flipped with a probability; so are those of 2,000 others, by which the run is stopped.
//   The score: the share of these held-out labels that the model tells wrong. Flips of probability p turn a share e of errors into
//   p + (1 − 2p) e, so that it is least where e is. A median or Huber's loss of the residuals does not do: the model predicts means, p and
//   1 − p, and so close to the labels' median a constant is as good. Huber's score stands in the record.
//   The model: a tensor of order 196, one mode per 2 × 2 pixels with their 16 patterns as indices, 20 components, Adam. On single pixels,
//   order 784 with two indices, the same is to be seen less clearly: the prediction swings with every step, as all modes move the
//   scale of the product together. It is measured beside. Smaller training sets (1,000 images) learn the wrong labels at once.
import { decomposeSteps, observed, type Backend } from '../../src/index.js';
import { predictEntries } from '../../src/analysis/predict.js';
import { randomStream } from '../../src/random/stream.js';
import { toKruskal, type Kruskal } from '../../src/tensor/kruskal.js';
import { median } from '../figures.js';
import { dataSet, pixels, readDigits, type Digits, type Examples } from './digits.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';
import type { LabelCell, LabelState } from './wrong-labels-cells.js';
import { wrongLabelsFigure } from './wrong-labels-figure.js';

export interface WrongLabelsPlan {
  readonly train: number;
  readonly held: number;
  readonly test: number;
  readonly rank: number;
  readonly steps: number;
  readonly flips: readonly number[];
  readonly seeds: number;
  /** Sides of the blocks of pixels that are one mode: 2, or 1 for single pixels. */
  readonly blocks: readonly number[];
}

const plan: WrongLabelsPlan = {
  train: 4000,
  held: 2000,
  test: 3000,
  rank: 20,
  steps: 2000,
  flips: [0, 0.1, 0.3, 0.5],
  seeds: 1,
  blocks: [2, 1],
};
const quickPlan: WrongLabelsPlan = { ...plan, steps: 1500, flips: [0, 0.3], seeds: 1, blocks: [2] };

export const reproduceWrongLabels = ({ backend, quick, seeds, log }: Circumstances): Promise<Reproduction> => {
  const chosen = quick ? quickPlan : plan;
  return measureWrongLabels(backend, { ...chosen, seeds: Math.min(seeds, chosen.seeds) }, log);
};

export async function measureWrongLabels(
  backend: Backend,
  settings: WrongLabelsPlan,
  log: (line: string) => void,
): Promise<Reproduction & { readonly cells: readonly LabelCell[] }> {
  const digits = readDigits();
  const cells: LabelCell[] = [];
  for (const block of settings.blocks) {
    // Single pixels are there for comparison: without and with the flips of the claim, once.
    const isMain = block === settings.blocks[0];
    for (const flips of isMain ? settings.flips : [0, claimed]) {
      for (const seed of seedsTo(isMain ? settings.seeds : 1)) {
        const cell = await measureLabels(backend, digits, settings, { block, flips, seed });
        log(
          `order ${cell.order}, ${percent(flips)} flipped, seed ${seed}: ${told(cell)}, ${cell.seconds.toFixed(0)} s`,
        );
        cells.push(cell);
      }
    }
  }
  log(`\n${labelTable(cells)}\n`);
  return { claims: labelClaims(cells), cells, figures: { steps: wrongLabelsFigure(cells) } };
}

interface LabelInput {
  readonly block: number;
  readonly flips: number;
  readonly seed: number;
}

const flipStream = 4;
const learningRate = 5e-4;

export async function measureLabels(
  backend: Backend,
  digits: Digits,
  { train: count, held: heldCount, test: testCount, rank, steps }: WrongLabelsPlan,
  { block, flips, seed }: LabelInput,
): Promise<LabelCell> {
  const begun = performance.now();
  const all = dataSet(digits, 'digits', seed, { train: count + heldCount, test: testCount });
  const random = randomStream(seed, flipStream);
  const flipped = Array.from(all.train.values, () => random.uniform() < flips);
  const noisy = all.train.values.map((label, e) => (flipped[e] === true ? 1 - label : label));
  const images = inBlocks(all.train.indices, block);
  const order = (28 / block) ** 2;
  const train: Examples = { indices: images.slice(0, count * order), values: noisy.slice(0, count) };
  const held: Examples = { indices: images.slice(count * order), values: noisy.slice(count) };
  const test: Examples = { indices: inBlocks(all.test.indices, block), values: all.test.values };
  const mean = train.values.reduce((sum, value) => sum + value, 0) / count;
  const run = decomposeSteps(observed(new Array<number>(order).fill(2 ** (block ** 2)), train.indices, train.values), {
    algorithm: {
      kind: 'completion',
      optimizer: 'adam',
      learningRate,
      schedule: 'constant',
      batchSize: 250,
      initMean: (mean / rank) ** (1 / order),
      initScale: 1e-3,
      validation: 0,
      compaction: false,
    },
    rank,
    width: rank,
    starts: 1,
    seed,
    tolerance: 1e-6,
    maxSteps: steps,
    backend,
    reportModels: true,
  });
  const history: LabelState[] = [];
  let start: Kruskal | undefined;
  for await (const { step, phase, kruskal } of run) {
    if (phase !== 'search' || !kruskal) break;
    const model = toKruskal(kruskal);
    start ??= model;
    const isTold = toldRightly(model, train);
    const share = (some: readonly boolean[]): number => some.filter(Boolean).length / Math.max(1, some.length);
    const residuals = predictEntries(model, held.indices).map((value, e) => value - held.values[e]!);
    history.push({
      step,
      right: share(isTold.filter((_, e) => flipped[e] !== true)),
      wrong: share(isTold.filter((_, e) => flipped[e] === true)),
      test: share(toldRightly(model, test)),
      heldOut: 1 - share(toldRightly(model, held)),
      huber: residuals.reduce((sum, residual) => sum + huber(residual), 0) / residuals.length,
      distance: distanceOf(start, model),
    });
  }
  const minBy = (key: 'heldOut' | 'huber'): LabelState =>
    history.reduce((best, state) => (state[key] < best[key] ? state : best));
  const end = history.at(-1);
  if (!end) throw new Error('wrong-labels: a run without a report.');
  return {
    kind: 'labels',
    order,
    flips,
    seed,
    chosen: minBy('heldOut'),
    chosenByHuber: minBy('huber'),
    end,
    history,
    seconds: (performance.now() - begun) / 1e3,
  };
}

/** Multi-indices with one mode per block of pixels, whose index is the pattern of the block. */
export function inBlocks(indices: Uint32Array, block: number): Uint32Array {
  const side = 28 / block;
  const order = side ** 2;
  const out = new Uint32Array((indices.length / pixels) * order);
  indices.forEach((pixel, at) => {
    const image = Math.floor(at / pixels);
    const row = Math.floor((at % pixels) / 28);
    const mode = Math.floor(row / block) * side + Math.floor((at % 28) / block);
    out[image * order + mode] = 2 * out[image * order + mode]! + pixel;
  });
  return out;
}

const toldRightly = (model: Kruskal, { indices, values }: Examples): boolean[] =>
  Array.from(predictEntries(model, indices), (prediction, e) => prediction > 0.5 === values[e]! > 0.5);

const huber = (residual: number): number => {
  const beta = 0.25;
  const size = Math.abs(residual);
  return size < beta ? size ** 2 / (2 * beta) : size - beta / 2;
};

/** Of unit vectors, which the models in reports have. */
function distanceOf(start: Kruskal, model: Kruskal): number {
  const squares = model.factors.reduce(
    (total, { data }, mode) =>
      total + data.reduce((sum, value, at) => sum + (value - start.factors[mode]!.data[at]!) ** 2, 0),
    0,
  );
  return Math.sqrt(squares / (model.factors.length * model.weights.length));
}

/** The share of flips that the claims are about. */
const claimed = 0.3;

export function labelClaims(cells: readonly LabelCell[]): Claim[] {
  const orders = [...new Set(cells.map(({ order }) => order))];
  return orders.flatMap((order) => claimsOf(cells.filter((cell) => cell.order === order)));
}

function claimsOf(cells: readonly LabelCell[]): Claim[] {
  const over = (flips: number, of: (cell: LabelCell) => number): number =>
    median(cells.filter((cell) => cell.flips === flips).map(of));
  const order = cells[0]?.order ?? 0;
  const clean = over(0, ({ chosen }) => chosen.test);
  const stopped = over(claimed, ({ chosen }) => chosen.test);
  const end = over(claimed, (cell) => cell.end.test);
  const ratio = over(claimed, (cell) => cell.end.distance / cell.chosen.distance);
  const fitted = (of: 'chosen' | 'end', labels: 'right' | 'wrong'): string =>
    percent(over(claimed, (cell) => cell[of][labels]));
  const first = `order ${order}, ${percent(claimed)} flipped`;
  return [
    {
      claim: `${first}: the right labels first, the wrong ones later`,
      paper: 'so',
      measured: `when stopped ${fitted('chosen', 'right')} and ${fitted('chosen', 'wrong')} are fitted, at the end ${fitted('end', 'right')} and ${fitted('end', 'wrong')}`,
      holds: over(claimed, ({ chosen }) => chosen.wrong) < 0.15 && over(claimed, (cell) => cell.end.wrong) > 0.3,
    },
    {
      claim: `${first}: test accuracy when stopped, within 2 points of labels without flips`,
      paper: 'robust',
      measured: `${percent(stopped)}, without flips ${percent(clean)}`,
      holds: stopped > clean - 0.02,
    },
    {
      claim: `${first}: test accuracy at the end, 5 points worse or more`,
      paper: 'overfits',
      measured: percent(end),
      holds: end < stopped - 0.05,
    },
    {
      claim: `${first}: distance from the start, at the end 3 times that when stopped`,
      paper: 'far from the start',
      measured: `${ratio.toFixed(1)} times`,
      holds: ratio >= 3,
    },
  ];
}

export const percent = (share: number): string =>
  `${(100 * share).toFixed(share === 0 || share * 10 === Math.round(share * 10) ? 0 : 1)} %`;

const told = ({ chosen, end }: LabelCell): string =>
  `stopped at ${chosen.step} with test accuracy ${percent(chosen.test)}, at the end ${percent(end.test)}`;

function labelTable(cells: readonly LabelCell[]): string {
  return markdownTable([
    [
      'order',
      'flipped',
      'stopped at',
      'test',
      'test at the end',
      'wrong labels fitted',
      'at the end',
      'distance ratio',
    ],
    ...cells.map(({ order, flips, chosen, end }) => [
      String(order),
      percent(flips),
      String(chosen.step),
      percent(chosen.test),
      percent(end.test),
      percent(chosen.wrong),
      percent(end.wrong),
      (end.distance / chosen.distance).toFixed(1),
    ]),
  ]);
}
