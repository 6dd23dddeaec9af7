// The handle of a tensor of which single entries are known.
import { observedView } from './views/observed-view.js';
import type { DenseTarget } from '../targets/dense.js';
import type { ObservedTarget } from '../targets/observed.js';
import { sampledProblem, type SampledProblem } from './sampled.js';
import { nearestPowerOfTwo, rootMeanSquare } from './scale.js';
import { knownEntries } from '../targets/known-entries.js';
import { sizeOf } from '../tensor/shape.js';
import type { Work } from '../yield.js';
import { squeezedBy } from './squeeze.js';

/** Orders beyond which a tensor's norm says nothing about its entries: it leaves the range of floats. */
const maxScaledOrder = 16;
/** Products over more modes are too small or too large, and sweeps over more entries take too long, for variational inference. */
const maxVariationalOrder = 8;
const maxVariationalCount = 1e7;

export function observedProblem(target: ObservedTarget): SampledProblem<ObservedTarget> {
  const { shape, count, values } = target;
  const cells = sizeOf(shape);
  const order = shape.filter((rows) => rows > 1).length;
  return sampledProblem({
    target,
    defaultAlgorithm: order <= maxVariationalOrder && count <= maxVariationalCount ? 'variational' : 'completion',
    scale: shape.length > maxScaledOrder ? 1 : nearestPowerOfTwo(rootMeanSquare(values) * Math.sqrt(cells)),
    entries: target,
    makeView: () => observedView(target),
    stepFlops: (width) => (5 * shape.length - 2) * count * width,
    arrayPerComponent: shape.reduce((sum, rows) => sum + rows, 0),
    make: observedProblem,
    squeezed: () => squeezedBy(shape, (kept) => observedProblem(withModes(target, kept))),
  });
}

/** The known cells of a dense tensor as a list of entries. */
export function* entriesOfDense(target: DenseTarget): Work<SampledProblem<ObservedTarget>> {
  return observedProblem(yield* knownEntries(target));
}

function withModes(target: ObservedTarget, kept: readonly number[]): ObservedTarget {
  const { count, indices, shape } = target;
  const order = shape.length;
  const some = new Uint32Array(count * kept.length);
  for (let e = 0; e < count; e++) {
    kept.forEach((mode, k) => (some[e * kept.length + k] = indices[e * order + mode]!));
  }
  return { ...target, shape: kept.map((mode) => shape[mode]!), indices: some };
}
