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

export const nothingPositiveAdvice =
  'No entry is positive, so no component without negative entries comes nearer to the tensor than 0: the best model has no components. Leave out nonnegative, or change the sign of the data.';

export const nonnegativeMatrixAdvice =
  'The components of a matrix are not unique, and constraints seldom make them so: other factors that keep to them may give the same matrix.';

export const kktAdvice = (residual: number, limit: number): string =>
  `The KKT residual is ${residual.toExponential(1)}, above ${limit.toExponential(1)}: a model near this one has a lower error under the constraints. Raise maxSteps, or try another seed or rank.`;

export const zeroComponentsAdvice = (zeros: number, rank: number): string =>
  `${zeros} of ${rank} components became 0 under the constraints and were left out, though a better model of rank ${rank} exists. Lower the rank, or try another seed or more starts.`;

export const proportionalAdvice = (r: number, s: number): string =>
  r === s
    ? `The fixed factors of component ${r} have a column of zeros, so that its weight means nothing. Leave that component out of init.`
    : `The fixed factors of the components ${r} and ${s} have proportional columns, so that only the sum of the two is determined. Leave one of them out of init.`;

export const dependentAdvice =
  'The fixed factors make the components linearly dependent, so that other weights give the same model. Leave components out of init.';

export const undeterminedAdvice = (cells: number, rank: number): string =>
  `A slice of the mode that is fitted has ${cells} known cells, fewer than there are components (${rank}), so that many models fit it alike. Leave the slice out, or components out of init.`;

export const contradictionAdvice = (rank: number, relativeError: number): string =>
  `Without the constraints a model of rank ${rank} leaves nothing but noise (relative error ${Number(relativeError.toPrecision(2))}), and none that was found under them does: they may not hold for these data.`;
