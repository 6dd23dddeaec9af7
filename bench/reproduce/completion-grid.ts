// Completion on a grid of problems that people have: orders 3 and 4, weights from 1 down to 1e-6, offsets up to 300 deviations, a tenth to
// nine tenths of the cells known, 3.5 to 10 known cells per free number. No rank is given; seeds that nothing was developed with.
//   exact   values without noise: the planted rank, the offset being one component more, and at the unknown cells an error ≤ 1e-8
//   noisy   noise of 1 to 50 % of the values' deviation: the planted rank; the error at the unknown cells at most 1.1 × that of the
//           least-squares fit that starts at the truth
//   none    noise alone: no component
// Errors are those of the cells that are not known, against the tensor without noise, relative to its deviation there.
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { problemOf } from '../../src/handles/problem.js';
import { decompose, observed, toDense, type Backend, type Kruskal } from '../../src/index.js';
import { chooseSome } from '../../src/problems/choose-some.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { freeNumbers } from '../../src/tensor/free-numbers.js';
import { indexAt } from '../../src/tensor/dense.js';
import { rankOf, toKruskal } from '../../src/tensor/kruskal.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { finished } from '../../src/yield.js';
import { deviation, plantedTruth } from './calibration-planted.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

/** One problem and what was answered. */
export interface GridAnswer {
  readonly seed: number;
  readonly about: string;
  readonly rank: number;
  readonly planted: number;
  /** At the unknown cells; of noise alone 0. */
  readonly error: number;
  /** The same of the least-squares fit that starts at the truth; 0 without noise. */
  readonly best: number;
  readonly stop: string;
  readonly agreeing: number;
  readonly cpuSeconds: number;
}

export interface GridCell {
  readonly kind: 'completion-grid';
  readonly row: RowName;
  readonly answers: readonly GridAnswer[];
}

type RowName = 'exact' | 'noisy' | 'none';

/** Runs of each row for every seed that is asked for, so that 20 seeds make 200, 100 and 100. */
const runsPerSeed: Record<RowName, number> = { exact: 10, noisy: 5, none: 5 };
const firstSeed = 60_000;
const exactError = 1e-8;
const nearBest = 1.1;
/** An answer with noise that is this far from the best is wrong. */
const farFromBest = 2;

export async function reproduceCompletionGrid(
  { backend, quick, seeds, log }: Circumstances,
  only = '',
): Promise<Omit<Reproduction, 'cells'> & { readonly cells: readonly GridCell[] }> {
  const [wanted = '', seed] = only.split('#');
  const cells: GridCell[] = [];
  for (const row of ['exact', 'noisy', 'none'] as const) {
    if (!row.includes(wanted)) continue;
    const count = quick ? 2 * seeds : runsPerSeed[row] * seeds;
    const numbers = seed === undefined ? seedsTo(count).map((index) => firstSeed + index) : [Number(seed)];
    const answers: GridAnswer[] = [];
    for (const own of numbers) {
      const answer = await measure(row, own, backend);
      answers.push(answer);
      if (seed !== undefined || !isRight(row, answer)) log(`  --only ${row}#${own}: ${told(answer)}`);
    }
    cells.push({ kind: 'completion-grid', row, answers });
  }
  log(`\n${gridTable(cells)}\n`);
  return { claims: cells.map(claimOf).concat(claimOfTrust(cells)), cells, figures: {} };
}

async function measure(row: RowName, seed: number, backend: Backend): Promise<GridAnswer> {
  const random = randomStream(seed);
  const { truth, noise, known, about } = draw(row, seed, random);
  const { shape, data } = toDense(truth);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const size = noise * deviation(truth);
  const normals = random.fillNormal(new Float64Array(data.length));
  // Of noise alone nothing of the planted tensor is left.
  const values = data.map((value, at) => (row === 'none' ? 0 : value) + size * normals[at]!);
  const cells = Array.from(known.keys()).filter((at) => known[at] === 1);
  const target = observed(
    shape,
    cells.flatMap((at) => indexAt(at, shape)),
    cells.map((at) => values[at]!),
  );
  const errorOf = (model: Kruskal): number => {
    const found = toDense(model).data;
    let left = 0;
    let total = 0;
    known.forEach((isKnown, at) => {
      if (isKnown) return;
      left += (found[at]! - data[at]!) ** 2;
      total += (data[at]! - mean) ** 2;
    });
    return Math.sqrt(left / total);
  };
  const best =
    row === 'noisy' ? errorOf(toKruskal(finished(polishedSampled(problemOf(target).view, truth)).kruskal)) : 0;
  const begun = process.cpuUsage();
  const { rank, kruskal, stop, starts } = await decompose(target, { seed, backend });
  const { user, system } = process.cpuUsage(begun);
  return {
    seed,
    about: `${about}, ${target.count} of ${data.length} cells`,
    rank,
    planted: row === 'none' ? 0 : rankOf(truth),
    error: row === 'none' || rank === 0 ? Number(row !== 'none') : errorOf(kruskal),
    best,
    stop,
    agreeing: starts.agreeing,
    cpuSeconds: (user + system) / 1e6,
  };
}

/** A problem of the grid: drawn again until its known cells are a tenth to nine tenths. */
function draw(row: RowName, seed: number, random: RandomStream) {
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)]!;
  const integer = (from: number, to: number): number => from + Math.floor(random.uniform() * (to - from + 1));
  for (;;) {
    const order = oneOf([3, 4]);
    const shape = Array.from({ length: order }, () => (order === 3 ? integer(8, 25) : integer(5, 10)));
    const rank = integer(1, 5);
    const last = row === 'exact' ? oneOf([1, 1e-2, 1e-4, 1e-6]) : 1;
    const offset = row === 'exact' ? oneOf([0, 1, 20, 300]) : 0;
    const noise = row === 'exact' ? 0 : row === 'none' ? 1 : oneOf([0.01, 0.05, 0.1, 0.2, 0.5]);
    const perNumber = 3.5 + 6.5 * random.uniform();
    const weights = Array.from({ length: rank }, (_, r) => last ** (rank > 1 ? r / (rank - 1) : 0));
    const truth = plantedTruth(seed, { shape, rank, weights, offset });
    const size = sizeOf(shape);
    const count = Math.round(perNumber * freeNumbers(shape, rankOf(truth)));
    if (count < 0.1 * size || count > 0.9 * size) continue;
    const known = new Uint8Array(size);
    for (const at of chooseSome(random, count, size)) known[at] = 1;
    const about = `${shape.join('×')}, rank ${rank}, weights to ${last}, offset ${offset}, noise ${noise}, ${perNumber.toFixed(1)} values per number`;
    return { truth, noise, known, about };
  }
}

const isNear = (row: RowName, { error, best }: GridAnswer): boolean =>
  row === 'exact' ? error <= exactError : row === 'none' || error <= nearBest * best;

const hasRank = ({ rank, planted }: GridAnswer): boolean => rank === planted;

const isRight = (row: RowName, answer: GridAnswer): boolean => isNear(row, answer) && hasRank(answer);

/** Said to be right, and far from it. */
const isWronglyTrusted = (row: RowName, answer: GridAnswer): boolean =>
  answer.stop === 'converged' &&
  (row === 'exact'
    ? !isRight(row, answer)
    : row === 'none'
      ? answer.rank > 0
      : answer.error > farFromBest * answer.best);

const told = ({ about, rank, planted, error, best, stop, agreeing }: GridAnswer): string =>
  `${about}: rank ${rank} of ${planted}, error ${error.toExponential(1)}${best > 0 ? `, ${(error / best).toFixed(2)} × the best` : ''}, ${stop}, ${agreeing} agree`;

function claimOf({ row, answers }: GridCell): Claim {
  const right = answers.filter((answer) => isRight(row, answer)).length;
  const near = answers.filter((answer) => isNear(row, answer)).length;
  const ranks = answers.filter(hasRank).length;
  const wanted = { exact: 0.995, noisy: 0.95, none: 0.99 }[row];
  const enough = (count: number): boolean => count >= Math.floor(wanted * answers.length);
  const measured =
    row === 'noisy'
      ? `${near} within ${nearBest} × the best, ${ranks} of the planted rank, of ${answers.length}`
      : `${right} of ${answers.length}`;
  return {
    claim: { exact: 'without noise: exact', noisy: 'with noise', none: 'noise alone: no component' }[row],
    paper: `${100 * wanted} %`,
    measured,
    holds: row === 'noisy' ? enough(near) && enough(ranks) : enough(right),
  };
}

function claimOfTrust(cells: readonly GridCell[]): Claim {
  const all = cells.flatMap(({ row, answers }) => answers.map((answer) => ({ row, answer })));
  const said = all.filter(({ answer }) => answer.stop === 'converged');
  const wrong = said.filter(({ row, answer }) => isWronglyTrusted(row, answer));
  return {
    claim: 'said to be right',
    paper: 'never wrong, and found twice',
    measured: `${wrong.length} wrong of ${said.length} said, of ${all.length} in all; ${said.filter(({ answer }) => answer.agreeing < 2).length} found once`,
    holds: wrong.length === 0 && said.every(({ answer }) => answer.agreeing >= 2),
  };
}

function gridTable(cells: readonly GridCell[]): string {
  const head = ['row', 'problems', 'right', 'said to be right', 'mean CPU s', 'max CPU s'];
  const rows = cells.map(({ row, answers }) => [
    row,
    String(answers.length),
    String(answers.filter((answer) => isRight(row, answer)).length),
    String(answers.filter(({ stop }) => stop === 'converged').length),
    (answers.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / answers.length).toFixed(2),
    Math.max(...answers.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1),
  ]);
  return markdownTable([head, ...rows]);
}
