// Two components that cancel each other: where the best approximation of a rank is not reached, an error is lowered for ever by two
// components that grow and point ever more opposite ways (the W tensor e₁∘e₁∘e₂ + e₁∘e₂∘e₁ + e₂∘e₁∘e₁ at rank 2). De Silva & Lim,
// "Tensor rank and the ill-posedness of the best low-rank approximation problem", SIAM J. Matrix Anal. Appl. 30 (2008).
import type { Kruskal } from '../tensor/kruskal.js';
import { degeneracy, type Degeneracy } from './degeneracy.js';

/** Components cancel each other where the product of their cosines is below this … */
export const opposite = -0.9;
/** … each is this many times as large as the tensor … */
const manyTimes = 3;
/** … and has grown by this factor in the second half of the steps, while a finite optimum would have stopped it. */
const growth = 1.1;

/** Watches a fit, model after model: tells the two components that cancel each other and still grow, if there are any. */
export function cancellationWatch(targetNorm: number): (model: Kruskal) => Degeneracy | undefined {
  const norms: number[] = [];
  return (model) => {
    const pair = degeneracy(model);
    norms.push(pair.norm);
    const grows = pair.norm > growth * norms[Math.floor(norms.length / 2)]!;
    return grows && pair.cosine < opposite && pair.norm > manyTimes * targetNorm ? pair : undefined;
  };
}
