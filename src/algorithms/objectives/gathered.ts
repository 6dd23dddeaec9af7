// Observed entries one by one: every entry gathers its rows of the factors. For any share of known entries, minibatches too.
// (5 · order − 2) · entries · rank flops a gradient, most of the time in loads.
import type { ObservedTarget } from '../../targets/observed.js';
import { stackFactors, unstackFactors } from '../../tensor/stacked.js';
import { uploadEntries, uploadSegments } from '../observed-entries.js';
import type { Objective, ObjectiveSetup } from './objective.js';

export function gathered(setup: ObjectiveSetup<ObservedTarget>): Objective {
  const { scope, target, models, rank, loss, parameter, ranges } = setup;
  const { shape } = target;
  const batch = models.length;
  const stack = stackFactors(models);
  const factors = scope.array('factors', stack);
  const gradient = scope.array('gradient', stack.length);
  const length = stack.length / batch;
  const { entryRows, values } = uploadEntries(scope, target);
  const segments = ranges.map((range) => uploadSegments(scope, target, range));
  const most = ranges.reduce((largest, { count }) => Math.max(largest, count), 0);
  const derivative = scope.array('derivative', batch * most);
  const mean = scope.array('mean loss', batch);
  const model = { order: shape.length, batch, rows: length / rank, rank, factors };
  return {
    parameters: [{ label: 'factors', length, array: factors, gradient }],
    mean,
    recordGradient: (minibatch) => {
      const part = { ...ranges[minibatch]!, segments: segments[minibatch]! };
      scope.lossAndGradientObserved({
        ...model,
        ...part,
        ...{ loss, parameter, entryRows, values, derivative, mean, gradient },
      });
    },
    models: async () => unstackFactors(shape, rank, await scope.read(factors)),
  };
}
