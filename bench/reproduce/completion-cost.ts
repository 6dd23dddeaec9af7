// What a sweep of completion costs: CPU time and memory against the number of entries, the order and the number of components, as fitted
// exponents. All sizes of a row take turns, so that a slower minute of the machine falls on each; medians of the rounds. Memory is what
// the arrays of the sorted entries and of the model hold.
import { observed } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { entriesOf, type Entries } from '../../src/variational/entries.js';
import { constantModel, copyOf, wideModel, type VariationalModel } from '../../src/variational/model.js';
import { sweep } from '../../src/variational/sweep.js';
import { finished } from '../../src/yield.js';
import { fittedExponent, median } from '../figures.js';
import { markdownTable, type Circumstances, type Claim, type Reproduction } from './reproduction.js';

interface Size {
  readonly count: number;
  readonly order: number;
  readonly rank: number;
}

interface CostRow {
  readonly variable: keyof Size;
  readonly sizes: readonly Size[];
  /** Of the time. */
  readonly wanted: number;
}

export interface CostCell extends Size {
  readonly kind: 'completion-cost';
  readonly variable: keyof Size;
  /** CPU seconds of one sweep. */
  readonly seconds: number;
  readonly bytes: number;
}

const usual: Size = { count: 100_000, order: 3, rank: 8 };
const rows: readonly CostRow[] = [
  { variable: 'count', sizes: [25, 50, 100, 200, 400].map((k) => ({ ...usual, count: 1000 * k })), wanted: 1.1 },
  { variable: 'order', sizes: [3, 4, 5, 6].map((order) => ({ ...usual, order })), wanted: 1.2 },
  { variable: 'rank', sizes: [4, 8, 16, 32].map((rank) => ({ ...usual, rank })), wanted: 2.2 },
];
/** Indices of every mode together: as many at every order. */
const indices = 180;
const rounds = 7;
const quickRounds = 3;

export async function reproduceCompletionCost({
  quick,
  log,
}: Circumstances): Promise<Omit<Reproduction, 'cells'> & { readonly cells: readonly CostCell[] }> {
  const cells: CostCell[] = [];
  for (const { variable, sizes } of rows) {
    const problems = sizes.map((size) => ({ size, ...problemOf(size), seconds: [] as number[] }));
    for (let round = 0; round <= (quick ? quickRounds : rounds); round++) {
      for (const { entries, start, seconds } of problems) {
        const model = copyOf(start);
        const begun = process.cpuUsage();
        finished(sweep(entries, model, 0));
        const { user, system } = process.cpuUsage(begun);
        // The first round is the warm-up.
        if (round > 0) seconds.push((user + system) / 1e6);
      }
    }
    for (const { size, entries, start, seconds } of problems)
      cells.push({
        kind: 'completion-cost',
        variable,
        ...size,
        seconds: median(seconds),
        bytes: bytesOf(entries, start),
      });
  }
  log(`\n${costTable(cells)}\n`);
  return Promise.resolve({ claims: costClaims(cells), cells, figures: {} });
}

function problemOf({ count, order, rank }: Size): { readonly entries: Entries; readonly start: VariationalModel } {
  const shape = new Array<number>(order).fill(indices / order);
  const random = randomStream(1, order);
  const places = Uint32Array.from({ length: count * order }, () => Math.floor((random.uniform() * indices) / order));
  const values = random.fillNormal(new Float64Array(count));
  const entries = finished(entriesOf(observed(shape, places, values)));
  const start = finished(wideModel(entries, rank, random, constantModel({ ...entries, mean: 0 })));
  return { entries, start };
}

/** Of all arrays that are reached from an object. */
function bytesOf(...objects: readonly unknown[]): number {
  const buffers = new Set<ArrayBufferLike>();
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  objects.forEach(visit);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

export function costTable(cells: readonly CostCell[]): string {
  const head = ['entries', 'order', 'components', 'CPU ms a sweep', 'MB'];
  const body = cells.map(({ count, order, rank, seconds, bytes }) => [
    String(count),
    String(order),
    String(rank),
    (1e3 * seconds).toFixed(1),
    (bytes / 1e6).toFixed(1),
  ]);
  return markdownTable([head, ...body]);
}

export function costClaims(cells: readonly CostCell[]): Claim[] {
  return rows.map(({ variable, wanted }) => {
    const own = cells.filter((cell) => cell.variable === variable);
    const time = fittedExponent(own.map((cell) => [cell[variable], cell.seconds]));
    const memory = fittedExponent(own.map((cell) => [cell[variable], cell.bytes]));
    return {
      claim: `time and memory against ${variable}: exponents`,
      paper: `${wanted} or less`,
      measured: `${time.toFixed(2)}, ${memory.toFixed(2)}`,
      holds: Math.max(time, memory) <= wanted,
    };
  });
}
