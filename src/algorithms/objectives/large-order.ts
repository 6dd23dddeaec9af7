// Observed entries of tensors of more than 16 modes, images as indices: products of hundreds of factors, with the care they need.
// 6 · order · entries · rank flops a gradient.
import type { ObservedTarget } from '../../targets/observed.js';
import { stackFactors, unstackFactors } from '../../tensor/stacked.js';
import { uploadLargeOrder } from '../observed-entries.js';
import type { Objective, ObjectiveSetup } from './objective.js';

export function largeOrder(setup: ObjectiveSetup<ObservedTarget>): Objective {
  const { scope, target, models, rank, loss, parameter, ranges } = setup;
  const { shape } = target;
  const batch = models.length;
  const stack = stackFactors(models);
  const factors = scope.array('factors', stack);
  const gradient = scope.array('gradient', stack.length);
  const length = stack.length / batch;
  const entries = uploadLargeOrder(scope, target);
  const values = scope.array('observed values', target.values);
  const most = ranges.reduce((largest, { count }) => Math.max(largest, count), 0);
  const prediction = scope.array('prediction', batch * most);
  const derivative = scope.array('derivative', batch * most);
  const mean = scope.array('mean loss', batch);
  const model = { order: shape.length, batch, rows: length / rank, rank, factors, entries };
  return {
    parameters: [{ label: 'factors', length, array: factors, gradient }],
    mean,
    recordGradient: (minibatch) => {
      const range = ranges[minibatch]!;
      scope.predictLargeOrder({ ...model, ...range, prediction });
      scope.lossObserved({ ...range, batch, loss, parameter, values, prediction, derivative, mean });
      scope.gradientLargeOrder({ ...model, ...range, derivative, gradient });
    },
    models: async () => unstackFactors(shape, rank, await scope.read(factors)),
  };
}
