// How fast every component of a model grows under gradient flow on a loss, from the model at one time:
//   d‖⊗w_r‖ / dt = ⟨−∇L(W), ⊗ŵ_r⟩ · ‖⊗w_r‖² · Σ_n ‖w_r^n‖⁻²,      ŵ_r^n = w_r^n / ‖w_r^n‖
// Where all columns of a component are equally long this is N ⟨−∇L, ⊗ŵ_r⟩ ‖⊗w_r‖^{2 − 2/N}, the form of Razin, Maman & Cohen
// ("Implicit regularization in tensor factorization", ICML 2021, theorem 1): for order N > 2 growth is faster than exponential,
// so that components of a tiny start come one after the other. The general form needs no balance.
import { defaultLoss, defaultParameter, lossOf, requireLoss, type LossName } from '../losses/losses.js';
import { requireSameShape, shapeOf, type Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { SensingTarget } from '../targets/sensing.js';
import { columnNorms } from './component-norms.js';
import { responsesOf } from './predict.js';
import { requireCells } from '../targets/require-target.js';
import { requireKruskal } from '../tensor/require.js';

/**
 * `[rank]`: d norm_r / dt = norm_r² ⟨−∇L, ⊗ŵ_r⟩ Σ_n ‖w_r^n‖⁻² of all components under the gradient flow of the factors (weights stay), on
 * L = (1 / count) Σ_j φ(prediction_j, values_j), φ the loss with its parameter (Huber's β; each loss has a default). 0 for a
 * component that is 0. Float64; O(order · count · rank) for observed entries and Kruskal measurements (times their terms and
 * sizes), O(size · (count + rank)) for dense ones.
 *
 * @example
 * ```ts
 * import { componentNormRates } from 'polyadic';
 * import { plantedObserved } from 'polyadic/problems';
 *
 * const { target, truth } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.5, seed: 1 });
 * const half = { ...truth, weights: truth.weights.map((weight) => weight / 2) };
 * console.log(componentNormRates(target, half).map(Math.sign)); // Float64Array(1) [ 1 ]
 * ```
 * @throws InputError when the model has another shape than the target.
 */
export function componentNormRates(
  target: ObservedTarget | SensingTarget,
  model: Kruskal,
  loss: LossName = defaultLoss,
  parameter?: number,
): Float64Array {
  requireCells('componentNormRates', target);
  requireLoss('componentNormRates', loss);
  requireKruskal('componentNormRates', model);
  requireSameShape('componentNormRates', shapeOf(model), target.shape);
  const units = normalize(model);
  const responses = responsesOf(target, units.factors);
  const { derivative } = lossOf(loss);
  const used = parameter ?? defaultParameter(loss);
  const slopes = responses
    .predict(units.weights)
    .map((prediction, j) => derivative(prediction, target.values[j]!, used) / target.count);
  const uphill = responses.adjoint(slopes);
  const norms = model.factors.map(columnNorms);
  return units.weights.map((weight, r) => {
    if (weight === 0) return 0;
    const inverseSquares = norms.reduce((sum, norm) => sum + 1 / norm[r]! ** 2, 0);
    return -Math.sign(weight) * uphill[r]! * weight ** 2 * inverseSquares;
  });
}
