// Options of power-deflation.ts.
import type { OptionsOf } from '../option-table.js';

export const powerDeflationOptions = {
  iterations: {
    type: 'number',
    integer: true,
    min: 1,
    default: 30,
    help: 'power iterations of every start, and again of the best one; order 2 converges slower: give hundreds',
  },
  shift: {
    type: 'number',
    min: 0,
    default: 0,
    help: 'shift of the iteration z ← normalize(T(·, z, …, z) ± shift · (order − 1) · ‖T‖ · z), in the direction of the sign of T(z, …, z); with 1 and more |T(z, …, z)| rises with every iteration, and slowly: give hundreds',
  },
} as const;

export type PowerDeflationOptions = { readonly kind: 'powerDeflation' } & OptionsOf<typeof powerDeflationOptions>;
