// What is said of models of dense tensors that mean less than their error promises.
import type { Degeneracy } from '../analysis/degeneracy.js';

export const fitsAnythingAdvice = (rank: number): string =>
  `A model of rank ${rank} has at least as many free numbers as there are cells, so it fits anything and its components mean nothing. Lower the rank.`;

export const matrixAdvice =
  'The components of a matrix are not unique: these are those of its singular value decomposition, and any invertible mixture of them gives the same matrix.';

export const cancellationAdvice = ({ cosine, norm }: Degeneracy, rank: number, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${Number((norm / targetNorm).toPrecision(2))} times as large as the tensor) and go on growing: the lowest error of rank ${rank} is an infimum, which no model reaches. Try another rank; do not interpret these two.`;

export const oppositeAdvice = ({ cosine, norm }: Degeneracy, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${Number((norm / targetNorm).toPrecision(2))} times as large as the tensor): do not interpret them. Try a lower rank.`;
