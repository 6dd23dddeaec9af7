// How much of a tensor a model explains, whole and by component. For a least-squares model the residual is orthogonal to the model:
// ‖T‖² = ‖M‖² + ‖T − M‖², so that with e = ‖T − M‖ / ‖T‖
//   explained = 1 − e²          of component r: ‖c_r‖² / ‖T‖² = ‖c_r‖² (1 − e²) / ‖M‖²
// The shares of the components add up to `total` where the components are orthogonal; elsewhere they overlap and may add up to more.
import { norm } from '../tensor/inner-product.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import { componentNorms } from './component-norms.js';
import { requireResult } from '../tensor/require.js';

export interface ExplainedVariance {
  /** 1 − relativeError², from 0 to 1: what the field calls the explained variance, or the fit, in percent when times 100. */
  readonly total: number;
  /** Of each component by itself, in their order. */
  readonly components: readonly number[];
}

/**
 * The explained variance of a result of `decompose`, 1 − relativeError², and of every component r by itself, ‖c_r‖² (1 − relativeError²) /
 * ‖model‖².
 *
 * @example
 * ```ts
 * import { decompose, explainedVariance } from 'polyadic';
 * import { plantedCp } from 'polyadic/problems';
 *
 * const { tensor } = plantedCp({ shape: [9, 8, 7], rank: 2, noise: 0.1, seed: 1 });
 * const { total, components } = explainedVariance(await decompose(tensor));
 * const shares = components.map((share) => share.toFixed(2));
 * console.log(total.toFixed(2), shares); // 0.99 [ '0.49', '0.49' ]
 * ```
 */
export function explainedVariance(result: {
  readonly kruskal: AnyKruskal;
  readonly relativeError: number;
}): ExplainedVariance {
  requireResult('explainedVariance', result);
  const { kruskal, relativeError } = result;
  const total = Math.max(0, 1 - relativeError ** 2);
  const whole = norm(kruskal);
  const shareOf = (component: number): number => (whole === 0 ? 0 : total * (component / whole) ** 2);
  return { total, components: Array.from(componentNorms(kruskal), shareOf) };
}
