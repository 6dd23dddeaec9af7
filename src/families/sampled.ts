// Single entries and linear measurements: their handles and their algorithms.
export { observedProblem as observed } from '../handles/observed.js';
export { sensingProblem as sensing } from '../handles/sensing.js';
export { completion } from '../algorithms/completion/completion.js';
export { variational } from '../algorithms/variational.js';
