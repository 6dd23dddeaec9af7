// Sums over entries of products of rows, one from each of a few tables, float64: what completion spends its time on.
//   sums[c] += Σ_e x_e(c) · Π_m tables[m][rows[e, m], c],   x_e(c) = weight_e · value_e for c < valued, weight_e for the others
// The entries of a run, which differ in the row of the last table alone, are added up before they are multiplied by the rows of the
// others. In WebAssembly SIMD where it is to be had, with tables and entries copied to where the kernel can read them, else in plain
// loops. Both sum in the same order and give the same bits.
import { padded, rowKernels } from './row-kernels.js';

export interface GatheredRows {
  /** Each [rows, width]. */
  readonly tables: readonly Float64Array[];
  readonly width: number;
  /** Which row of every table an entry takes, [count, tables]. */
  readonly rows: Uint32Array;
  readonly values: Float64Array;
  /** 1 where they are left out. */
  readonly weights?: Float64Array | undefined;
  /** Columns whose products are multiplied by the values: the first ones. */
  readonly valued: number;
}

/** Adds the entries from … end − 1 to sums, [width]. */
export type AddEntries = (from: number, end: number, sums: Float64Array) => void;

export function rowAdder(gathered: GatheredRows): AddEntries {
  const { values, weights } = gathered;
  const weighted = weights ? { ...gathered, values: values.map((value, e) => value * weights[e]!) } : gathered;
  return (isWorthCopying(gathered) && wasmAdder(weighted)) || plainAdder(weighted);
}

/** Entries that are copied at a time; of more, wherever they are summed, the sums of so many are added to one another. */
const windowEntries = 2 ** 14;
/** Numbers of all tables together that are copied at most, 64 MiB: there is no pause meanwhile. */
const maxTableNumbers = 2 ** 23;
/** Entries per row of a table from which on copying takes less time than it saves. */
const minEntriesPerRow = 4;
function isWorthCopying({ tables, width, values, valued }: GatheredRows): boolean {
  const rows = tables.reduce((sum, table) => sum + table.length / width, 0);
  return (
    values.length >= minEntriesPerRow * rows && rows * (padded(valued) + padded(width - valued)) <= maxTableNumbers
  );
}

/** Where things lie in memory, in numbers. */
function layoutOf({ tables, width, valued }: GatheredRows) {
  const stride = padded(valued) + padded(width - valued);
  let at = padded(tables.length);
  const starts = tables.map((table) => {
    const start = at;
    at += (table.length / width) * stride;
    return start;
  });
  const valuesAt = at + stride;
  const weightsAt = valuesAt + windowEntries;
  const rowsAt = weightsAt + windowEntries;
  const size = rowsAt + (windowEntries * tables.length) / 2;
  return { stride, starts, sumsAt: at, valuesAt, weightsAt, rowsAt, size };
}

function wasmAdder(gathered: GatheredRows): AddEntries | undefined {
  const { tables, width, rows, values, weights, valued } = gathered;
  const { stride, starts, sumsAt, valuesAt, weightsAt, rowsAt, size } = layoutOf(gathered);
  const opened = rowKernels(size);
  if (!opened) return undefined;
  const user = {};
  const valuedLanes = padded(valued);
  let first = 0;
  let last = 0;
  return (from, end, sums) => {
    const current = rowKernels(size) ?? opened;
    const { kernels, memory, indices } = current;
    if (current.user !== user) {
      current.user = user;
      first = last = 0;
      indices.set(starts.map((start) => 8 * start));
      tables.forEach((table, m) => copyTable(table, width, valued, memory, starts[m]!, stride));
    }
    for (let begin = from; begin < end; begin += windowEntries) {
      const until = Math.min(end, begin + windowEntries);
      if (begin < first || until > last) {
        first = begin;
        last = Math.min(values.length, begin + windowEntries);
        memory.set(values.subarray(first, last), valuesAt);
        if (weights) memory.set(weights.subarray(first, last), weightsAt);
        indices.set(rows.subarray(first * tables.length, last * tables.length), 2 * rowsAt);
      }
      const skipped = begin - first;
      kernels.sumRows(
        until - begin,
        tables.length,
        stride,
        valuedLanes,
        8 * (valuesAt + skipped),
        weights ? 8 * (weightsAt + skipped) : 0,
        8 * rowsAt + 4 * skipped * tables.length,
        0,
        8 * sumsAt,
      );
      for (let c = 0; c < valued; c++) sums[c]! += memory[sumsAt + c]!;
      for (let c = valued, at = sumsAt + valuedLanes; c < width; c++, at++) sums[c]! += memory[at]!;
    }
  };
}

/** Columns with values, and the others, each filled up to a multiple of eight by numbers that are never read. */
function copyTable(
  table: Float64Array,
  width: number,
  valued: number,
  memory: Float64Array,
  start: number,
  stride: number,
): void {
  const others = start + padded(valued) - valued;
  for (let from = 0, to = 0; from < table.length; from += width, to += stride) {
    for (let c = 0; c < valued; c++) memory[start + to + c] = table[from + c]!;
    for (let c = valued; c < width; c++) memory[others + to + c] = table[from + c]!;
  }
}

function plainAdder(gathered: GatheredRows): AddEntries {
  const { tables, width, rows, values, weights, valued } = gathered;
  const rest = tables.length - 1;
  const first = tables[0]!;
  const second = tables[rest]!;
  const part = new Float64Array(width);
  const run = new Float64Array(width);
  const addPart = (from: number, end: number): void => {
    for (let e = from; e < end;) {
      const next = rest > 0 ? endOfRun(rows, rest, e, end) : end;
      if (next === e + 1 && rest === 1) {
        const ofFirst = rows[2 * e]! * width;
        const ofSecond = rows[2 * e + 1]! * width;
        addOne(first, ofFirst, second, ofSecond, width, valued, values[e]!, weights ? weights[e]! : 1, part);
      } else {
        run.fill(0);
        addRun(gathered, e, next, run);
        for (let k = 0; k < rest; k++) {
          const at = rows[e * tables.length + k]! * width;
          for (let c = 0; c < width; c++) run[c]! *= tables[k]![at + c]!;
        }
        for (let c = 0; c < width; c++) part[c]! += run[c]!;
      }
      e = next;
    }
  };
  return (from, end, sums) => {
    for (let begin = from; begin < end; begin += windowEntries) {
      part.fill(0);
      addPart(begin, Math.min(end, begin + windowEntries));
      for (let c = 0; c < width; c++) sums[c]! += part[c]!;
    }
  };
}

/** Behind the entries whose rows are those of entry `first` in all tables but the last. */
function endOfRun(rows: Uint32Array, rest: number, first: number, end: number): number {
  const step = rest + 1;
  let next = first + 1;
  for (; next < end; next++) {
    for (let k = 0; k < rest; k++) if (rows[next * step + k] !== rows[first * step + k]) return next;
  }
  return next;
}

/** One entry alone, from two tables. */
function addOne(
  a: Float64Array,
  from: number,
  b: Float64Array,
  at: number,
  width: number,
  valued: number,
  value: number,
  weight: number,
  sums: Float64Array,
): void {
  for (let c = 0; c < valued; c++) sums[c]! += value * b[at + c]! * a[from + c]!;
  for (let c = valued; c < width; c++) sums[c]! += weight * b[at + c]! * a[from + c]!;
}

/** The rows of the last table alone. */
function addRun(
  { tables, width, rows, values, weights, valued }: GatheredRows,
  from: number,
  end: number,
  sums: Float64Array,
): void {
  const step = tables.length;
  const a = tables[step - 1]!;
  let e = from;
  for (; e + 4 <= end; e += 4) {
    const last = (e + 1) * step - 1;
    const a0 = rows[last]! * width;
    const a1 = rows[last + step]! * width;
    const a2 = rows[last + 2 * step]! * width;
    const a3 = rows[last + 3 * step]! * width;
    const y0 = values[e]!;
    const y1 = values[e + 1]!;
    const y2 = values[e + 2]!;
    const y3 = values[e + 3]!;
    for (let c = 0; c < valued; c++) {
      sums[c]! += y0 * a[a0 + c]! + y1 * a[a1 + c]! + (y2 * a[a2 + c]! + y3 * a[a3 + c]!);
    }
    if (weights) {
      const w0 = weights[e]!;
      const w1 = weights[e + 1]!;
      const w2 = weights[e + 2]!;
      const w3 = weights[e + 3]!;
      for (let c = valued; c < width; c++) {
        sums[c]! += w0 * a[a0 + c]! + w1 * a[a1 + c]! + (w2 * a[a2 + c]! + w3 * a[a3 + c]!);
      }
    } else {
      for (let c = valued; c < width; c++) sums[c]! += a[a0 + c]! + a[a1 + c]! + (a[a2 + c]! + a[a3 + c]!);
    }
  }
  for (; e < end; e++) {
    const at = rows[(e + 1) * step - 1]! * width;
    const value = values[e]!;
    const weight = weights ? weights[e]! : 1;
    for (let c = 0; c < valued; c++) sums[c]! += value * a[at + c]!;
    for (let c = valued; c < width; c++) sums[c]! += weight * a[at + c]!;
  }
}
