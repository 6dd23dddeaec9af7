// The handle of a symmetric tensor that is given by its components and never formed.
import { relativeError, relativeErrorFloor } from '../analysis/relative-error.js';
import { factoredView } from './views/factored-view.js';
import { largestComponent, type FactoredTarget } from '../targets/factored.js';
import { dividedByPower } from '../tensor/inner-product.js';
import { rankOf } from '../tensor/kruskal.js';
import { powerOfTwoBelow } from './scale.js';
import { symmetricProblem, type SymmetricProblem } from './symmetric.js';

/** Inner products times dim up to which the Gram formula is summed in doubled precision: about a second. */
const doubledWork = 5e7;

export function factoredProblem(given: FactoredTarget): SymmetricProblem<FactoredTarget> {
  // Vectors of unit size: powers of others leave the range of floats.
  const target = { ...given, ...dividedByPower(given, 0) };
  const { weights, dim } = target;
  const largest = largestComponent(target);
  return symmetricProblem({
    target,
    isZero: largest === 0,
    scale: powerOfTwoBelow(largest),
    makeView: () => factoredView(target),
    expectedRank: weights.length,
    stepFlops: (width) => 4 * width * (width + weights.length) * dim,
    measure: (view, model) =>
      view.workOf(rankOf(model)) <= doubledWork
        ? view.measure(model)
        : { relativeError: relativeError(model, target), errorFloor: relativeErrorFloor(model, target) },
    scaled: (factor) => factoredProblem({ ...target, weights: weights.map((weight) => weight * factor) }),
  });
}
