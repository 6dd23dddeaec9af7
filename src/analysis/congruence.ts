// Whether two CP models describe the same components, mode by mode, by Tucker's congruence coefficient
//   φ(x, y) = xᵀy / (‖x‖ ‖y‖)
// of the columns that belong together. Unlike a factor match score, which is one number, it tells which component and which mode differ,
// and it says nothing about weights. Tucker, "A method for synthesis of factor analysis studies", Personnel Research Section Report 984
// (1951); Lorenzo-Seva & ten Berge, "Tucker's congruence coefficient as a meaningful index of factor similarity", Methodology 2 (2006).
import { columnProducts, type Matrix } from '../tensor/matrix.js';
import { shapeOf, toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import { matchFor } from './match.js';
import { requireNamedOptions } from '../names.js';
import { requireModel } from '../tensor/require.js';

/** From this on two columns can be considered equal … */
export const equalCongruence = 0.95;
/** … and from this on similar (Lorenzo-Seva & ten Berge 2006). */
export const similarCongruence = 0.85;

export type Similarity = 'equal' | 'similar' | 'different';

export interface CongruenceOptions {
  /** A mode that is not compared, in which the models may differ in size. Default: none. */
  readonly skip?: number;
}

export interface Congruence {
  /** permutation[i] = component of b that goes with component i of a, −1 for none. */
  readonly permutation: Int32Array;
  /**
   * |φ| of component i in every mode, `[rank of a, order]`: 1 in the mode that is skipped, 0 for a component that has no partner, or none
   * but its negative.
   */
  readonly byMode: Matrix;
  /** The smallest of them; 0 where the models have different numbers of components, 1 where both have none. */
  readonly smallest: number;
  /** By the smallest: 'equal' from 0.95 on, 'similar' from 0.85 on, else 'different'. */
  readonly similarity: Similarity;
}

/**
 * Compares the components of two models of the same shape by Tucker's congruence coefficient φ(x, y) = xᵀy / (‖x‖ ‖y‖) of their columns,
 * paired so that the sum of the products of φ over the modes is largest. Two modes of a component may both change sign. With a mode skipped
 * signs cannot be told and are not compared. O(rank² (Σ shape + rank)).
 *
 * @example
 * ```ts
 * import { congruence, decompose } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * const { kruskal } = await decompose(tensor);
 * const { smallest, similarity } = congruence(kruskal, truth);
 * console.log(smallest > 0.95, similarity); // true equal
 * ```
 * @throws InputError for models of different shapes, and a mode to skip that does not exist.
 */
export function congruence(a: AnyKruskal, b: AnyKruskal, given: CongruenceOptions = {}): Congruence {
  requireModel('congruence', a, 'the first model');
  requireModel('congruence', b, 'the second model');
  requireNamedOptions('congruence', given, ['skip']);
  const { skip } = given;
  const left = withoutMode(normalize(toKruskal(a)), skip);
  const right = withoutMode(normalize(toKruskal(b)), skip);
  const options = skip === undefined ? {} : { skip };
  const { permutation, perComponent } = matchFor('congruence', left, right, { weightPenalty: false, ...options });
  const rank = left.weights.length;
  const order = shapeOf(left).length;
  const data = new Float64Array(rank * order);
  left.factors.forEach((factor, mode) => {
    const cosines = columnProducts(factor, right.factors[mode]!).data;
    permutation.forEach((other, r) => {
      if (perComponent[r]! > 0)
        data[r * order + mode] = Math.min(1, Math.abs(cosines[r * right.weights.length + other]!));
    });
  });
  const smallest = rank === right.weights.length ? data.reduce((min, value) => Math.min(min, value), 1) : 0;
  return { permutation, byMode: { rows: rank, columns: order, data }, smallest, similarity: similarityOf(smallest) };
}

export const similarityOf = (smallest: number): Similarity =>
  smallest >= equalCongruence ? 'equal' : smallest >= similarCongruence ? 'similar' : 'different';

/** Ones in the place of a factor that is not compared: its mode may have another size in the other model. */
const withoutMode = ({ weights, factors }: Kruskal, skip: number | undefined): Kruskal => ({
  weights,
  factors: factors.map((factor, mode) =>
    mode === skip ? { rows: 1, columns: factor.columns, data: new Float64Array(factor.columns).fill(1) } : factor,
  ),
});
