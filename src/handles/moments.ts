// The handle of a moment or cumulant that is given by samples.
import { momentsView } from './views/moments-view.js';
import type { MomentsTarget } from '../targets/moments.js';
import { largestEntry, powerOfTwoBelow, rootMeanSquare } from './scale.js';
import { expectedComponents, packedFlops, symmetricProblem, type SymmetricProblem } from './symmetric.js';

export function momentsProblem(target: MomentsTarget): SymmetricProblem<MomentsTarget> {
  const { order, dim, samples, cumulant } = target;
  return symmetricProblem({
    target,
    isZero: !cumulant && largestEntry(samples.data) === 0,
    scale: cumulant ? 1 : powerOfTwoBelow(rootMeanSquare(samples.data)) ** order,
    makeView: () => momentsView(target),
    expectedRank: expectedComponents(dim),
    stepFlops: (width) => Math.min(4 * width * samples.rows * dim, packedFlops(order, dim, width)),
    maxBatch: 1,
    // By the samples, not the weights: their powers are what leaves the range of float32.
    scaled(factor) {
      const root = 2 ** Math.round(Math.log2(factor) / order);
      return momentsProblem({ ...target, samples: { ...samples, data: samples.data.map((value) => value * root) } });
    },
  });
}
