// Packed symmetric tensors in fewer coordinates: one mode contracted with a vector, or every mode with the columns of a matrix.
import { dot } from '../linalg/dot.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Matrix } from './matrix.js';
import { binomial, fibersPacked, packedLength, type SymmetricTensor } from './symmetric.js';

/**
 * S = T(·, …, ·, b), of one order less: S_J = Σ_i b_i T_{J, i}, for order ≥ 2. An entry T_I belongs to S at I without any one of its
 * indices, times b at that index. Runs over the fibers of T: what I loses is either its first index (a sum along the fiber), or one
 * of the others (a multiple of the fiber, added to a fiber of S). 2 · order flops an entry.
 */
export function* contractMode({ order, dim, data }: SymmetricTensor, b: Float64Array): Work<SymmetricTensor> {
  const out = new Float64Array(packedLength(order - 1, dim));
  const places = Array.from({ length: order - 1 }, (_, p) =>
    Float64Array.from({ length: dim }, (__, i) => binomial(i + p, p + 1)),
  );
  /** Offset of the entries (i, tail without its p-th index), i = 0, 1, …: the sum of `packedOffset`. */
  function fiberWithout(tail: readonly number[], p: number): number {
    let start = 0;
    for (let q = 0; q < p; q++) start += places[q + 1]![tail[q]!]!;
    for (let q = p + 1; q < tail.length; q++) start += places[q]![tail[q]!]!;
    return start;
  }
  let tailOffset = 0;
  for (const { tail, offset } of fibersPacked(order, dim)) {
    const last = tail[0]!;
    let sum = 0;
    for (let i = 0; i <= last; i++) sum += b[i]! * data[offset + i]!;
    out[tailOffset++]! += sum;
    for (let p = 0; p < tail.length; p++) {
      const lost = tail[p]!;
      // An index that occurs more than once is lost once.
      if (p > 0 && tail[p - 1] === lost) continue;
      const factor = b[lost]!;
      const start = fiberWithout(tail, p);
      // With i_1 = i_2 = lost the fiber's last entry has lost its first index above.
      const end = lost === last ? last : last + 1;
      for (let i = 0; i < end; i++) out[start + i]! += factor * data[offset + i]!;
    }
    if (isPauseDue(2 * order * (last + 1 + 4 * order))) yield;
  }
  return { order: order - 1, dim, data: out };
}

/** T ×_1 Bᵀ ×_2 Bᵀ …, packed, dim k: `basis` [dim, k]. About 2 · order · k flops for every entry of T, for order ≥ 2. */
export function* symmetricCore(tensor: SymmetricTensor, basis: Matrix): Work<SymmetricTensor> {
  const { order } = tensor;
  const { rows, columns: dim } = basis;
  const columns = Array.from({ length: dim }, (_, c) =>
    Float64Array.from({ length: rows }, (_, i) => basis.data[i * dim + c]!),
  );
  const data = new Float64Array(packedLength(order, dim));
  let offset = 0;
  // The packed order is the order of these loops: the last index changes slowest.
  function* fill(part: SymmetricTensor, largest: number): Work<void> {
    for (let c = 0; c <= largest; c++) {
      if (part.order > 1) {
        yield* fill(yield* contractMode(part, columns[c]!), c);
        continue;
      }
      data[offset++] = dot(columns[c]!, part.data as Float64Array);
      if (isPauseDue(2 * rows)) yield;
    }
  }
  yield* fill(tensor, dim - 1);
  return { order, dim, data };
}
