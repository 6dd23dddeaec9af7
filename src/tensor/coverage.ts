// What a list of known entries covers: how many cells there are among them, and which slices have none. The row of a factor
// that belongs to a slice without any entry cannot be learned: nothing in the data depends on it.
import { isObject, isShape, isUint32, requireForm, requireIndices } from './require.js';
import { sizeOf } from './shape.js';

export interface Cells {
  readonly count: number;
  /** `[entries]`: the number of every entry's cell, cells in row-major order; entries of one cell have the same. */
  readonly cellOf: Uint32Array;
}

interface Places {
  readonly shape: readonly number[];
  /** `[entries, order]` row-major, from 0. */
  readonly indices: Uint32Array;
}

/**
 * The different cells among the entries: entries − count of them repeat an earlier one. `indices` is
 * `[entries, order]` row-major, from 0. Cost O(n log n).
 *
 * @example
 * ```ts
 * import { distinctCells } from 'polyadic/io';
 *
 * console.log(distinctCells({ shape: [2, 2], indices: Uint32Array.of(0, 1, 1, 1, 0, 1) }).count); // 2
 * ```
 * @throws InputError for indices outside the shape.
 */
export function distinctCells(given: Places): Cells {
  return numberedCells(requirePlaces('distinctCells', given));
}

/** The same where the indices are known to be right. */
export function numberedCells({ shape, indices }: Places): Cells {
  const order = shape.length;
  const entries = indices.length / order;
  const compare = (a: number, b: number): number => {
    for (let k = 0; k < order; k++) {
      const difference = indices[a * order + k]! - indices[b * order + k]!;
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const sorted = sortedEntries({ shape, indices }, compare);
  const cellOf = new Uint32Array(entries);
  let cell = 0;
  for (let i = 1; i < entries; i++) {
    if (compare(sorted[i - 1]!, sorted[i]!) !== 0) cell++;
    cellOf[sorted[i]!] = cell;
  }
  return { count: entries > 0 ? cell + 1 : 0, cellOf };
}

function requirePlaces(who: string, given: Places): Places {
  const isRight = isObject(given) && isShape(given.shape) && isUint32(given.indices);
  requireForm(who, given, isRight, { name: 'the entries', expected: 'an observed target' });
  requireIndices(who, given.indices, given.shape);
  return given;
}

/** By the offset of the cell where float64 holds offset · entries + entry exactly, which sorts ten times as fast. */
function sortedEntries({ shape, indices }: Places, compare: (a: number, b: number) => number): ArrayLike<number> {
  const order = shape.length;
  const entries = indices.length / order;
  const cells = sizeOf(shape);
  if (cells * entries > Number.MAX_SAFE_INTEGER)
    return Uint32Array.from({ length: entries }, (_, e) => e).sort(compare);
  const keys = new Float64Array(entries);
  for (let e = 0; e < entries; e++) {
    let offset = 0;
    for (let k = 0; k < order; k++) offset = offset * shape[k]! + indices[e * order + k]!;
    keys[e] = offset * entries + e;
  }
  return keys.sort().map((key) => key % entries);
}

export interface EmptySlices {
  readonly mode: number;
  readonly count: number;
  /** The first few, from 0. */
  readonly first: readonly number[];
}

/**
 * Slices without any entry, for every mode that has some: how many, and the first `most` of them. Cost O(n · order + Σ shape).
 *
 * @example
 * ```ts
 * import { emptySlices } from 'polyadic/io';
 *
 * console.log(emptySlices({ shape: [3, 2], indices: Uint32Array.of(0, 0, 2, 1) })); // [ { mode: 0, count: 1, first: [ 1 ] } ]
 * ```
 * @throws InputError for indices outside the shape.
 */
export function emptySlices(given: Places, most = 5): EmptySlices[] {
  const { shape, indices } = requirePlaces('emptySlices', given);
  const order = shape.length;
  return shape.flatMap((size, mode) => {
    const seen = new Uint8Array(size);
    for (let at = mode; at < indices.length; at += order) seen[indices[at]!] = 1;
    const first: number[] = [];
    let count = 0;
    for (let i = 0; i < size; i++) if (!seen[i] && ++count <= most) first.push(i);
    return count > 0 ? [{ mode, count, first }] : [];
  });
}
