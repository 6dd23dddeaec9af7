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

/** Indices from … end − 1 of a group's first mode, with all of the others: rows `at` … of its table. */
export interface Piece {
  readonly from: number;
  readonly end: number;
  readonly at: number;
  readonly group: Group;
}

/** Entries of a piece's table, 256 KiB, which stay in the second-level cache; more only where one index of the first mode has more. */
const pieceEntries = 2 ** 15;

/** A group in pieces whose tables of `count` columns stay in the cache. */
export function piecesOf({ first, shape, rows }: Group, count: number): Piece[] {
  const [size = 1, ...rest] = shape;
  const inner = rows / size;
  const step = Math.max(1, Math.floor(pieceEntries / (inner * count)));
  const pieces: Piece[] = [];
  for (let from = 0; from < size; from += step) {
    const end = Math.min(from + step, size);
    const group = { first, shape: [end - from, ...rest], rows: (end - from) * inner };
    pieces.push({ from, end, at: from * inner, group });
  }
  return pieces;
}

/** A group in one piece. */
export const wholeOf = (group: Group): Piece => ({ from: 0, end: group.shape[0] ?? 1, at: 0, group });

/** Matrices of all modes, [size, rank] each, of which the one of the piece's first mode has the rows of the piece. */
export const inPiece = <Matrix extends Float64Array | undefined>(
  matrices: readonly Matrix[],
  { from, end, group }: Piece,
  rank: number,
): (Matrix | Float64Array)[] =>
  matrices.map((matrix, k) => (k === group.first && matrix ? matrix.subarray(from * rank, end * rank) : matrix));

/** The Khatri-Rao product of a group's factors, [rows, count]; at the beginning of `room`, if it has to be made and there is one. */
export const table = (
  group: Group,
  factors: readonly Float64Array[],
  columns: Columns,
  room?: Float64Array,
): Float64Array => tableOf(group, factors.slice(group.first, group.first + group.shape.length), columns, room);

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

function tableOf(
  { shape }: Group,
  factors: readonly Float64Array[],
  { first, count, rank }: Columns,
  room?: Float64Array,
): Float64Array {
  // Of the last mode first, then that of one mode more: most of the products are made once.
  const last = count === rank ? factors.at(-1) : undefined;
  let done = last ?? new Float64Array(count).fill(1);
  for (let k = shape.length - (last ? 2 : 1); k >= 0; k--) {
    const length = shape[k]! * done.length;
    const out = k === 0 && room ? room.subarray(0, length) : new Float64Array(length);
    fillWithRows(out, done, count, factors[k]!, first, rank);
    done = out;
  }
  return done;
}

/** out = rows of a factor, columns first … first + count − 1, each times every row of a table. */
function fillWithRows(
  out: Float64Array,
  table: Float64Array,
  count: number,
  factor: Float64Array,
  first: number,
  rank: number,
): void {
  for (let from = first, at = 0; at < out.length; from += rank) {
    for (let row = 0; row < table.length; row += count, at += count) {
      for (let c = 0; c < count; c++) out[at + c] = factor[from + c]! * table[row + c]!;
    }
  }
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}
