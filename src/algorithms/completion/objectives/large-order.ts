// Observed entries of tensors of more than 16 modes, images as indices: products of hundreds of factors, with the care they need.
// 6 · order · entries · rank flops a gradient.
import type { ObservedTarget } from '../../../targets/observed.js';
import { uploadLargeOrder } from '../observed-entries.js';
import type { Objective, ObjectiveSetup } from './objective.js';
import { stackedFactors } from './stacked-factors.js';

export function largeOrder(setup: ObjectiveSetup<ObservedTarget>): Objective {
  const { scope, target, loss, parameter, ranges } = setup;
  const { model, gradient, parameters, models, most } = stackedFactors(setup);
  const { batch } = model;
  const entries = uploadLargeOrder(scope, target);
  const values = scope.array('observed values', target.values);
  const prediction = scope.array('prediction', batch * most);
  const derivative = scope.array('derivative', batch * most);
  const mean = scope.array('mean loss', batch);
  return {
    parameters,
    mean,
    recordGradient: (minibatch) => {
      const range = ranges[minibatch]!;
      scope.predictLargeOrder({ ...model, ...range, entries, prediction });
      scope.lossObserved({ ...range, batch, loss, parameter, values, prediction, derivative, mean });
      scope.gradientLargeOrder({ ...model, ...range, entries, derivative, gradient });
    },
    models,
  };
}
