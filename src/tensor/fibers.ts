// Walks over the entries of a Kruskal tensor without storing it: one fiber of the last mode at a time, in row-major order.
//   fiber[j] = Σ_r (weights[r] · Π_{k<N−1} factors[k][i_k, r]) · factors[N−1][j, r]
// The bracket is kept per mode, so a step of the index multiplies only the modes that moved. Used by toDense and relativeError.
import { toKruskal } from './kruskal.js';
import type { AnyKruskal, Kruskal } from './kruskal.js';
import { transpose } from './matrix.js';

/** Called with the values of one fiber (a buffer that is reused) and the flat offset of its first entry. */
export type FiberVisitor = (fiber: Float64Array, offset: number) => void;

/** Cost O(N·rank) for N entries, memory O(order·rank + shape[last]·(rank + 1)). */
export function forEachFiber(model: AnyKruskal, visit: FiberVisitor): void {
  const { weights, factors } = toKruskal(model);
  const last = factors.at(-1);
  if (last === undefined || factors.some((factor) => factor.rows === 0)) return;
  const lastRows = transpose(last);
  const fiber = new Float64Array(last.rows);
  let offset = 0;
  forEachLeadingRow({ weights, factors: factors.slice(0, -1) }, (row) => {
    fiber.fill(0);
    for (let r = 0; r < row.length; r++) {
      const scale = row[r]!;
      const start = r * fiber.length;
      for (let j = 0; j < fiber.length; j++) {
        fiber[j] = fiber[j]! + scale * lastRows.data[start + j]!;
      }
    }
    visit(fiber, offset);
    offset += fiber.length;
  });
}

/** Visits weights ∗ (rows of the Khatri–Rao product of the leading factors), last of their indices fastest. */
function forEachLeadingRow({ weights, factors }: Kruskal, visit: (row: Float64Array) => void): void {
  const rank = weights.length;
  const products = [weights, ...factors.map(() => new Float64Array(rank))];
  const index = factors.map(() => 0);
  for (let moved = 0; moved >= 0; moved = advance(index, factors)) {
    for (let mode = moved; mode < factors.length; mode++) {
      multiplyRow(products[mode]!, factors[mode]?.data, index[mode]! * rank, products[mode + 1]);
    }
    visit(products.at(-1) as Float64Array);
  }
}

function multiplyRow(row: Float64Array, data: Float64Array | undefined, start: number, out: Float64Array | undefined) {
  if (data === undefined || out === undefined) return;
  for (let r = 0; r < row.length; r++) out[r] = row[r]! * data[start + r]!;
}

/** Next index in row-major order; returns the first mode that moved, −1 at the end. */
function advance(index: number[], factors: Kruskal['factors']): number {
  for (let mode = index.length - 1; mode >= 0; mode--) {
    const next = index[mode]! + 1;
    if (next < (factors[mode]?.rows ?? 0)) {
      index[mode] = next;
      return mode;
    }
    index[mode] = 0;
  }
  return -1;
}
