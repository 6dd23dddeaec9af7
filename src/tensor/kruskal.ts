// Kruskal tensors: a tensor written as a sum of `rank` rank-one components.
//   Kruskal:          T = Σ_r weights[r] · factors[0][:, r] ∘ factors[1][:, r] ∘ …
//   SymmetricKruskal: T = Σ_r weights[r] · vectors[r, :]^{⊗ order}
// Kolda & Bader, "Tensor Decompositions and Applications", SIAM Review 51 (2009), eqs. (3.1), (3.9).
import type { Matrix } from './matrix.js';

export interface Kruskal {
  /** `[rank]` */
  readonly weights: Float64Array;
  /** One matrix a mode, `[shape[mode], rank]`. */
  readonly factors: readonly Matrix[];
}

export interface SymmetricKruskal {
  readonly order: number;
  /** `[rank]` */
  readonly weights: Float64Array;
  /** `[rank, dim]`, one component a row. */
  readonly vectors: Matrix;
}
