// Observed entries as cells of the whole tensor, with a mask: the model is formed, and two contractions give all gradients.
// 6 · cells · rank flops a gradient, all in products of matrices: the quicker way for small tensors with enough known cells. Unknown
// cells are predicted as 0 and count nothing.
import type { ObservedTarget } from '../../../targets/observed.js';
import { factorArrays } from './factor-arrays.js';
import { lossArrays, type Objective, type ObjectiveSetup } from './objective.js';
import { sizeOf } from '../../../tensor/shape.js';

/** Row-major cell of every entry. */
export function cellsOf({ shape, indices, count }: ObservedTarget): Float64Array {
  const order = shape.length;
  return Float64Array.from({ length: count }, (_, e) => {
    let cell = 0;
    for (let k = 0; k < order; k++) cell = cell * shape[k]! + indices[e * order + k]!;
    return cell;
  });
}

/** For one range of entries, all of them, no two in one cell. */
export function gridded(setup: ObjectiveSetup<ObservedTarget>): Objective {
  const { scope, target } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const size = sizeOf(target.shape);
  const content = new Float64Array(size);
  const known = new Float64Array(size);
  cellsOf(target).forEach((cell, e) => {
    content[cell] = target.values[e]!;
    known[cell] = 1;
  });
  // An unknown cell counts nothing, but its loss must be finite, whatever the loss: a value that some entry has.
  known.forEach((cell, at) => {
    if (cell === 0) content[at] = target.values[0]!;
  });
  const zeros = scope.array('zeros', size);
  const values = scope.array('cells', content);
  const mask = scope.array('known cells', known);
  const losses = lossArrays(setup, size);
  const { prediction, derivative, mean } = losses;
  return {
    parameters,
    mean,
    recordGradient: () => {
      scope.residualDense({ ...model, tensor: zeros, mask, residual: prediction });
      scope.lossObserved({ ...losses, first: 0, count: size, values, entryWeights: mask, scale: 1 / target.count });
      scope.mttkrpAllDense({ ...model, tensor: derivative, products: gradients });
    },
    models,
  };
}
