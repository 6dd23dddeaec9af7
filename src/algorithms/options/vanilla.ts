// Options of vanilla.ts.
import type { OptionsOf } from '../option-table.js';

export const vanillaOptions = {
  learningRate: {
    type: 'number',
    above: 0,
    default: 0.5,
    help: "step η in units of 1 / (order² · norm of the target's strongest component; of the target where it has no components); twice the default and more diverges",
  },
  initScale: {
    type: 'number',
    above: 0,
    default: 0.1,
    help: 'standard deviation of the initial weights, for a target of unit size; the vectors start as random unit vectors',
  },
} as const;

export type VanillaOptions = { readonly kind: 'vanilla' } & OptionsOf<typeof vanillaOptions>;
