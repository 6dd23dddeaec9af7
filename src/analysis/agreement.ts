// How many of several starts came to the same tensor: the cheapest sign of whether a completion can be trusted. A run can fit the
// observed entries and still be wrong elsewhere, but rarely two in the same way.
//   starts s and t agree where ‖W_s − W_t‖ ≤ 0.1 · ‖W_t‖
import { innerProduct } from '../tensor/inner-product.js';
import type { AnyKruskal } from '../tensor/kruskal.js';
import { selectComponents } from '../tensor/normalize.js';
import { toKruskal } from '../tensor/kruskal.js';
import { componentNorms } from './component-norms.js';
import { factorMatchScore } from './match.js';

const near = 0.1;

/** Components below this part of the largest do not count: a thousand of them, in all directions, come to a third of a percent. */
const negligible = 1e-4;

/** How many of the models agree with the one at `best`, itself among them. O(models · rank² · Σ shape) for components that count. */
export function agreeingModels(models: readonly AnyKruskal[], best: number): number {
  const strong = models.map(strongComponents);
  const reference = strong[best]!;
  const square = innerProduct(reference, reference);
  return strong.filter((model, s) => {
    if (s === best) return true;
    const distance = innerProduct(model, model) - 2 * innerProduct(model, reference) + square;
    return distance <= near ** 2 * square;
  }).length;
}

function strongComponents(model: AnyKruskal): AnyKruskal {
  const general = toKruskal(model);
  const norms = componentNorms(general);
  const largest = Math.max(...norms);
  return selectComponents(
    general,
    Array.from(norms.keys()).filter((r) => norms[r]! > negligible * largest),
  );
}

/** Factor match score from which two models count as the same components. */
const sameComponents = 0.99;

/** Whether two models have the same components: factor match score, weights included, of at least 0.99. */
export const sameModel = (a: AnyKruskal, b: AnyKruskal): boolean => factorMatchScore(a, b) >= sameComponents;
