// Observed entries without the indices of which no value is known: numbers of people and things often have gaps.
import type { Kruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { inRanges, isPauseDue, type Work } from '../yield.js';
import type { ObservedTarget } from './observed.js';

export interface UsedIndices {
  readonly target: ObservedTarget;
  /** Of every mode, how many indices are left out. */
  readonly spared: readonly number[];
  /** A model of the whole shape, as one of the target's. */
  readonly taken: (model: Kruskal) => Kruskal;
  /** A model of the target, as one of the whole shape: indices without a value get the mean of the others, which is all that is known of them. */
  readonly restored: (model: Kruskal) => Kruskal;
}

/** Every index of the modes named has a value then; undefined where it has already. O(entries · order + indices). */
export function* usedIndices(target: ObservedTarget, modes: readonly number[]): Work<UsedIndices | undefined> {
  const { shape, count, indices } = target;
  const order = shape.length;
  /** Of every mode that has spare indices, which number an index gets among those that are used. */
  const places = new Map<number, Uint32Array>();
  const used = new Map<number, Uint32Array>();
  for (const mode of modes) {
    const seen = new Uint8Array(shape[mode]!);
    yield* inRanges(count, 4, (from, end) => {
      for (let at = mode + from * order; at < end * order; at += order) seen[indices[at]!] = 1;
    });
    if (!seen.includes(0)) continue;
    const place = new Uint32Array(seen.length);
    const list: number[] = [];
    for (const [index, isUsed] of seen.entries()) if (isUsed) place[index] = list.push(index) - 1;
    if (isPauseDue(10 * seen.length)) yield;
    places.set(mode, place);
    used.set(mode, Uint32Array.from(list));
  }
  if (used.size === 0) return undefined;
  const some = indices.slice();
  for (const [mode, place] of places) {
    yield* inRanges(count, 4, (from, end) => {
      for (let at = mode + from * order; at < end * order; at += order) some[at] = place[some[at]!]!;
    });
  }
  const small = shape.map((rows, mode) => used.get(mode)?.length ?? rows);
  return {
    target: { ...target, shape: small, indices: some },
    spared: shape.map((rows, mode) => rows - small[mode]!),
    taken: ({ weights, factors }) => ({
      weights,
      factors: factors.map((factor, mode) => selected(factor, used.get(mode))),
    }),
    restored: ({ weights, factors }) => ({
      weights,
      factors: factors.map((factor, mode) => spread(factor, shape[mode]!, used.get(mode))),
    }),
  };
}

function selected(factor: Matrix, rows: Uint32Array | undefined): Matrix {
  if (!rows) return factor;
  const { columns } = factor;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => data.set(factor.data.subarray(row * columns, (row + 1) * columns), i * columns));
  return { rows: rows.length, columns, data };
}

function spread({ columns, data: given }: Matrix, rows: number, used: Uint32Array | undefined): Matrix {
  if (!used) return { rows, columns, data: given };
  const mean = new Float64Array(columns);
  given.forEach((value, at) => (mean[at % columns]! += value / used.length));
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) data.set(mean, row * columns);
  used.forEach((row, i) => data.set(given.subarray(i * columns, (i + 1) * columns), row * columns));
  return { rows, columns, data };
}
