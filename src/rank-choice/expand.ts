// From a model of a compression's core to one of the tensor, and back.
import type { Compression } from '../compression/compress.js';
import { multiply } from '../linalg/algebra.js';
import { transpose } from '../tensor/matrix.js';
import type { Kruskal } from '../tensor/kruskal.js';
import { normalize } from '../tensor/normalize.js';

/** A model of the core as one of the tensor: factors U_n A_n, unit columns. */
export const expand = ({ bases }: Compression, model: Kruskal): Kruskal =>
  normalize({ ...model, factors: model.factors.map((factor, mode) => multiply(bases[mode]!, factor)) });

/** The nearest model of the core: factors U_nᵀ F_n. */
export const restrict = ({ bases }: Compression, model: Kruskal): Kruskal => ({
  ...model,
  factors: model.factors.map((factor, mode) => multiply(transpose(bases[mode]!), factor)),
});
