// All algorithms by name. A new algorithm is one file beside this one, which exports its options and its state (both are in the types of
// the package), its import and its name here; registry.ts says what is asked of them.
import { als } from './als.js';
import { beyondLazy } from './beyond-lazy.js';
import { completion } from './completion/completion.js';
import { compressed } from './compressed.js';
import { deflation } from './deflation/deflation.js';
import { lazy } from './lazy.js';
import { powerDeflation } from './power-deflation.js';
import { staged } from './staged.js';
import { vanilla } from './vanilla.js';
import { variational } from './variational.js';

export const algorithms = {
  als,
  beyondLazy,
  completion,
  compressed,
  deflation,
  lazy,
  powerDeflation,
  staged,
  vanilla,
  variational,
};
