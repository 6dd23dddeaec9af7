// How many components of a model count, from their norms ν_r.
//   effective rank = exp(−Σ_r p_r log p_r),  p_r = ν_r / Σ ν      numerical rank = how many ν_r are at least threshold · max ν
// The first is the measure of Roy & Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007, with the
// norms of components in the place of singular values: between 1 and their number, and smooth in them.
import { requireList } from '../tensor/require.js';

/**
 * exp(−Σ_r p_r log p_r), p_r = norms[r] / Σ norms: the exponential of the entropy (Roy & Vetterli 2007), from 1 to the number of norms.
 * `norms` ≥ 0, as of componentNorms. 0 where all are 0.
 *
 * @example
 * ```ts
 * import { effectiveRank } from 'polyadic';
 *
 * console.log(effectiveRank([1, 1, 0]).toFixed(2), effectiveRank([1, 0.1, 0]).toFixed(2)); // 2.00 1.36
 * ```
 */
export function effectiveRank(norms: ArrayLike<number>): number {
  requireList('effectiveRank', 'norms', norms);
  const values = Array.from(norms);
  // Divided by the largest first: a sum of norms may overflow.
  const largest = values.reduce((most, norm) => Math.max(most, norm), 0);
  if (largest === 0) return 0;
  const total = values.reduce((sum, norm) => sum + norm / largest, 0);
  const entropy = values.reduce((sum, norm) => {
    const share = norm / largest / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return Math.exp(entropy);
}

/**
 * How many norms are at least `threshold` times the largest. Default threshold: 0.01. 0 where all are 0.
 *
 * @example
 * ```ts
 * import { numericalRank } from 'polyadic';
 *
 * console.log(numericalRank([1, 0.5, 0.001])); // 2
 * ```
 */
export function numericalRank(norms: ArrayLike<number>, threshold = 0.01): number {
  requireList('numericalRank', 'norms', norms);
  const values = Array.from(norms);
  const largest = values.reduce((most, norm) => Math.max(most, norm), 0);
  return largest === 0 ? 0 : values.filter((norm) => norm >= threshold * largest).length;
}
