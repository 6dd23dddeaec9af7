// One array a mode, as the operations on whole tensors want the factors: for the objectives that form the model's tensor.
import type { DenseModel, DeviceArray } from '../../../backend/backend.js';
import type { Descended } from '../../../optimizers/descent.js';
import type { Kruskal } from '../../../tensor/kruskal.js';
import { factorsOfMode, modelsOfFactors } from '../../../tensor/stacked.js';
import type { ObjectiveSetup } from './objective.js';

export interface FactorArrays {
  readonly model: DenseModel;
  /** One per mode, `[batch, shape[mode], rank]`. */
  readonly gradients: readonly DeviceArray[];
  readonly parameters: readonly Descended[];
  readonly models: () => Promise<Kruskal[]>;
}

export function factorArrays({
  scope,
  target: { shape },
  models,
  rank,
}: ObjectiveSetup<{ readonly shape: readonly number[] }>): FactorArrays {
  const batch = models.length;
  const factors = shape.map((_, mode) => scope.array(`factor ${mode}`, factorsOfMode(models, mode)));
  const gradients = factors.map(({ length }, mode) => scope.array(`gradient ${mode}`, length));
  return {
    model: { shape, rank, batch, factors },
    gradients,
    parameters: factors.map((array, mode) => ({
      label: array.label,
      length: array.length / batch,
      array,
      gradient: gradients[mode]!,
    })),
    models: async () => modelsOfFactors(shape, rank, await Promise.all(factors.map((factor) => scope.read(factor)))),
  };
}
