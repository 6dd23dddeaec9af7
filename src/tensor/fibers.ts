// Walks over the entries of a Kruskal tensor without storing it: some fibers of the last mode at a time, in row-major order.
//   fiber[j] = Σ_r (weights[r] · Π_{k<N−1} factors[k][i_k, r]) · factors[N−1][j, r]
// The bracket is kept per mode, so a step of the index multiplies only the modes that moved. Brackets of many fibers at once make a
// matrix, and its product with the last factor these fibers. Used by toDense and relativeError.
import { toKruskal } from './kruskal.js';
import type { DenseTensor } from './dense.js';
import type { AnyKruskal, Kruskal } from './kruskal.js';
import { addProductSteps, rowsOf } from '../linalg/matrix-product.js';
import { finished, isPauseDue, type Work } from '../yield.js';

/** Called with the values of one or more neighboring fibers (a buffer that is reused) and the flat offset of the first entry. */
export type FiberVisitor = (fibers: Float64Array, offset: number) => void;

/** Cost O(N·rank) for N entries, memory O(order·rank) and fibers of 512 KiB in all, or one. */
export const forEachFiber = (model: AnyKruskal, visit: FiberVisitor): void => finished(fiberSteps(model, visit));

/** The same with pauses, and less the entries of `minus` where it is given. */
export function* fiberSteps(model: AnyKruskal, visit: FiberVisitor, minus?: DenseTensor['data']): Work<void> {
  const { weights, factors } = toKruskal(model);
  const last = factors.at(-1);
  if (last === undefined || factors.some((factor) => factor.rows === 0)) return;
  const rank = weights.length;
  const leading = factors.slice(0, -1);
  // Weights ∗ rows of the Khatri–Rao product of the leading factors, last of their indices fastest.
  const products = [weights, ...leading.map(() => new Float64Array(rank))];
  const row = products[leading.length]!;
  const index = leading.map(() => 0);
  const fibers = leading.reduce((count, factor) => count * factor.rows, 1);
  const together = Math.max(1, Math.min(fibers, Math.floor(entriesTogether / last.rows)));
  const rows = new Float64Array(together * rank);
  const values = new Float64Array(together * last.rows);
  let moved = 0;
  for (let first = 0; first < fibers; first += together) {
    const count = Math.min(together, fibers - first);
    for (let k = 0; k < count; k++) {
      for (let mode = moved; mode < leading.length; mode++) {
        multiplyRow(products[mode]!, leading[mode]?.data, index[mode]! * rank, products[mode + 1]);
      }
      rows.set(row, k * rank);
      moved = advance(index, leading);
    }
    const offset = first * last.rows;
    const entries = values.subarray(0, count * last.rows);
    if (!minus) entries.fill(0);
    yield* addProductSteps(
      rowsOf(entries, count, last.rows),
      rowsOf(rows, count, rank),
      rowsOf(last.data, last.rows, rank),
      minus ? { minus: minus.subarray(offset, offset + entries.length) } : {},
    );
    visit(entries, offset);
    if (isPauseDue(visitFlops * count * last.rows)) yield;
  }
}

/** Entries of the fibers that are computed together. */
const entriesTogether = 2 ** 16;
/** What a visitor does with an entry, in flops: a compensated sum, say. */
const visitFlops = 10;

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
