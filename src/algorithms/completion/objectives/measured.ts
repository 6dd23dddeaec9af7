// Linear measurements ⟨A_j, W⟩: dense A_j act on the model's tensor, Kruskal ones on its factors.
import type { KruskalMeasurements, SensingTarget } from '../../../targets/sensing.js';
import { factorArrays } from './factor-arrays.js';
import type { Objective, ObjectiveSetup } from './objective.js';

export function measured(setup: ObjectiveSetup<SensingTarget>): Objective {
  const { measurements } = setup.target;
  return measurements.kind === 'dense'
    ? measuredDensely(setup, measurements.data)
    : measuredByFactors(setup, measurements);
}

/** 6 · size · rank + 4 · count · size flops a gradient and start. */
function measuredDensely(setup: ObjectiveSetup<SensingTarget>, data: Float64Array | Float32Array): Objective {
  const { scope, target, loss, parameter } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const { batch } = model;
  const { count } = target;
  const size = data.length / count;
  const zeros = scope.array('zeros', size);
  const values = scope.array('measured values', target.values);
  const measurements = scope.array('measurements', data);
  const tensor = scope.array('tensor', batch * size);
  const prediction = scope.array('prediction', batch * count);
  const derivative = scope.array('derivative', batch * count);
  const mean = scope.array('mean loss', batch);
  const measuring = { batch, count, size, measurements, tensor };
  return {
    parameters,
    mean,
    recordGradient: () => {
      scope.residualDense({ ...model, tensor: zeros, residual: tensor });
      scope.measureDense({ ...measuring, prediction });
      scope.lossObserved({ batch, first: 0, count, loss, parameter, values, prediction, derivative, mean });
      scope.measureAdjoint({ ...measuring, derivative });
      scope.mttkrpAllDense({ ...model, tensor, products: gradients });
    },
    models,
  };
}

/** 4 · count · terms · rank · Σ shape flops a gradient and start; no tensor is formed. */
function measuredByFactors(setup: ObjectiveSetup<SensingTarget>, given: KruskalMeasurements): Objective {
  const { scope, target, loss, parameter } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const { batch, rank } = model;
  const { count } = target;
  const { terms } = given;
  const values = scope.array('measured values', target.values);
  const weights = scope.array('measurement weights', given.weights);
  const vectors = given.factors.map(({ data }, mode) => scope.array(`measurement vectors ${mode}`, data));
  const products = vectors.map((_, mode) => scope.array(`inner products ${mode}`, batch * count * terms * rank));
  const prediction = scope.array('prediction', batch * count);
  const derivative = scope.array('derivative', batch * count);
  const mean = scope.array('mean loss', batch);
  const measuring = { ...model, count, terms, weights, vectors, products };
  return {
    parameters,
    mean,
    recordGradient: () => {
      scope.measureKruskal({ ...measuring, prediction });
      scope.lossObserved({ batch, first: 0, count, loss, parameter, values, prediction, derivative, mean });
      gradients.forEach((gradient, mode) => {
        scope.measureKruskalAdjoint({ ...measuring, mode, derivative, gradient });
      });
    },
    models,
  };
}
