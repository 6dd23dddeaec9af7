// Single entries and linear measurements: their handles and the usual algorithm of entries.
export { entriesOfDense, observedProblem as observed } from '../handles/observed.js';
export { sensingProblem as sensing } from '../handles/sensing.js';
export { variational } from '../algorithms/variational.js';
