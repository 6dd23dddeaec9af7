// Seeded problems with known truth, for tests, benches, the demo and `polyadic generate`: `import … from 'polyadic/problems'`.
export { plantedCp } from './planted-cp.js';
export type { PlantedCpOptions } from './planted-cp.js';
export { plantedObserved } from './planted-observed.js';
export type { PlantedObserved, PlantedObservedOptions } from './planted-observed.js';
export { addGrossErrors } from './gross-errors.js';
export type { GrossErrorOptions } from './gross-errors.js';
export { hideCells } from './hide-cells.js';
export type { HiddenCells, HideOptions } from './hide-cells.js';
export { plantedSymmetric } from './planted-symmetric.js';
export type { PlantedSymmetricOptions } from './planted-symmetric.js';
export { orthogonal } from './orthogonal.js';
export type { OrthogonalOptions } from './orthogonal.js';
export { addNoise, addSymmetricNoise } from './noise.js';
export type { NoiseOptions } from './noise.js';
