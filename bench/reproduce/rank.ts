// The rank of dense tensors by `decompose` that is told nothing: planted tensors, on seeds that it was not developed with.
//   right   the planted rank, and a factor match score above 0.99. Where the noise moves even the least-squares fit that starts at the
//           truth further away than that, a score of no less than that of this fit, within 0.01. Of noise alone: rank 0
// Each miss is listed with its seed, the answer, the confidence and the ranks that were looked at. At the end, how often each confidence
// is right.
import { decompose, dense, factorMatchScore, matchComponents, type Backend, type Kruskal } from '../../src/index.js';
import type { Confidence } from '../../src/rank-choice/verdict.js';
import { denseNorm } from '../../src/tensor/dense.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { normalize } from '../../src/tensor/normalize.js';
import { polishedCp } from './calibration-planted.js';
import { rankGroups, type RankGroup, type RankInstance, type RankRow } from './rank-cases.js';
import { markdownTable, seedsTo, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

/** One tensor and what was answered. */
export interface RankAnswer {
  readonly seed: number;
  readonly isRight: boolean;
  /** Whether all that is wrong is that components are missing which are weaker than what it said may have been missed. */
  readonly isForewarned: boolean;
  readonly confidence: Confidence | 'none';
  readonly found: string;
  readonly cpuSeconds: number;
}

export interface RankCell {
  readonly kind: 'rank';
  readonly group: string;
  readonly row: string;
  readonly runs: number;
  readonly right: number;
  /** By confidence: how many answers are right, how many have missed only what they said may be missed, and all. */
  readonly byConfidence: Readonly<Record<string, readonly [right: number, forewarned: number, runs: number]>>;
  readonly misses: readonly RankAnswer[];
  readonly meanCpuSeconds: number;
  readonly maxCpuSeconds: number;
}

/** Seeds below were used while the algorithm was developed. */
const firstSeed = 1000;
const matchAbove = 0.99;
const quickSeeds = 2;

/** `only`: a part of the names of rows; with #1007 at its end, their instance of that seed alone. */
export async function reproduceRank(
  { backend, quick, seeds, log }: Circumstances,
  only = '',
): Promise<Omit<Reproduction, 'cells'> & { readonly cells: readonly RankCell[] }> {
  const [wanted = '', seed] = only.split('#');
  const cells: RankCell[] = [];
  for (const { group, row } of rowsOf(wanted)) {
    const count = Math.max(1, Math.round(row.share * (quick ? Math.min(seeds, quickSeeds) : seeds)));
    const all = seed === undefined ? seedsTo(count).map((index) => firstSeed + index) : [Number(seed)];
    const answers: RankAnswer[] = [];
    for (const own of all) {
      const answer = await measure(row, own, backend);
      if (!answer.isRight || seed !== undefined) log(`  --only "${row.name}#${own}": ${answer.found}`);
      answers.push(answer);
    }
    const cell = cellOf(group.name, row.name, answers);
    log(rowOf(cell).join('  '));
    cells.push(cell);
  }
  log(`\n${rankTable(cells)}\n\n${confidenceTable(cells)}\n`);
  return { claims: rankClaims(cells), cells, figures: {} };
}

function rowsOf(wanted: string): { readonly group: RankGroup; readonly row: RankRow }[] {
  const all = rankGroups.flatMap((group) => group.rows.map((row) => ({ group, row })));
  const some = all.filter(({ row }) => row.name.includes(wanted));
  if (some.length > 0) return some;
  const known = all.map(({ row }) => row.name).join('; ');
  throw new Error(`rank: expected --only to be a part of a row's name, got ${wanted}. Known: ${known}.`);
}

async function measure(row: RankRow, seed: number, backend: Backend): Promise<RankAnswer> {
  const instance = row.draw(seed, seed - firstSeed);
  const { shape, data, known } = instance.tensor;
  const begun = process.cpuUsage();
  const { kruskal, rank, rankChoice } = await decompose(known ? dense(shape, data, { known }) : dense(shape, data), {
    seed,
    backend,
  });
  const { user, system } = process.cpuUsage(begun);
  const wanted = rankOf(instance.truth);
  const score = rank === wanted && wanted > 0 ? factorMatchScore(kruskal, instance.truth) : undefined;
  const isRight = rank === wanted && (score === undefined || score > neededScore(instance, score));
  const candidates = rankChoice?.candidates.map(
    (one) =>
      `${one.rank}: error ${one.relativeError.toPrecision(4)}, ${one.noiseRatio.toPrecision(3)} × noise, ` +
      `share ${one.share.toPrecision(2)}, consistency ${one.coreConsistency?.toFixed(0) ?? 'none'}, ` +
      `${one.agreeing}/${one.starts} agree, cosine ${one.minCosine.toFixed(2)} ${one.refusals.join(' ')}`,
  );
  const { confidence = 'none', verdict = 'none' } = rankChoice ?? {};
  const found =
    `rank ${rank} of ${wanted}${score === undefined ? '' : `, score ${score.toFixed(4)}`}, ${verdict} (${confidence}), ` +
    `core ${rankChoice?.compression.core.join('×')}, ${rankChoice?.compression.isWhite ? 'white' : 'structured'}; ${candidates?.join('; ')}`;
  const isForewarned = !isRight && missesOnly(kruskal, instance, rankChoice?.visibleFrom ?? 0);
  return { seed, isRight, isForewarned, confidence, found, cpuSeconds: (user + system) / 1e6 };
}

/** Whether the model is components of the truth, all but some of less than `below` of the tensor's norm. */
function missesOnly(found: Kruskal, { tensor, truth }: RankInstance, below: number): boolean {
  const wanted = normalize(truth);
  const { permutation } = matchComponents(found, wanted, { weightPenalty: false });
  const missed = Array.from(wanted.weights.keys()).filter((component) => !permutation.includes(component));
  const norm = denseNorm(tensor);
  return (
    permutation.every((partner) => partner >= 0) &&
    missed.every((component) => Math.abs(wanted.weights[component]!) < below * norm)
  );
}

/** The factor match score that a right answer has; where noise moves even the least-squares fit that starts at the truth further, what that has. */
export function neededScore({ tensor, truth }: RankInstance, score: number): number {
  if (score > matchAbove) return matchAbove;
  const fitted: Kruskal = polishedCp(tensor, truth).model;
  return Math.min(matchAbove, factorMatchScore(fitted, truth) - (1 - matchAbove));
}

export function cellOf(group: string, row: string, answers: readonly RankAnswer[]): RankCell {
  const times = answers.map(({ cpuSeconds }) => cpuSeconds);
  const byConfidence: Record<string, [number, number, number]> = {};
  for (const { confidence, isRight, isForewarned } of answers) {
    const [right, forewarned, runs] = byConfidence[confidence] ?? [0, 0, 0];
    byConfidence[confidence] = [right + Number(isRight), forewarned + Number(isForewarned), runs + 1];
  }
  const misses = answers.filter(({ isRight }) => !isRight);
  return {
    kind: 'rank',
    group,
    row,
    runs: answers.length,
    right: answers.length - misses.length,
    byConfidence,
    misses,
    meanCpuSeconds: times.reduce((sum, time) => sum + time, 0) / times.length,
    maxCpuSeconds: Math.max(...times),
  };
}

const rowOf = ({ row, runs, right, byConfidence, meanCpuSeconds, maxCpuSeconds }: RankCell): string[] => [
  row,
  `${right} of ${runs}`,
  ...confidences.map((confidence) => String(byConfidence[confidence]?.[2] ?? 0)),
  meanCpuSeconds.toFixed(3),
  maxCpuSeconds.toFixed(3),
];

const confidences: readonly Confidence[] = ['sure', 'good', 'fair', 'open'];

export const rankTable = (cells: readonly RankCell[]): string =>
  markdownTable([['planted', 'right', ...confidences, 'mean CPU s', 'max CPU s'], ...cells.map(rowOf)]);

/** How often each confidence is right. */
export function confidenceTable(cells: readonly RankCell[]): string {
  const rows = confidences.map((confidence) => {
    const counts = cells.map(({ byConfidence }) => byConfidence[confidence] ?? [0, 0, 0]);
    const right = counts.reduce((sum, [count]) => sum + count, 0);
    const forewarned = counts.reduce((sum, [, count]) => sum + count, 0);
    const runs = counts.reduce((sum, [, , count]) => sum + count, 0);
    const share = runs > 0 ? `${((100 * right) / runs).toFixed(1)} %` : '';
    return [confidence, String(runs), String(right), share, String(forewarned), String(runs - right - forewarned)];
  });
  return markdownTable([['confidence', 'answers', 'right', 'share', 'missed as said', 'wrong'], ...rows]);
}

/** One claim per group of which a row was measured, but for those of which nothing is claimed. */
export function rankClaims(cells: readonly RankCell[]): Claim[] {
  return rankGroups.flatMap(({ name, accepted }): Claim[] => {
    const own = cells.filter(({ group }) => group === name);
    if (own.length === 0 || accepted === undefined) return [];
    const runs = own.reduce((sum, cell) => sum + cell.runs, 0);
    const right = own.reduce((sum, cell) => sum + cell.right, 0);
    const needed = runs - Math.floor(accepted * runs);
    const missed = own.flatMap(({ row, misses }) => misses.map(({ seed }) => `${row}#${seed}`));
    return [
      {
        claim: name,
        paper: `${needed} of ${runs} right`,
        measured: `${right} of ${runs}${missed.length > 0 ? `, not ${missed.join('; ')}` : ''}`,
        holds: right >= needed,
      },
    ];
  });
}
