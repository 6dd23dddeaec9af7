// The handle of a tensor of which single entries are known.
import { observedView } from './views/observed-view.js';
import type { DenseTarget } from '../targets/dense.js';
import type { ObservedTarget } from '../targets/observed.js';
import { sampledProblem, type SampledProblem } from './sampled.js';
import { nearestPowerOfTwo, rootMeanSquare } from './scale.js';
import { sizeOf } from '../tensor/shape.js';
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
export function entriesOfDense({ shape, data, known }: DenseTarget): SampledProblem<ObservedTarget> {
  const cells = Uint32Array.from(data.keys()).filter((at) => known?.[at] !== 0);
  const order = shape.length;
  const indices = new Uint32Array(cells.length * order);
  cells.forEach((cell, e) => {
    for (let k = order - 1, rest = cell; k >= 0; k--) {
      indices[e * order + k] = rest % shape[k]!;
      rest = Math.floor(rest / shape[k]!);
    }
  });
  const values = Float64Array.from(cells, (at) => data[at]!);
  return observedProblem({ kind: 'observed', shape, count: cells.length, indices, values });
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
