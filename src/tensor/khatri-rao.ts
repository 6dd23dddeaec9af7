// Khatri-Rao tables of CP factors: the modes of a tensor are cut in two groups of neighbors, P and Q indices, so that the tensor is a matrix
// X [P, Q] and the model L·Rᵀ, with L = ⊙ factors of the first group [P, rank] and R of the second [Q, rank]. Used by cp-products.ts and
// cp-correlation.ts.
import { sizeOf } from './shape.js';

/** Neighboring modes first … last − 1 as one index of `rows` values, the last mode's fastest. */
export interface Group {
  readonly first: number;
  readonly shape: readonly number[];
  readonly rows: number;
}

/** Columns first … first + count − 1 of all factors, which have `rank`. */
export interface Columns {
  readonly first: number;
  readonly count: number;
  readonly rank: number;
}

/** Cut where the two tables are smallest together. A tensor of order 1 is a row: its first group is empty, of one index. */
export function cutInTwo(shape: readonly number[]): { left: Group; right: Group } {
  const group = (first: number, end: number): Group => {
    const own = shape.slice(first, end);
    return { first, shape: own, rows: sizeOf(own) };
  };
  const cuts = shape.map((_, at) => ({ left: group(0, at), right: group(at, shape.length) }));
  const rows = ({ left, right }: { left: Group; right: Group }): number => left.rows + right.rows;
  const inside = cuts.length > 1 ? cuts.slice(1) : cuts;
  return inside.reduce((best, next) => (rows(next) < rows(best) ? next : best));
}

/** Entries of both tables together, up to 64 MiB. Fewer than 16 columns cost more in turns than they save in memory. */
const maxEntries = 2 ** 23;
const minColumns = 16;

export function blocksOf(rows: number, rank: number): Columns[] {
  const maxColumns = Math.max(minColumns, Math.floor(maxEntries / rows));
  const blocks = Math.ceil(rank / maxColumns);
  const found: Columns[] = [];
  for (let block = 0, first = 0; block < blocks; block++) {
    const end = Math.round(((block + 1) * rank) / blocks);
    found.push({ first, count: end - first, rank });
    first = end;
  }
  return found;
}

/** The Khatri-Rao product of a group's factors, [rows, count]. */
export const table = (group: Group, factors: readonly Float64Array[], columns: Columns): Float64Array =>
  tableOf(group, factors.slice(group.first, group.first + group.shape.length), columns);

/** Its derivative along `moves`: Σ_n of the product with the move of mode n in the place of its factor. */
export function movedTable(
  group: Group,
  factors: readonly Float64Array[],
  moves: readonly Float64Array[],
  columns: Columns,
): Float64Array {
  const terms = group.shape.map((_, n) =>
    tableOf(
      group,
      group.shape.map((_size, k) => (k === n ? moves : factors)[group.first + k]!),
      columns,
    ),
  );
  return terms.reduce((sum, term) => plus(sum, term), new Float64Array(group.rows * columns.count));
}

function tableOf({ shape }: Group, factors: readonly Float64Array[], { first, count, rank }: Columns): Float64Array {
  const [only] = factors;
  if (only && factors.length === 1 && count === rank) return only;
  // Of the last mode first, then that of one mode more: most of the products are made once.
  let done: Float64Array = new Float64Array(count).fill(1);
  for (let k = shape.length - 1; k >= 0; k--) done = timesRows(done, count, factors[k]!, shape[k]!, first, rank);
  return done;
}

/** Rows of a factor, columns first … first + count − 1, each times every row of a table: [size · rows of the table, count]. */
function timesRows(
  table: Float64Array,
  count: number,
  factor: Float64Array,
  size: number,
  first: number,
  rank: number,
): Float64Array {
  const out = new Float64Array(size * table.length);
  for (let i = 0, at = 0; i < size; i++) {
    const from = i * rank + first;
    for (let row = 0; row < table.length; row += count, at += count) {
      for (let c = 0; c < count; c++) out[at + c] = factor[from + c]! * table[row + c]!;
    }
  }
  return out;
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}
