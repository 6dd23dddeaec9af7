// How the components found lie to the true ones: |cosine| of every pair. Symmetric: of the two vectors. Otherwise the
// product over the modes, which is the cosine between the two rank-one tensors.
import type { AnyKruskal, Matrix } from '../src/index.js';

/** The cosine from which a true component counts as found. */
export const foundCosine = 0.99;
/** A component counts when its norm is at least this share of the true weight. */
export const leastShare = 0.05;

/** [true components][components found]; unit vectors on both sides. */
export function absoluteCosines(truth: AnyKruskal, found: AnyKruskal): number[][] {
  return Array.from(truth.weights, (_, t) =>
    Array.from(found.weights, (_, f) => Math.min(1, Math.abs(cosine(truth, t, found, f)))),
  );
}

/** For each component found, the true one it points along, or −1. */
export function owners(cosines: readonly (readonly number[])[], count: number, least = 0.9): number[] {
  return Array.from({ length: count }, (_, f) => {
    const column = cosines.map((row) => row[f] ?? 0);
    const best = Math.max(...column);
    return best >= least ? column.indexOf(best) : -1;
  });
}

/** How many true components have one along them that carries weight. */
export function countFound(
  cosines: readonly (readonly number[])[],
  weights: readonly number[],
  truthWeights: readonly number[],
): number {
  return cosines.filter((row, t) =>
    row.some(
      (value, f) => value >= foundCosine && Math.abs(weights[f] ?? 0) >= leastShare * Math.abs(truthWeights[t] ?? 0),
    ),
  ).length;
}

function cosine(truth: AnyKruskal, t: number, found: AnyKruskal, f: number): number {
  if ('vectors' in truth && 'vectors' in found) return inner(row(truth.vectors, t), row(found.vectors, f));
  if ('vectors' in truth || 'vectors' in found) return 0;
  return truth.factors.reduce((product, factor, mode) => {
    const other = found.factors[mode];
    return other ? product * inner(column(factor, t), column(other, f)) : 0;
  }, 1);
}

const row = ({ columns, data }: Matrix, r: number): number[] =>
  Array.from(data.subarray(r * columns, (r + 1) * columns));
const column = ({ rows, columns, data }: Matrix, c: number): number[] =>
  Array.from({ length: rows }, (_, i) => data[i * columns + c]!);
const inner = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
