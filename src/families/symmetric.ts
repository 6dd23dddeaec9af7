// Symmetric targets: their handles and their usual algorithm.
export { denseSymmetricProblem as denseSymmetric } from '../handles/dense-symmetric.js';
export { factoredProblem as factored } from '../handles/factored.js';
export { momentsProblem as moments } from '../handles/moments.js';
export { staged } from '../algorithms/staged.js';
