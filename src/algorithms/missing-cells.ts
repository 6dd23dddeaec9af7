// What compressed.ts does for tensors with missing cells; loaded for them alone.
export { fillMissing } from '../rank-choice/fill-missing.js';
export { doubtOfGaps } from '../rank-choice/gaps.js';
export { overKnownCells } from './over-known-cells.js';
