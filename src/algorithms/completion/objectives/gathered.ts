// Observed entries one by one: every entry gathers its rows of the factors. For any share of known entries, minibatches too.
// (5 · order − 2) · entries · rank flops a gradient, most of the time in loads.
import type { ObservedTarget } from '../../../targets/observed.js';
import { uploadEntriesSteps, uploadSegmentsSteps } from '../observed-entries.js';
import type { Work } from '../../../yield.js';
import type { DeviceSegments } from '../../../backend/backend.js';
import type { Objective, ObjectiveSetup } from './objective.js';
import { stackedFactors } from './stacked-factors.js';

export function* gathered(setup: ObjectiveSetup<ObservedTarget>): Work<Objective> {
  const { scope, target, loss, parameter, ranges } = setup;
  const { model, gradient, parameters, models, maxCount } = stackedFactors(setup);
  const { entryRows, values } = yield* uploadEntriesSteps(scope, target);
  const segments: DeviceSegments[] = [];
  for (const range of ranges) segments.push(yield* uploadSegmentsSteps(scope, target, range));
  const derivative = scope.array('derivative', model.batch * maxCount);
  const mean = scope.array('mean loss', model.batch);
  return {
    parameters,
    mean,
    recordGradient: (minibatch) => {
      const part = { ...ranges[minibatch]!, segments: segments[minibatch]! };
      scope.lossAndGradientObserved({
        ...model,
        ...part,
        loss,
        parameter,
        entryRows,
        values,
        derivative,
        mean,
        gradient,
      });
    },
    models,
  };
}
