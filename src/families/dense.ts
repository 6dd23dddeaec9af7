// Dense targets: their handles and their algorithms.
export { denseProblem as dense } from '../handles/dense.js';
export { als } from '../algorithms/als.js';
export { compressed } from '../algorithms/compressed.js';
