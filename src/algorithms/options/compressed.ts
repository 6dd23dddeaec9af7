// Options of compressed.ts.
import type { OptionsOf } from '../option-table.js';

export const compressedOptions = {
  maxRank: {
    type: 'number',
    integer: true,
    min: 1,
    usually: 'as far as it takes',
    help: 'largest rank that is looked at where none is given',
  },
} as const;

export type CompressedOptions = { readonly kind: 'compressed' } & OptionsOf<typeof compressedOptions>;
