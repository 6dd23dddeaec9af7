// In which order components can go, and what the loss loses with them while the weights w of those left are fitted again. In the
// quadratic of step-weights.ts, at weights where the gradient vanishes, the sum of losses grows with component c by
//   cost = ½ w_c² / (G⁻¹)_cc,   w ← w − w_c · (G⁻¹)_:c / (G⁻¹)_cc,   G = PᵀWP,   P[e, c] what component c adds to prediction e,
// the rule of "Optimal Brain Surgeon" (Hassibi & Stork, NIPS 1992); the cheapest goes, G loses its row, and so on. The vectors are
// not fitted again, so this is an order to try components in, and a bound on their worth.
import type { LossName } from '../../losses/losses.js';
import { factorInPlace, inverseOfFactored } from '../../linalg/cholesky.js';
import type { Kruskal } from '../../tensor/kruskal.js';
import { absorbWeights, stackFactors } from '../../tensor/stacked.js';
import type { SampledView } from '../../handles/views/sampled-view.js';
import type { Work } from '../../yield.js';
import { stepWeights } from './step-weights.js';

/** On the diagonal of G, relative to its mean: components that are combinations of others then cost next to nothing. */
const ridge = 1e-10;

export interface Removal {
  readonly component: number;
  /** By which the mean loss grows, with it and all before it gone. */
  readonly growth: number;
}

/** All components, each the cheapest of those left. One pass over the observations, count · rank², and rank³. */
export function* removalOrder(view: SampledView, model: Kruskal, loss: LossName, parameter: number): Work<Removal[]> {
  const rank = model.weights.length;
  const inverse = inverseOf(yield* componentGram(view, model, loss, parameter), rank);
  const weights = new Float64Array(rank).fill(1);
  const left = new Set(weights.keys());
  const cost = (c: number): number => (0.5 * weights[c]! ** 2) / inverse[c * rank + c]!;
  let growth = 0;
  return Array.from({ length: rank }, () => {
    const component = Array.from(left).reduce((cheapest, c) => (cost(c) < cost(cheapest) ? c : cheapest));
    growth += cost(component) / view.count;
    left.delete(component);
    const pivot = inverse[component * rank + component]!;
    const weight = weights[component]!;
    for (const i of left) {
      const share = inverse[i * rank + component]! / pivot;
      weights[i]! -= weight * share;
      for (const j of left) inverse[i * rank + j]! -= share * inverse[component * rank + j]!;
    }
    return { component, growth };
  });
}

/** G with a ridge. */
function* componentGram(view: SampledView, model: Kruskal, loss: LossName, parameter: number): Work<Float64Array> {
  const rank = model.weights.length;
  const products = view.ofRank(rank);
  const predictions = new Float64Array(view.count);
  const weights = new Float64Array(view.count);
  const gram = new Float64Array(rank * rank);
  yield* products.moveTo(stackFactors([absorbWeights(model)]), predictions);
  stepWeights(loss, parameter, predictions, view.values, weights);
  yield* products.componentGram(weights, gram);
  let mean = 0;
  for (let c = 0; c < rank; c++) mean += gram[c * rank + c]! / rank;
  for (let c = 0; c < rank; c++) gram[c * rank + c]! += ridge * mean + Number.MIN_VALUE;
  return gram;
}

/** Of a positive definite matrix, which is overwritten; the identity where it is singular to rounding. */
function inverseOf(matrix: Float64Array, n: number): Float64Array {
  if (factorInPlace(matrix, n)) return inverseOfFactored(matrix, n);
  const identity = new Float64Array(n * n);
  for (let c = 0; c < n; c++) identity[c * n + c] = 1;
  return identity;
}
