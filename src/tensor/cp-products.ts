// Residual and MTTKRP of a dense tensor against CP factors, any order and shape, float64: what the cpu backend and the
// float64 polish are made of. The modes are cut in two groups of neighbors, P and Q indices, so that the tensor is a matrix
// X [P, Q] and the model L·Rᵀ, with L = ⊙ factors of the first group [P, rank] and R of the second [Q, rank] (Khatri-Rao tables):
//   residual = L·Rᵀ − X,   first group's partial product = X·R,   second group's = Xᵀ·L
// and a mode's MTTKRP is what its group's partial product gives with the rows of the group's other factors. Columns are taken in
// blocks whose tables stay in the cache. factors[k] is [shape[k], rank], row-major. 2 · size · rank flops each, twice that where
// said, and nothing for entries that are missing or 0; the tables and the ends take 2 · rank · (P + Q) · (modes of the group) more.
// Those whose names end in Steps do the same with pauses (../yield.ts).
import { finished, inRanges, isPauseDue, type Work } from '../yield.js';
import { sizeOf } from './shape.js';

/** 1 where a cell is known, 0 where it is missing. */
type Mask = Float64Array | Uint8Array;
type Tensor = Float64Array | Float32Array;

/** out = mask · (Σ_c ∘_k factors[k][:, c] − tensor), entry by entry; without a mask every entry is known. */
export const cpResidual = (...args: Parameters<typeof cpResidualSteps>): void => finished(cpResidualSteps(...args));

export function* cpResidualSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  out: Float64Array,
  mask?: Mask,
): Work<void> {
  const { left, right } = cutInTwo(shape);
  yield* inRanges(out.length, 1, (from, end) => {
    for (let i = from; i < end; i++) out[i] = mask && !mask[i] ? 0 : -tensor[i]!;
  });
  for (const columns of blocksOf(left.rows + right.rows, rank)) {
    yield* addProduct(columns.count, table(left, factors, columns), table(right, factors, columns), out, mask);
  }
}

/** out = X_(mode) · (⊙_{k ≠ mode} factors[k]), [shape[mode], rank]. */
export const mttkrp = (...args: Parameters<typeof mttkrpSteps>): void => finished(mttkrpSteps(...args));

export function mttkrpSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  mode: number,
  tensor: Tensor,
  out: Float64Array,
): Work<void> {
  return contract(
    shape,
    rank,
    factors,
    tensor,
    shape.map((_, k) => (k === mode ? out : undefined)),
  );
}

/**
 * outs[mode] = X_(mode) · (⊙_{k ≠ mode} factors[k]) for every mode, from one walk over the tensor.
 * 4 · size · rank flops instead of 2 · order · size · rank.
 */
export const mttkrpAll = (...args: Parameters<typeof mttkrpAllSteps>): void => finished(mttkrpAllSteps(...args));

export const mttkrpAllSteps = (
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  outs: readonly Float64Array[],
): Work<void> => contract(shape, rank, factors, tensor, outs);

/**
 * out = mask · (J v), J the derivative of the model: Σ_n Σ_c (∘_{k ≠ n} factors[k][:, c]) ∘ moves[n][:, c], entry by entry.
 * moves[n] is `[shape[n], rank]`, as the factors. That is L′·Rᵀ + L·R′ᵀ with the tables' own derivatives. 4 · size · rank flops.
 */
export const cpDerivative = (...args: Parameters<typeof cpDerivativeSteps>): void =>
  finished(cpDerivativeSteps(...args));

export function* cpDerivativeSteps(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  moves: readonly Float64Array[],
  out: Float64Array,
  mask: Mask,
): Work<void> {
  const { left, right } = cutInTwo(shape);
  out.fill(0);
  for (const columns of blocksOf(left.rows + right.rows, rank)) {
    const { count } = columns;
    yield* addProduct(count, movedTable(left, factors, moves, columns), table(right, factors, columns), out, mask);
    yield* addProduct(count, table(left, factors, columns), movedTable(right, factors, moves, columns), out, mask);
  }
}

/** What loads and stores of an entry take, in multiply-adds. */
const perEntry = 4;

/** Neighboring modes first … last − 1 as one index of `rows` values, the last mode's fastest. */
interface Group {
  readonly first: number;
  readonly shape: readonly number[];
  readonly rows: number;
}

/** Columns first … first + count − 1 of all factors, which have `rank`. */
interface Columns {
  readonly first: number;
  readonly count: number;
  readonly rank: number;
}

/** Cut where the two tables are smallest together. A tensor of order 1 is a row: its first group is empty, of one index. */
function cutInTwo(shape: readonly number[]): { left: Group; right: Group } {
  const group = (first: number, end: number): Group => {
    const own = shape.slice(first, end);
    return { first, shape: own, rows: sizeOf(own) };
  };
  const cuts = shape.map((_, at) => ({ left: group(0, at), right: group(at, shape.length) }));
  const rows = ({ left, right }: { left: Group; right: Group }): number => left.rows + right.rows;
  const inside = cuts.length > 1 ? cuts.slice(1) : cuts;
  return inside.reduce((best, next) => (rows(next) < rows(best) ? next : best));
}

/** Entries of both tables together that a cache holds well: 512 KiB. Fewer than 16 columns cost more in turns than they save. */
const cached = 2 ** 16;
const minColumns = 16;

function blocksOf(rows: number, rank: number): Columns[] {
  const maxColumns = Math.max(minColumns, Math.floor(cached / rows));
  const blocks = Math.ceil(rank / maxColumns);
  const found: Columns[] = [];
  for (let block = 0, first = 0; block < blocks; block++) {
    const end = Math.round(((block + 1) * rank) / blocks);
    found.push({ first, count: end - first, rank });
    first = end;
  }
  return found;
}

/** The Khatri-Rao product of a group's factors, [rows, count]; `skip`, a mode of the group, is left out of it. */
function table(group: Group, factors: readonly Float64Array[], columns: Columns, skip = -1): Float64Array {
  return tableOf(
    group,
    group.shape.map((_, k) => (group.first + k === skip ? undefined : factors[group.first + k])),
    columns,
  );
}

/** Its derivative along `moves`: Σ_n of the product with the move of mode n in the place of its factor. */
function movedTable(
  group: Group,
  factors: readonly Float64Array[],
  moves: readonly Float64Array[],
  columns: Columns,
): Float64Array {
  const terms = group.shape.map((_, n) =>
    tableOf(
      group,
      group.shape.map((_size, k) => (k === n ? moves : factors)[group.first + k]),
      columns,
    ),
  );
  return terms.reduce((sum, term) => plus(sum, term), new Float64Array(group.rows * columns.count));
}

function tableOf(
  { shape, rows }: Group,
  factors: readonly (Float64Array | undefined)[],
  { first, count, rank }: Columns,
): Float64Array {
  const [only] = factors;
  if (only && factors.length === 1 && count === rank) return only;
  const out = new Float64Array(rows * count).fill(1);
  let stride = rows;
  shape.forEach((size, k) => {
    stride /= size;
    const factor = factors[k];
    if (!factor) return;
    for (let row = 0, index = 0; row < rows; row += stride, index = (index + 1) % size) {
      const from = index * rank + first;
      for (let at = row * count, end = (row + stride) * count; at < end; at += count) {
        for (let c = 0; c < count; c++) out[at + c]! *= factor[from + c]!;
      }
    }
  });
  return out;
}

function plus(a: Float64Array, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + b[i]!;
  return sum;
}

/** out[p, q] += Σ_c left[p, c] · right[q, c] where the mask is not 0. */
function* addProduct(
  count: number,
  left: Float64Array,
  right: Float64Array,
  out: Float64Array,
  mask?: Mask,
): Work<void> {
  const rows = left.length / count;
  const width = right.length / count;
  const known = new Uint32Array(width).map((_, q) => q);
  for (let p = 0; p < rows; p++) {
    const n = mask ? findKnown(mask, p * width, width, known) : width;
    addDots(count, left, p * count, right, known, n, out, p * width);
    if (isPauseDue(2 * n * (count + perEntry) + width)) yield;
  }
}

/** Leaves the known cells of mask[at … at + width − 1] in `known`, and returns their number. */
function findKnown(mask: Mask, at: number, width: number, known: Uint32Array): number {
  let n = 0;
  for (let q = 0; q < width; q++) if (mask[at + q]) known[n++] = q;
  return n;
}

/** out[at + q] += the inner product of one row with row q of the table, for q = known[0 … n − 1]; four of them share each load of the row. */
function addDots(
  count: number,
  row: Float64Array,
  from: number,
  table: Float64Array,
  known: Uint32Array,
  n: number,
  out: Float64Array,
  at: number,
): void {
  let s = 0;
  for (; s + 4 <= n; s += 4) {
    const q0 = known[s]!;
    const q1 = known[s + 1]!;
    const q2 = known[s + 2]!;
    const q3 = known[s + 3]!;
    const r0 = q0 * count;
    const r1 = q1 * count;
    const r2 = q2 * count;
    const r3 = q3 * count;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let c = 0; c < count; c++) {
      const x = row[from + c]!;
      s0 += x * table[r0 + c]!;
      s1 += x * table[r1 + c]!;
      s2 += x * table[r2 + c]!;
      s3 += x * table[r3 + c]!;
    }
    out[at + q0]! += s0;
    out[at + q1]! += s1;
    out[at + q2]! += s2;
    out[at + q3]! += s3;
  }
  for (; s < n; s++) {
    const r = known[s]! * count;
    let sum = 0;
    for (let c = 0; c < count; c++) sum += row[from + c]! * table[r + c]!;
    out[at + known[s]!]! += sum;
  }
}

/** The MTTKRP of every mode that has an `out`. */
function* contract(
  shape: readonly number[],
  rank: number,
  factors: readonly Float64Array[],
  tensor: Tensor,
  outs: readonly (Float64Array | undefined)[],
): Work<void> {
  const { left, right } = cutInTwo(shape);
  const wanted = ({ first, shape: own }: Group): boolean => own.some((_, k) => outs[first + k]);
  // The entries of a row of X that are not 0, and where their rows of a table begin.
  const values = new Float64Array(right.rows);
  const starts = new Uint32Array(right.rows);
  for (const columns of blocksOf(2 * (left.rows + right.rows), rank)) {
    const { count } = columns;
    const leftTable = table(left, factors, columns);
    const rightTable = table(right, factors, columns);
    const leftPartial = wanted(left) ? new Float64Array(left.rows * count) : undefined;
    const rightPartial = wanted(right) ? new Float64Array(right.rows * count) : undefined;
    const flopsPerValue =
      2 * (count + perEntry) * (Number(leftPartial !== undefined) + Number(rightPartial !== undefined));
    for (let p = 0; p < left.rows; p++) {
      const n = findValues(tensor, p * right.rows, right.rows, count, values, starts);
      if (leftPartial) addCombination(count, values, starts, n, rightTable, leftPartial, p * count);
      if (rightPartial) addMultiples(count, values, starts, n, leftTable, p * count, rightPartial);
      if (isPauseDue(flopsPerValue * n + right.rows)) yield;
    }
    if (leftPartial) finish(left, factors, columns, leftPartial, outs);
    if (rightPartial) finish(right, factors, columns, rightPartial, outs);
  }
}

/** Leaves the entries of tensor[at … at + width − 1] that are not 0 in `values`, and in `starts` where their rows of `count` begin. */
function findValues(
  tensor: Tensor,
  at: number,
  width: number,
  count: number,
  values: Float64Array,
  starts: Uint32Array,
): number {
  let n = 0;
  for (let q = 0; q < width; q++) {
    if (tensor[at + q] === 0) continue;
    values[n] = tensor[at + q]!;
    starts[n++] = q * count;
  }
  return n;
}

/** out[to …] += Σ_{s < n} values[s] · (the row of the table at starts[s]), four at a time. */
function addCombination(
  count: number,
  values: Float64Array,
  starts: Uint32Array,
  n: number,
  table: Float64Array,
  out: Float64Array,
  to: number,
): void {
  let s = 0;
  for (; s + 4 <= n; s += 4) {
    const x0 = values[s]!;
    const x1 = values[s + 1]!;
    const x2 = values[s + 2]!;
    const x3 = values[s + 3]!;
    const r0 = starts[s]!;
    const r1 = starts[s + 1]!;
    const r2 = starts[s + 2]!;
    const r3 = starts[s + 3]!;
    for (let c = 0; c < count; c++) {
      out[to + c]! += x0 * table[r0 + c]! + x1 * table[r1 + c]! + (x2 * table[r2 + c]! + x3 * table[r3 + c]!);
    }
  }
  for (; s < n; s++) {
    const x0 = values[s]!;
    const r0 = starts[s]!;
    for (let c = 0; c < count; c++) out[to + c]! += x0 * table[r0 + c]!;
  }
}

/** The row of out at starts[s] += values[s] · (the row of the table at `from`), for s < n, four at a time. */
function addMultiples(
  count: number,
  values: Float64Array,
  starts: Uint32Array,
  n: number,
  table: Float64Array,
  from: number,
  out: Float64Array,
): void {
  let s = 0;
  for (; s + 4 <= n; s += 4) {
    const x0 = values[s]!;
    const x1 = values[s + 1]!;
    const x2 = values[s + 2]!;
    const x3 = values[s + 3]!;
    const r0 = starts[s]!;
    const r1 = starts[s + 1]!;
    const r2 = starts[s + 2]!;
    const r3 = starts[s + 3]!;
    for (let c = 0; c < count; c++) {
      const value = table[from + c]!;
      out[r0 + c]! += x0 * value;
      out[r1 + c]! += x1 * value;
      out[r2 + c]! += x2 * value;
      out[r3 + c]! += x3 * value;
    }
  }
  for (; s < n; s++) {
    const x0 = values[s]!;
    const r0 = starts[s]!;
    for (let c = 0; c < count; c++) out[r0 + c]! += x0 * table[from + c]!;
  }
}

/** What a group's partial product [rows, count] gives to its modes: summed over the other modes' indices, times their rows. */
function finish(
  group: Group,
  factors: readonly Float64Array[],
  columns: Columns,
  partial: Float64Array,
  outs: readonly (Float64Array | undefined)[],
): void {
  const { first, count, rank } = columns;
  let stride = group.rows;
  group.shape.forEach((size, k) => {
    stride /= size;
    const out = outs[group.first + k];
    if (!out) return;
    if (group.shape.length === 1) {
      for (let i = 0; i < size; i++) out.set(partial.subarray(i * count, (i + 1) * count), i * rank + first);
      return;
    }
    for (let i = 0; i < size; i++) out.fill(0, i * rank + first, i * rank + first + count);
    const others = table(group, factors, columns, group.first + k);
    for (let row = 0; row < group.rows; row++) {
      const to = (Math.floor(row / stride) % size) * rank + first;
      const from = row * count;
      for (let c = 0; c < count; c++) out[to + c]! += partial[from + c]! * others[from + c]!;
    }
  });
}
