// Products of rows of one table, of which every entry takes one per mode, float64: predictions at observed entries, and their gradients. In
// WebAssembly SIMD where it is to be had, with the table and the entries copied to where the kernels can read them, else in plain loops;
// both give the same bits.
import { isPauseDue, pauseFlops, type Work } from '../yield.js';
import { padded, rowKernels, type RowKernels } from './row-kernels.js';

export interface StackedRows {
  readonly order: number;
  readonly width: number;
  /** [rows, width] */
  readonly table: Float64Array;
  /** Which rows of the table an entry takes, [entries, order]. */
  readonly entryRows: Uint32Array;
}

/** Entries first … first + count − 1. */
export interface EntryRange {
  readonly first: number;
  readonly count: number;
}

/** out[e] = Σ_c weights[c] · Π_k table[rows_k(first + e), c] for e < count. order · count · width flops. */
export function* multiplyRows(
  stacked: StackedRows,
  weights: Float64Array,
  { first, count }: EntryRange,
  out: Float64Array,
): Work<void> {
  const { order, width } = stacked;
  const copied = copyOf(stacked, count);
  for (const { from, end } of windowsOf(count, 2 * order * width)) {
    if (copied) copied.multiply(weights, first + from, out.subarray(from, end));
    else plainProducts(stacked, weights, first + from, out.subarray(from, end));
    if (isPauseDue(2 * order * width * (end - from))) yield;
  }
}

/** out[rows_mode(first + e), c] += scales[e] · Π_{k ≠ mode} table[rows_k(first + e), c], out as the table. */
export function* scatterRows(
  stacked: StackedRows,
  mode: number,
  { first, count }: EntryRange,
  scales: Float64Array,
  out: Float64Array,
): Work<void> {
  const { order, width } = stacked;
  const copied = copyOf(stacked, count, out);
  for (const { from, end } of windowsOf(count, 3 * order * width)) {
    if (copied) copied.scatter(mode, first + from, scales.subarray(from, end));
    else plainScatter(stacked, mode, first + from, scales.subarray(from, end), out);
    if (!isPauseDue(3 * order * width * (end - from))) continue;
    // Others may use the memory meanwhile.
    copied?.takeSums();
    yield;
  }
  copied?.takeSums();
}

/** Entries that are copied at a time, at most. */
const windowEntries = 2 ** 13;
/** Numbers of a table that are copied at most, 32 MiB: there is no pause meanwhile. */
const maxTableNumbers = 2 ** 22;
/** Entries per row of the table from which on copying takes less time than it saves. */
const minEntriesPerRow = 4;

function* windowsOf(count: number, flops: number): Generator<{ readonly from: number; readonly end: number }> {
  const size = Math.max(1, Math.min(windowEntries, Math.floor(pauseFlops / (4 * flops))));
  for (let from = 0; from < count; from += size) yield { from, end: Math.min(from + size, count) };
}

/** A table with its entries, window by window, in the memory of the kernels. */
interface Copy {
  readonly multiply: (weights: Float64Array, first: number, out: Float64Array) => void;
  readonly scatter: (mode: number, first: number, scales: Float64Array) => void;
  /** Copies what `scatter` has added to back to where it came from. */
  readonly takeSums: () => void;
}

/** `sums`: what is added to, as the table. Undefined where plain loops take less time, or there is no WebAssembly. */
function copyOf(
  { order, width, table, entryRows }: StackedRows,
  count: number,
  sums: Float64Array = new Float64Array(0),
): Copy | undefined {
  const rows = table.length / width;
  const stride = padded(width);
  const numbers = rows * stride;
  if (count < minEntriesPerRow * rows || numbers > maxTableNumbers) return undefined;
  const weightsAt = 2 * numbers;
  const scalesAt = weightsAt + stride;
  const rowsAt = scalesAt + windowEntries;
  const size = rowsAt + (windowEntries * order) / 2;
  const opened = rowKernels(size);
  if (!opened) return undefined;
  const user = {};
  const put = (first: number, length: number): RowKernels => {
    const current = rowKernels(size) ?? opened;
    const { memory } = current;
    if (current.user !== user) {
      current.user = user;
      copyRows(table, width, memory, 0, stride);
      copyRows(sums, width, memory, numbers, stride);
    }
    current.indices.set(entryRows.subarray(first * order, (first + length) * order), 2 * rowsAt);
    return current;
  };
  return {
    multiply: (weights, first, out) => {
      const { memory, kernels } = put(first, out.length);
      copyRows(weights, width, memory, weightsAt, stride);
      kernels.multiplyRows(out.length, order, stride, 8 * rowsAt, 0, 8 * weightsAt, 8 * scalesAt);
      out.set(memory.subarray(scalesAt, scalesAt + out.length));
    },
    scatter: (mode, first, scales) => {
      const { memory, kernels } = put(first, scales.length);
      memory.set(scales, scalesAt);
      kernels.scatterRows(scales.length, order, mode, stride, 8 * rowsAt, 0, 8 * scalesAt, 8 * numbers);
    },
    takeSums: () => {
      const { memory } = put(0, 0);
      for (let from = numbers, to = 0; to < sums.length; from += stride, to += width) {
        for (let c = 0; c < width; c++) sums[to + c] = memory[from + c]!;
      }
    },
  };
}

/** Rows filled up by zeros. */
function copyRows(values: Float64Array, width: number, memory: Float64Array, start: number, stride: number): void {
  for (let from = 0, to = start; from < values.length; from += width, to += stride) {
    for (let c = 0; c < width; c++) memory[to + c] = values[from + c]!;
    memory.fill(0, to + width, to + stride);
  }
}

function plainProducts(
  { order, width, table, entryRows }: StackedRows,
  weights: Float64Array,
  first: number,
  out: Float64Array,
): void {
  const sums = new Float64Array(8);
  for (let e = 0, at = first * order; e < out.length; e++, at += order) {
    sums.fill(0);
    for (let c = 0; c < width; c++) {
      let product = weights[c]!;
      for (let k = 0; k < order; k++) product *= table[entryRows[at + k]! * width + c]!;
      sums[c & 7]! += product;
    }
    const even = sums[0]! + sums[2]! + (sums[4]! + sums[6]!);
    const odd = sums[1]! + sums[3]! + (sums[5]! + sums[7]!);
    out[e] = even + odd;
  }
}

function plainScatter(
  { order, width, table, entryRows }: StackedRows,
  mode: number,
  first: number,
  scales: Float64Array,
  out: Float64Array,
): void {
  for (let e = 0, at = first * order; e < scales.length; e++, at += order) {
    const to = entryRows[at + mode]! * width;
    for (let c = 0; c < width; c++) {
      let product = scales[e]!;
      for (let k = 0; k < order; k++) if (k !== mode) product *= table[entryRows[at + k]! * width + c]!;
      out[to + c]! += product;
    }
  }
}
