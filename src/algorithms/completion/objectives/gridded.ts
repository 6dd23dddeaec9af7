// Observed entries as cells of the whole tensor, with a mask: the model is formed, and two contractions give all gradients.
// 6 · cells · rank flops a gradient, all in products of matrices: the quicker way for small tensors with enough known cells. Unknown
// cells are predicted as 0 and count nothing.
import type { ObservedTarget } from '../../../targets/observed.js';
import { factorArrays } from './factor-arrays.js';
import { lossArrays, type Objective, type ObjectiveSetup } from './objective.js';
import { sizeOf } from '../../../tensor/shape.js';
import { inRanges, type Work } from '../../../yield.js';

interface KnownCells {
  /** Row-major cell of every entry, `[count]`. */
  readonly cells: Float64Array;
  /** 1 where an entry is, `[size]`. */
  readonly known: Float64Array;
}

/** The cells of the entries; undefined where two are in one cell. */
export function* knownCellsOf({ shape, indices, count }: ObservedTarget): Work<KnownCells | undefined> {
  const order = shape.length;
  const cells = new Float64Array(count);
  const known = new Float64Array(sizeOf(shape));
  let isTwice = false;
  yield* inRanges(count, 10 * order, (from, end) => {
    for (let e = from; e < end; e++) {
      let cell = 0;
      for (let k = 0; k < order; k++) cell = cell * shape[k]! + indices[e * order + k]!;
      cells[e] = cell;
      isTwice ||= known[cell] === 1;
      known[cell] = 1;
    }
  });
  return isTwice ? undefined : { cells, known };
}

/** For one range of entries, all of them. */
export function* gridded(setup: ObjectiveSetup<ObservedTarget>, { cells, known }: KnownCells): Work<Objective> {
  const { scope, target } = setup;
  const { model, gradients, parameters, models } = factorArrays(setup);
  const size = sizeOf(target.shape);
  const content = new Float64Array(size);
  // An unknown cell counts nothing, but its loss must be finite, whatever the loss: a value that some entry has.
  content.fill(target.values[0]!);
  yield* inRanges(target.count, 10, (from, end) => {
    for (let e = from; e < end; e++) content[cells[e]!] = target.values[e]!;
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
