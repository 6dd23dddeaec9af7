// Options of als.ts.
import type { OptionsOf } from '../option-table.js';

export const alsOptions = {
  ridge: {
    type: 'number',
    min: 0,
    usually: '1e-4 in float32, 1e-10 in float64',
    help: 'λ of the proximal term, relative to the mean diagonal of H; larger is slower',
  },
} as const;

export type AlsOptions = { readonly kind: 'als' } & OptionsOf<typeof alsOptions>;
