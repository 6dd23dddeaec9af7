// Walks over the entries of a Kruskal tensor without storing it: one fiber of the last mode at a time, in row-major order.
//   fiber[j] = Σ_r (weights[r] · Π_{k<N−1} factors[k][i_k, r]) · factors[N−1][j, r]
// The bracket is kept per mode, so a step of the index multiplies only the modes that moved. Used by toDense and relativeError.
import { toKruskal } from './kruskal.js';
import type { AnyKruskal, Kruskal } from './kruskal.js';
import { transpose } from './matrix.js';
import { finished, isPauseDue, type Work } from '../yield.js';

/** Called with the values of one fiber (a buffer that is reused) and the flat offset of its first entry. */
export type FiberVisitor = (fiber: Float64Array, offset: number) => void;

/** Cost O(N·rank) for N entries, memory O(order·rank + shape[last]·(rank + 1)). */
export const forEachFiber = (model: AnyKruskal, visit: FiberVisitor): void => finished(fiberSteps(model, visit));

/** The same with pauses. */
export function* fiberSteps(model: AnyKruskal, visit: FiberVisitor): Work<void> {
  const { weights, factors } = toKruskal(model);
  const last = factors.at(-1);
  if (last === undefined || factors.some((factor) => factor.rows === 0)) return;
  const lastRows = transpose(last);
  const fiber = new Float64Array(last.rows);
  const rank = weights.length;
  const leading = factors.slice(0, -1);
  // Weights ∗ rows of the Khatri–Rao product of the leading factors, last of their indices fastest.
  const products = [weights, ...leading.map(() => new Float64Array(rank))];
  const row = products.at(-1) as Float64Array;
  const index = leading.map(() => 0);
  let offset = 0;
  for (let moved = 0; moved >= 0; moved = advance(index, leading)) {
    for (let mode = moved; mode < leading.length; mode++) {
      multiplyRow(products[mode]!, leading[mode]?.data, index[mode]! * rank, products[mode + 1]);
    }
    combineRows(row, lastRows.data, fiber);
    visit(fiber, offset);
    offset += fiber.length;
    if (isPauseDue((2 * rank + visitFlops) * fiber.length)) yield;
  }
}

/** What a visitor does with an entry, in flops: a compensated sum, say. */
const visitFlops = 10;

/** fiber[j] = Σ_r row[r] · rows[r, j] */
function combineRows(row: Float64Array, rows: Float64Array, fiber: Float64Array): void {
  fiber.fill(0);
  for (let r = 0; r < row.length; r++) {
    const scale = row[r]!;
    const start = r * fiber.length;
    for (let j = 0; j < fiber.length; j++) fiber[j] = fiber[j]! + scale * rows[start + j]!;
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
