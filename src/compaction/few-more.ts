// The last check of a model that leaves what would be called noise: whether a few components more explain plainly more. Components that are
// nearly parallel pass for one, and the residual shows no direction of its own then; so the new ones begin beside those that were found.
import { concatenate } from '../tensor/concatenate.js';
import type { RandomStream } from '../random/stream.js';
import type { SymmetricKruskal } from '../tensor/kruskal.js';
import { arrange, normalize } from '../tensor/normalize.js';
import { isRival } from './evidence.js';
import { polished } from './polish-symmetric.js';
import { refit } from './refit.js';
import { measureSteps, type SymmetricView } from '../handles/views/symmetric-view.js';
import type { Work } from '../yield.js';

/** Numbers of the model up to which a polish takes a tenth of a second or less. */
const maxNumbers = 200;
const starts = 6;
const maxMore = 3;
/** How far beside: tan of the angle. */
const apart = 0.5;
const polishOptions = { maxSteps: 60, tolerance: 1e-6 };

/** The model with one component more, or up to three, where that explains plainly more. */
export function* withMore(
  view: SymmetricView,
  found: SymmetricKruskal,
  random: RandomStream,
): Work<SymmetricKruskal | undefined> {
  const { given, dim } = view;
  const components = found.weights.length;
  const before = { components, relativeError: (yield* measureSteps(view, found)).relativeError };
  for (let start = 0; start < starts; start++) {
    const more = 1 + (start % maxMore);
    if (components === 0 || (components + more) * dim > maxNumbers) continue;
    const begun = yield* refit(view, beside(found, more, random));
    const { kruskal, relativeError } = yield* polished(view, begun, polishOptions);
    if (isRival(given, { components: components + more, relativeError }, before)) return kruskal;
  }
  return undefined;
}

/** The model and so many components more, each beside one of its own, the strongest first. */
function beside(found: SymmetricKruskal, more: number, random: RandomStream): SymmetricKruskal {
  const { rows, columns, data } = arrange(found).vectors;
  const away = random.unitVectors(more, columns).data;
  const vectors = away.map((value, at) => data[at % (rows * columns)]! + apart * value);
  return normalize({
    ...found,
    weights: new Float64Array(rows + more).fill(1),
    vectors: { rows: rows + more, columns, data: concatenate([data, vectors]) },
  });
}
