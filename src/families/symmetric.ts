// Symmetric targets: their handles and their algorithms.
export { denseSymmetricProblem as denseSymmetric } from '../handles/dense-symmetric.js';
export { factoredProblem as factored } from '../handles/factored.js';
export { momentsProblem as moments } from '../handles/moments.js';
export { beyondLazy } from '../algorithms/beyond-lazy.js';
export { deflation } from '../algorithms/deflation/deflation.js';
export { lazy } from '../algorithms/lazy.js';
export { powerDeflation } from '../algorithms/power-deflation.js';
export { staged } from '../algorithms/staged.js';
export { vanilla } from '../algorithms/vanilla.js';
