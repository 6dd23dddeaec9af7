// Options of lazy.ts.
import type { OptionsOf } from '../option-table.js';

export const lazyOptions = {
  stepFactor: {
    type: 'number',
    above: 0,
    default: 1,
    help: "step η in units of 1 / the largest eigenvalue of the tangent space's Gram matrix; from 2 on it diverges",
  },
} as const;

export type LazyOptions = { readonly kind: 'lazy' } & OptionsOf<typeof lazyOptions>;
