// The handle of a symmetric tensor that is given by its distinct entries.
import { denseSymmetricView } from './views/dense-symmetric-view.js';
import type { DenseSymmetricTarget } from '../targets/dense-symmetric.js';
import { largestEntry, powerOfTwoBelow } from './scale.js';
import { expectedComponents, packedFlops, symmetricProblem, type SymmetricProblem } from './symmetric.js';

export function denseSymmetricProblem(target: DenseSymmetricTarget): SymmetricProblem<DenseSymmetricTarget> {
  const { order, dim, data } = target;
  const largest = largestEntry(data);
  return symmetricProblem({
    target,
    isZero: largest === 0,
    scale: powerOfTwoBelow(largest),
    makeView: () => denseSymmetricView(target),
    expectedRank: expectedComponents(dim),
    stepFlops: (width) => packedFlops(order, dim, width),
    scaled: (factor) =>
      denseSymmetricProblem({ ...target, data: new Float64Array(data).map((value) => value * factor) }),
  });
}
