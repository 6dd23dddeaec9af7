// Two components that cancel each other: where the best approximation of a rank is not reached, an error is lowered for ever by two
// components that grow and point ever more opposite ways (the W tensor e₁∘e₁∘e₂ + e₁∘e₂∘e₁ + e₂∘e₁∘e₁ at rank 2). De Silva & Lim,
// "Tensor rank and the ill-posedness of the best low-rank approximation problem", SIAM J. Matrix Anal. Appl. 30 (2008).
import { hadamard } from '../linalg/algebra.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { columnProducts } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';

export interface Cancellation {
  /** Of the two components with their signs, the product of the cosines of all modes: −1 where they are opposite. */
  readonly cosine: number;
  /** Norm of the weaker of the two. */
  readonly norm: number;
}

/** The most opposite pair of components; cosine 1 and norm 0 for fewer than two. O(rank² · Σ shape). */
export function cancellationOf(model: Kruskal): Cancellation {
  const { weights, factors } = normalize(model);
  const cosines = factors.map((factor) => columnProducts(factor, factor)).reduce(hadamard).data;
  let worst: Cancellation = { cosine: 1, norm: 0 };
  weights.forEach((weight, r) => {
    for (let s = 0; s < r; s++) {
      const other = weights[s]!;
      const cosine = Math.sign(weight * other) * cosines[r * weights.length + s]!;
      if (cosine < worst.cosine) worst = { cosine, norm: Math.min(Math.abs(weight), Math.abs(other)) };
    }
  });
  return worst;
}

/** Components cancel each other where the product of their cosines is below this … */
export const opposite = -0.9;
/** … each is this many times as large as the tensor … */
const manyTimes = 3;
/** … and has grown by this factor in the second half of the steps, while a finite optimum would have stopped it. */
const growth = 1.1;

/** Watches a fit, model after model: tells the two components that cancel each other and still grow, if there are any. */
export function cancellationWatch(targetNorm: number): (model: Kruskal) => Cancellation | undefined {
  const norms: number[] = [];
  return (model) => {
    const pair = cancellationOf(model);
    norms.push(pair.norm);
    const grows = pair.norm > growth * norms[Math.floor(norms.length / 2)]!;
    return grows && pair.cosine < opposite && pair.norm > manyTimes * targetNorm ? pair : undefined;
  };
}
