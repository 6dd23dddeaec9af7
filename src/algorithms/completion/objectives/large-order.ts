// Observed entries of tensors of more than 16 modes, images as indices: products of hundreds of factors, with the care they need.
// 6 · order · entries · rank flops a gradient.
import type { ObservedTarget } from '../../../targets/observed.js';
import type { Work } from '../../../yield.js';
import { uploadLargeOrderSteps } from '../observed-entries.js';
import { lossArrays, type Objective, type ObjectiveSetup } from './objective.js';
import { stackedFactors } from './stacked-factors.js';

export function* largeOrder(setup: ObjectiveSetup<ObservedTarget>): Work<Objective> {
  const { scope, target, ranges } = setup;
  const { model, gradient, parameters, models, maxCount } = stackedFactors(setup);
  const entries = yield* uploadLargeOrderSteps(scope, target);
  const values = scope.array('observed values', target.values);
  const losses = lossArrays(setup, maxCount);
  const { prediction, derivative, mean } = losses;
  return {
    parameters,
    mean,
    recordGradient: (minibatch) => {
      const range = ranges[minibatch]!;
      scope.predictLargeOrder({ ...model, ...range, entries, prediction });
      scope.lossObserved({ ...losses, ...range, values });
      scope.gradientLargeOrder({ ...model, ...range, entries, derivative, gradient });
    },
    models,
  };
}
