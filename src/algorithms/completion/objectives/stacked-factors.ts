// All factors in one array, as the operations on entries want them.
import type { DeviceArray, StackedModel } from '../../../backend/backend.js';
import type { Descended } from '../../../optimizers/descent.js';
import type { Kruskal } from '../../../tensor/kruskal.js';
import { stackFactors, unstackFactors } from '../../../tensor/stacked.js';
import type { ObjectiveSetup } from './objective.js';

export interface StackedFactors {
  readonly model: StackedModel;
  /** `[batch, Σ shape, rank]` */
  readonly gradient: DeviceArray;
  readonly parameters: readonly Descended[];
  readonly models: () => Promise<Kruskal[]>;
  /** Entries of the longest minibatch. */
  readonly maxCount: number;
}

export function stackedFactors({
  scope,
  target: { shape },
  models,
  rank,
  ranges,
}: ObjectiveSetup<{ readonly shape: readonly number[] }>): StackedFactors {
  const stack = stackFactors(models);
  const batch = models.length;
  const length = stack.length / batch;
  const array = scope.array('factors', stack);
  const gradient = scope.array('gradient', stack.length);
  return {
    model: { order: shape.length, batch, rows: length / rank, rank, factors: array },
    gradient,
    parameters: [{ label: array.label, length, array, gradient }],
    models: async () => unstackFactors(shape, rank, await scope.read(array)),
    maxCount: ranges.reduce((largest, { count }) => Math.max(largest, count), 0),
  };
}
