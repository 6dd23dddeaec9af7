// Components that stand in a single cell: an outlying value makes one, and it says nothing about the rank.
import type { Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';

/** Part of a component's squared norm in one cell from which on it counts as that cell. */
const concentrated = 0.5;

/** The numbers of the components that have more than half of their squared norm, Π_n max_i A_n[i, r]², in one cell. */
export function outlierComponents(model: Kruskal): number[] {
  const { factors, weights } = normalize(model);
  const rank = weights.length;
  return Array.from(weights.keys()).filter((r) => {
    const part = factors.reduce((product, { rows, data }) => {
      let max = 0;
      for (let i = 0; i < rows; i++) max = Math.max(max, data[i * rank + r]! ** 2);
      return product * max;
    }, 1);
    return part > concentrated;
  });
}
