// What is said of models of dense tensors that mean less than their error promises.
import type { Degeneracy } from '../analysis/degeneracy.js';
import type { MatrixPair } from '../analysis/matrix-pair.js';

export const fitsAnythingAdvice = (rank: number): string =>
  `A model of rank ${rank} has at least as many free numbers as there are cells, so it fits anything and its components mean nothing. Lower the rank.`;

export const matrixAdvice =
  'The components of a matrix are not unique: these are those of its singular value decomposition, and any invertible mixture of them gives the same matrix.';

export const matrixPairAdvice = ({ components: [r, s], modes }: MatrixPair): string => {
  const places = `mode${modes.length > 1 ? 's' : ''} ${modes.join(' and ')}`;
  return `The components ${r + 1} and ${s + 1} are equal in ${places}, but for noise: together they are a matrix, whose components are not unique. Interpret their sum, or what they have in ${places}.`;
};

export const mixtureAdvice =
  'Some of the components are not determined: others, as mixtures of these, fit as well, but for noise. Interpret their sum, or try a lower rank.';

export const cancellationAdvice = ({ cosine, norm }: Degeneracy, rank: number, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${Number((norm / targetNorm).toPrecision(2))} times as large as the tensor) and go on growing: the lowest error of rank ${rank} is an infimum, which no model reaches. Try another rank; do not interpret these two.`;

export const oppositeAdvice = ({ cosine, norm }: Degeneracy, targetNorm: number): string =>
  `Two components cancel each other (cosine ${cosine.toFixed(4)}, each ${Number((norm / targetNorm).toPrecision(2))} times as large as the tensor): do not interpret them. Try a lower rank.`;

export const oneWayAdvice = (agreeing: number, starts: number): string =>
  `Only one way led to these components (${agreeing} of ${starts} starts came to them), so a better model of this rank may exist. Raise starts, or try a lower rank.`;
