// The last check of a small tensor whose residual would be called noise: whether it has an exact fit that the search missed. A model
// with nearly as many numbers as entries is fitted from what was found and random components: noise has no such fit with fewer
// numbers than entries, while a tensor without noise often shows one.
import type { RandomStream } from '../random/stream.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { concatenate } from '../tensor/concatenate.js';
import { isFull } from './evidence.js';
import { polished } from './polish-symmetric.js';
import { reduceRank } from './reduce-rank.js';
import { refit } from './refit.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import type { Work } from '../yield.js';

/** Numbers of the model up to which a polish takes a tenth of a second or less. */
const maxNumbers = 200;
const starts = 4;
const polishOptions = { maxSteps: 150, tolerance: 1e-5 };

/** The fewest components found that fit within `rankTolerance`; undefined where no start led there, or the tensor is too large to try. */
export function* exactFit(
  view: SymmetricView,
  found: SymmetricKruskal,
  random: RandomStream,
  rankTolerance: number,
): Work<SymmetricKruskal | undefined> {
  const { given, dim, order } = view;
  let components = found.weights.length;
  while (!isFull(given, components + 1)) components++;
  const extra = components - found.weights.length;
  if (extra === 0 || components * dim > maxNumbers) return undefined;
  for (let start = 0; start < starts; start++) {
    const others = random.unitVectors(extra, dim);
    const vectors = { rows: components, columns: dim, data: concatenate([found.vectors.data, others.data]) };
    const weights = new Float64Array(components).fill(1);
    const options = { ...polishOptions, targetError: rankTolerance / 10 };
    const { kruskal, relativeError } = yield* polished(view, yield* refit(view, { order, weights, vectors }), options);
    if (relativeError >= rankTolerance) continue;
    const reduced = yield* reduceRank(view, kruskal, { rankTolerance });
    return (yield* polished(view, reduced.kruskal)).kruskal;
  }
  return undefined;
}
