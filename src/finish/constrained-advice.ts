// What is said of models of dense tensors with nonnegative or fixed factors.
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
