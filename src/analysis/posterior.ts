// What a completion leaves open. Where the rows of factors are known as distributions, independent of each other, with means A_k[i, :] and
// second moments M_k[i] = A Aᵀ + V, an entry of the tensor has, with rows taken at its indices,
//   E x = Σ_r w_r Π_k A_k[r],   E x² = Σ_rs w_r w_s Π_k M_k[r, s],   variance E x² − (E x)².
// E x² is a CP model too, with a component for every pair r ≥ s.
import { InputError } from '../errors.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { toDense } from '../tensor/to-dense.js';
import { predict } from './predict.js';
import { isObject } from '../tensor/require.js';

export interface Posterior {
  /** The CP model of E x², of rank R (R + 1) / 2. */
  readonly secondMoment: Kruskal;
  /** Standard deviation of the noise in a value, σ, in the units of the data. */
  readonly noise: number;
  /** The variance of an entry is this times E x² − (E x)², which is too small by itself: count / (count − unknowns), a heuristic. At least 1. */
  readonly inflation: number;
}

/** A result that knows what it leaves open: that of the algorithm variational. */
export interface WithPosterior {
  readonly kruskal: Kruskal;
  readonly posterior?: Posterior;
}

export interface Predictions {
  /** E x, [count] */
  readonly means: Float64Array;
  /** √(var x), [count]. An observed value varies by √(var x + noise²) about its mean. */
  readonly deviations: Float64Array;
}

/**
 * The model at the cells of a target, with standard deviations of what the observations leave open. O(order · count · rank²)
 * Deviations below 1e-8 of an entry are rounding.
 *
 *   const { means, deviations } = predictWithDeviation(await decompose(known), hidden);
 *
 * @throws InputError for a result without posterior, and for a target of another shape.
 */
export function predictWithDeviation(result: WithPosterior, target: ObservedTarget): Predictions {
  const { secondMoment, inflation } = required('predictWithDeviation', result);
  const { kruskal } = result;
  const means = predict(kruskal, target);
  const squares = predict(secondMoment, target);
  return { means, deviations: deviationsOf(means, squares, inflation) };
}

/** The standard deviation of every entry, row-major. O(size · rank²) @throws InputError for a result without posterior. */
export function deviationTensor(result: WithPosterior): Float64Array {
  const { secondMoment, inflation } = required('deviationTensor', result);
  const { kruskal } = result;
  return deviationsOf(toDense(kruskal).data, toDense(secondMoment).data, inflation);
}

const deviationsOf = (means: Float64Array, squares: Float64Array, inflation: number): Float64Array =>
  means.map((mean, e) => Math.sqrt(inflation * Math.max(0, squares[e]! - mean ** 2)));

function required(who: string, result: WithPosterior): Posterior {
  const posterior = isObject(result) ? result.posterior : undefined;
  if (isObject(posterior)) return posterior;
  throw new InputError(
    `${who}: expected a result with a posterior, got one without. Only variational gives one, where its model is not in doubt.`,
  );
}
