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
  /** A model of the target, as one of the whole shape: indices without a value get the mean of the others, or 0 where those are two or one. */
  readonly restored: (model: Kruskal) => Kruskal;
  /**
   * The same of E x² (src/analysis/posterior.ts). Where n indices of a mode have values, another one varies about their mean by (n + 1) / (n − 1)
   * times what they do: with so much its square is expected, at least. Of fewer than three nothing but their size is known.
   */
  readonly restoredSecondMoment: (model: Kruskal) => Kruskal;
}

/** The mean of fewer says nothing of another one. */
const minIndices = 3;

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
      factors: factors.map((factor, mode) =>
        spread(factor, shape[mode]!, used.get(mode), (n) => Number(n >= minIndices)),
      ),
    }),
    restoredSecondMoment: ({ weights, factors }) => ({
      weights,
      factors: factors.map((factor, mode) => spread(factor, shape[mode]!, used.get(mode), inflation)),
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

/** As with two, where there is one. */
const inflation = (n: number): number => (Math.max(n, 2) + 1) / (Math.max(n, 2) - 1);

/** All rows, of which those without a value get the mean of the others times `share` of their number. */
function spread(
  { columns, data: given }: Matrix,
  rows: number,
  used: Uint32Array | undefined,
  share: (count: number) => number,
): Matrix {
  if (!used) return { rows, columns, data: given };
  const mean = new Float64Array(columns);
  const scale = share(used.length) / used.length;
  given.forEach((value, at) => (mean[at % columns]! += scale * value));
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) data.set(mean, row * columns);
  used.forEach((row, i) => data.set(given.subarray(i * columns, (i + 1) * columns), row * columns));
  return { rows, columns, data };
}
