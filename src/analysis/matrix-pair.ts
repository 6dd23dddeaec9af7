// Components that are a matrix together: where two of them differ in no more than two modes, their sum is a matrix of rank two in these,
// and any invertible mixture of them gives the same one. Kruskal, "Three-way arrays: rank and uniqueness of trilinear decompositions",
// Linear Algebra Appl. 18 (1977): two columns of a mode are independent in every unique decomposition of three modes.
import { columnProducts } from '../tensor/matrix.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';

export interface MatrixPair {
  readonly components: readonly [number, number];
  /** The modes in which they are equal. */
  readonly modes: readonly number[];
}

/** Squared distances of unit columns up to so many times what noise gives on average are equal; and up to rounding. */
const ofNoise = 4;
const rounding = 1e-12;

/**
 * The first two components that cannot be told apart but in two modes or fewer, of three modes or more with more than one entry. Least
 * squares finds the difference of two unit columns of mode n up to a squared length of
 *   I_n σ² (1 / w_r² + 1 / w_s²) / (1 − c²),
 * σ² the variance of the noise per cell, w the weights, c the product of the cosines of the other modes: columns whose squared distance is
 * less than four times that are equal for all that is known. Cost O(rank² · Σ shape).
 */
export function matrixPair(model: Kruskal, variance: number): MatrixPair | undefined {
  const { weights, factors } = normalize(model);
  const rank = weights.length;
  const modes = Array.from(factors.keys()).filter((mode) => factors[mode]!.rows > 1);
  if (modes.length < 3) return undefined;
  const grams = factors.map((factor) => columnProducts(factor, factor).data);
  for (let r = 0; r < rank; r++) {
    for (let s = 0; s < r; s++) {
      const cosines = grams.map((gram) => Math.min(1, Math.abs(gram[r * rank + s]!)));
      const perEntry = variance * (1 / weights[r]! ** 2 + 1 / weights[s]! ** 2);
      const equal = modes.filter((mode) => {
        const others = modes.reduce((product, k) => (k === mode ? product : product * cosines[k]!), 1);
        const expected = (factors[mode]!.rows * perEntry) / Math.max(1 - others ** 2, Number.EPSILON);
        return 2 * (1 - cosines[mode]!) <= Math.max(ofNoise * expected, rounding);
      });
      if (equal.length === 0 || modes.length - equal.length > 2) continue;
      return { components: [s, r], modes: equal };
    }
  }
  return undefined;
}
