// Linear measurements ⟨A_j, W⟩: dense A_j act on the model's tensor, Kruskal ones on its factors.
import type { KruskalMeasurements, SensingTarget } from '../../../targets/sensing.js';
import { factorArrays } from './factor-arrays.js';
import { lossArrays, type Objective, type ObjectiveSetup } from './objective.js';

export function measured(setup: ObjectiveSetup<SensingTarget>): Objective {
  const { measurements } = setup.target;
  return measurements.kind === 'dense'
    ? measuredDensely(setup, measurements.data)
    : measuredByFactors(setup, measurements);
}

/** 6 · size · rank + 4 · count · size flops a gradient and start. */
function measuredDensely(setup: ObjectiveSetup<SensingTarget>, data: Float64Array | Float32Array): Objective {
  const { scope, target } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const { batch } = model;
  const { count } = target;
  const size = data.length / count;
  const zeros = scope.array('zeros', size);
  const values = scope.array('measured values', target.values);
  const measurements = scope.array('measurements', data);
  const tensor = scope.array('tensor', batch * size);
  const losses = lossArrays(setup, count);
  const { prediction, derivative, mean } = losses;
  const measuring = { batch, count, size, measurements, tensor };
  return {
    parameters,
    mean,
    recordGradient: () => {
      scope.residualDense({ ...model, tensor: zeros, residual: tensor });
      scope.measureDense({ ...measuring, prediction });
      scope.lossObserved({ ...losses, first: 0, count, values });
      scope.measureAdjoint({ ...measuring, derivative });
      scope.mttkrpAllDense({ ...model, tensor, products: gradients });
    },
    models,
  };
}

/** 4 · count · terms · rank · Σ shape flops a gradient and start; no tensor is formed. */
function measuredByFactors(setup: ObjectiveSetup<SensingTarget>, given: KruskalMeasurements): Objective {
  const { scope, target } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const { batch, rank } = model;
  const { count } = target;
  const { terms } = given;
  const values = scope.array('measured values', target.values);
  const weights = scope.array('measurement weights', given.weights);
  const vectors = given.factors.map(({ data }, mode) => scope.array(`measurement vectors ${mode}`, data));
  const products = vectors.map((_, mode) => scope.array(`inner products ${mode}`, batch * count * terms * rank));
  const losses = lossArrays(setup, count);
  const { prediction, derivative, mean } = losses;
  const measuring = { ...model, count, terms, weights, vectors, products };
  return {
    parameters,
    mean,
    recordGradient: () => {
      scope.measureKruskal({ ...measuring, prediction });
      scope.lossObserved({ ...losses, first: 0, count, values });
      gradients.forEach((gradient, mode) => {
        scope.measureKruskalAdjoint({ ...measuring, mode, derivative, gradient });
      });
    },
    models,
  };
}
