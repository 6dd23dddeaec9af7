// The algorithms of symmetric targets whose dynamics the papers study.
export { beyondLazy } from '../algorithms/beyond-lazy.js';
export { deflation } from '../algorithms/deflation/deflation.js';
export { lazy } from '../algorithms/lazy.js';
export { powerDeflation } from '../algorithms/power-deflation.js';
export { vanilla } from '../algorithms/vanilla.js';
