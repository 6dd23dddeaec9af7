// What can be decomposed. Plain objects, made by the validating constructors beside this file; the rest of the code trusts them.
import type { DenseTarget } from './dense.js';
import type { DenseSymmetricTarget } from './dense-symmetric.js';
import type { FactoredTarget } from './factored.js';
import type { SampledTarget } from './hold-out.js';
import type { MomentsTarget } from './moments.js';
import type { TensorLike } from './tensor-like.js';
import type { Kruskal, SymmetricKruskal } from '../tensor/kruskal.js';

/** Targets whose model is symmetric, Σ_r c_r u_r^{⊗ order}, in whatever form they are given. */
export type SymmetricTarget = FactoredTarget | DenseSymmetricTarget | MomentsTarget;
export type Target = DenseTarget | SampledTarget | SymmetricTarget;
export type TargetKind = Target['kind'];

/** The kind of model that a kind of target gets; a tensor of another library is a dense one. */
export type KruskalOf<T extends Target | TensorLike> = T extends SymmetricTarget ? SymmetricKruskal : Kruskal;
