// What a model leaves of the data, slice by slice: Σ (model − data)² / Σ data² over the known cells of a slice.
import { predict, toDense, type DenseTarget, type Kruskal, type ObservedTarget } from '../../../src/index.js';
import { sizeOf } from '../../arithmetic.js';

/** `[mode][index]`; 0 for a slice of zeros that is met. */
export function leftOver(target: DenseTarget | ObservedTarget, model: Kruskal): number[][] {
  const squares = target.shape.map((size) => new Float64Array(size));
  const residuals = target.shape.map((size) => new Float64Array(size));
  const add = (index: (mode: number) => number, value: number, residual: number): void => {
    for (let mode = 0; mode < squares.length; mode++) {
      squares[mode]![index(mode)]! += value ** 2;
      residuals[mode]![index(mode)]! += residual ** 2;
    }
  };
  if (target.kind === 'observed') {
    const { shape, indices, values } = target;
    const fitted = predict(model, target);
    values.forEach((value, e) => add((mode) => indices[e * shape.length + mode]!, value, fitted[e]! - value));
  } else {
    const { shape, data, known } = target;
    const strides = shape.map((_, mode) => sizeOf(shape.slice(mode + 1)));
    const fitted = toDense(model).data;
    for (let at = 0; at < data.length; at++) {
      if (known?.[at] === 0) continue;
      add((mode) => Math.floor(at / strides[mode]!) % shape[mode]!, data[at]!, fitted[at]! - data[at]!);
    }
  }
  return residuals.map((slices, mode) => Array.from(slices, (sum, i) => sum / (squares[mode]![i]! || 1)));
}
