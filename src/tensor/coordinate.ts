// Coordinates of observed entries, prepared for sums over the entries that share an index. The factor matrices of all modes
// are stacked into one [rows, rank] array, rows = Σ shape, mode after mode, so an entry is `order` rows of that array.
// A sum over the entries of a row is a gather: entries sorted by row, long runs cut into parts whose sums are added in
// order. The same entries give the same parts, so the same bits, on every run; no float atomics are needed.

import { finished, inRanges, type Work } from '../yield.js';

/** Row of the stacked factors where each mode begins, and the number of rows at the end: [order + 1]. */
export function modeOffsets(shape: readonly number[]): number[] {
  const offsets = [0];
  shape.forEach((size, mode) => offsets.push(offsets[mode]! + size));
  return offsets;
}

/** What it takes to look at an index, in flops. */
const indexFlops = 5;

/** Row of the stacked factors for every index: [count, order], as `indices`. */
export const stackRows = (shape: readonly number[], indices: Uint32Array): Uint32Array =>
  finished(stackRowsSteps(shape, indices));

/** The same with pauses. */
export function* stackRowsSteps(shape: readonly number[], indices: Uint32Array): Work<Uint32Array> {
  const offsets = modeOffsets(shape);
  const order = shape.length;
  const rows = new Uint32Array(indices.length);
  yield* inRanges(rows.length / order, indexFlops * order, (from, end) => {
    for (let at = from * order; at < end * order; at += order) {
      for (let k = 0; k < order; k++) rows[at + k] = offsets[k]! + indices[at + k]!;
    }
  });
  return rows;
}

/** Entries `first … first + count − 1` of a list; numbers of entries inside a range count from its first. */
export interface EntryRange {
  readonly first: number;
  readonly count: number;
}

/** The entries of a range sorted by row, for every mode. */
export interface Segments {
  /** `[order, count]` numbers of entries: for every mode, sorted by their row, in rising order within a row. */
  readonly entries: Uint32Array;
  /** `[parts, 3]`: begin and end in `entries`, and the mode. A part holds entries of one row, `partLength` at most. */
  readonly parts: Uint32Array;
  /** `[rows + 1]`: the parts of row i are rowParts[i] … rowParts[i + 1] − 1. */
  readonly rowParts: Uint32Array;
  /** `[order + 1]`: the stacked row where a mode begins. Its parts begin at rowParts of that row. */
  readonly offsets: readonly number[];
}

/**
 * Entries of one part: enough parts to fill a GPU from 10⁵ entries on, few enough that adding them up costs little, and a
 * rounding error of a row's sum that grows like the square root of parts + part length instead of the number of entries.
 */
export const defaultPartLength = 128;

/**
 * Sorts the entries of a range by row, mode by mode, by counting. `indices` is [count, order] of the whole list. A minibatch
 * is a range of a list that was shuffled once, with segments of its own. O(order · count + Σ shape).
 */
export const segmentEntries = (
  shape: readonly number[],
  indices: Uint32Array,
  range: EntryRange,
  partLength?: number,
): Segments => finished(segmentEntriesSteps(shape, indices, range, partLength));

/** The same with pauses. */
export function* segmentEntriesSteps(
  shape: readonly number[],
  indices: Uint32Array,
  { first, count }: EntryRange,
  partLength = defaultPartLength,
): Work<Segments> {
  const order = shape.length;
  const offsets = modeOffsets(shape);
  const totalRows = offsets[order]!;
  const next = new Uint32Array(totalRows + 1);
  yield* inRanges(count, indexFlops * order, (from, end) => {
    for (let at = (first + from) * order; at < (first + end) * order; at += order) {
      for (let k = 0; k < order; k++) next[offsets[k]! + indices[at + k]! + 1]!++;
    }
  });
  // Every entry has one row in each mode, so row i's run begins at (entries in rows before i), modes one after the other.
  for (let row = 0; row < totalRows; row++) next[row + 1]! += next[row]!;
  const begins = next.slice();
  const entries = new Uint32Array(order * count);
  yield* inRanges(count, 4 * indexFlops * order, (from, end) => {
    for (let e = from; e < end; e++) {
      const at = (first + e) * order;
      for (let k = 0; k < order; k++) entries[next[offsets[k]! + indices[at + k]!]!++] = e;
    }
  });
  return { entries, ...partsOfRows(offsets, begins, partLength), offsets };
}

/** Cuts the entries of every row, entries[begins[row]] … entries[begins[row + 1] − 1], into parts. */
export function partsOfRows(
  offsets: readonly number[],
  begins: Uint32Array,
  partLength = defaultPartLength,
): Pick<Segments, 'parts' | 'rowParts'> {
  const totalRows = begins.length - 1;
  const rowParts = new Uint32Array(totalRows + 1);
  for (let row = 0; row < totalRows; row++) {
    rowParts[row + 1] = rowParts[row]! + Math.ceil((begins[row + 1]! - begins[row]!) / partLength);
  }
  const parts = new Uint32Array(3 * rowParts[totalRows]!);
  let at = 0;
  for (let mode = 0; mode + 1 < offsets.length; mode++) {
    for (let row = offsets[mode]!; row < offsets[mode + 1]!; row++) {
      const end = begins[row + 1]!;
      for (let begin = begins[row]!; begin < end; begin += partLength) {
        parts[at++] = begin;
        parts[at++] = Math.min(begin + partLength, end);
        parts[at++] = mode;
      }
    }
  }
  return { parts, rowParts };
}

/** Modes in a word of `packBits`: one block of the kernels of large order. */
const bitsPerWord = 16;

/** Indices of modes of size 2 as bits, [count, ⌈order / 16⌉]: the index of mode 16 w + i in bit i of word w. */
export const packBits = (order: number, indices: Uint32Array): Uint32Array => finished(packBitsSteps(order, indices));

/** The same with pauses. */
export function* packBitsSteps(order: number, indices: Uint32Array): Work<Uint32Array> {
  const words = Math.ceil(order / bitsPerWord);
  const packed = new Uint32Array((indices.length / order) * words);
  yield* inRanges(indices.length / order, indexFlops * order, (from, end) => {
    for (let e = from, at = from * order; e < end; at += order, e++) {
      for (let k = 0; k < order; k++)
        packed[e * words + Math.floor(k / bitsPerWord)]! |= indices[at + k]! << (k % bitsPerWord);
    }
  });
  return packed;
}

/** The next index in row-major order; after the last one the first. */
export function advance(index: Uint32Array, shape: readonly number[]): void {
  for (let k = shape.length - 1; k >= 0; k--) {
    if (++index[k]! < shape[k]!) return;
    index[k] = 0;
  }
}
