// How much each component of a model is of the values that are known.
import type { Kruskal } from '../tensor/kruskal.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Entries } from './entries.js';

/** Mean square of every component on the observed cells, [rank]. */
export function* energies({ count, indices }: Entries, { weights, factors }: Kruskal): Work<Float64Array> {
  const rank = weights.length;
  const order = factors.length;
  const product = new Float64Array(rank);
  const sums = new Float64Array(rank);
  for (let e = 0; e < count; e++) {
    product.set(weights);
    for (let k = 0; k < order; k++) {
      const { data } = factors[k]!;
      const from = indices[e * order + k]! * rank;
      for (let r = 0; r < rank; r++) product[r]! *= data[from + r]!;
    }
    for (let r = 0; r < rank; r++) sums[r]! += product[r]! ** 2 / count;
    if (isPauseDue((order + 2) * (rank + 10))) yield;
  }
  return sums;
}

/** Numbers of the components, the weakest first, so many at most. */
export function* weakest(entries: Entries, model: Kruskal, count: number): Work<number[]> {
  const sizes = yield* energies(entries, model);
  return Array.from(sizes.keys())
    .sort((a, b) => sizes[a]! - sizes[b]!)
    .slice(0, count);
}
