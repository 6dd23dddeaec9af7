// The handle of a moment or cumulant that is given by samples.
import { momentsView } from './views/moments-view.js';
import type { MomentsTarget } from '../targets/moments.js';
import { largestEntry, nearestPowerOfTwo, powerOfTwoBelow, rootMeanSquare } from './scale.js';
import { expectedComponents, packedFlops, symmetricProblem, type SymmetricProblem } from './symmetric.js';

export function momentsProblem(given: MomentsTarget): SymmetricProblem<MomentsTarget> {
  const target = withUnitSamples(given);
  const { order, dim, samples, weights, cumulant } = target;
  return symmetricProblem({
    target,
    isZero: !cumulant && (largestEntry(samples.data) === 0 || largestEntry(weights) === 0),
    scale: cumulant ? 1 : nearestPowerOfTwo(weights.reduce((sum, weight) => sum + Math.abs(weight), 0)),
    makeView: () => momentsView(target),
    expectedRank: expectedComponents(dim),
    stepFlops: (width) => Math.min(4 * width * samples.rows * dim, packedFlops(order, dim, width)),
    maxBatch: 1,
    scaled: (factor) => momentsProblem({ ...target, weights: weights.map((weight) => weight * factor) }),
  });
}

/** The same moment by samples of unit size, whose powers stay in the range of float32. Exact: by powers of two. Those of cumulants are white. */
function withUnitSamples(target: MomentsTarget): MomentsTarget {
  const { order, samples, weights, cumulant } = target;
  const size = powerOfTwoBelow(rootMeanSquare(samples.data));
  if (cumulant || size === 1) return target;
  return {
    ...target,
    samples: { ...samples, data: samples.data.map((value) => value / size) },
    weights: weights.map((weight) => weight * size ** order),
  };
}
