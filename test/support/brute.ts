// The dense tensor of a Kruskal tensor straight from its definition, one entry at a time: the oracle of the fast walks.
import { shapeOf, toKruskal } from '../../src/tensor/kruskal.js';
import type { AnyKruskal } from '../../src/tensor/kruskal.js';

/** Row-major entries, each Σ_r w_r Π_k A_k[i_k, r] with indices decoded from the flat offset. */
export function bruteDense(model: AnyKruskal): Float64Array {
  const shape = shapeOf(model);
  const { weights, factors } = toKruskal(model);
  const count = shape.reduce((product, size) => product * size, 1);
  return Float64Array.from({ length: count }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (const size of [...shape].reverse()) {
      index.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    return weights.reduce((sum, weight, r) => {
      const product = factors.reduce(
        (p, factor, k) => p * (factor.data[(index[k] ?? 0) * factor.columns + r] ?? NaN),
        1,
      );
      return sum + weight * product;
    }, 0);
  });
}

/** Frobenius norm of plain numbers. */
export function frobenius(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

/** The largest magnitude any entry of the model can sum up from: the scale of its rounding errors. */
export function magnitude(model: AnyKruskal): number {
  const { weights, factors } = toKruskal(model);
  const absolute = factors.map((factor) => ({ ...factor, data: factor.data.map(Math.abs) }));
  return bruteDense({ weights: weights.map(Math.abs), factors: absolute }).reduce((a, b) => Math.max(a, b), 0);
}
