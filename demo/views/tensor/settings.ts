// What a visitor of Your tensor can choose. A file stays on the visitor's machine: an address can name an example only.
import { backendField, choice, integer, seed, type Form } from '../../shell/fields.js';

export interface Settings {
  readonly example: 'unemployment' | 'births' | 'none';
  /** 'auto' or a number of components. */
  readonly rank: number | 'auto';
  readonly starts: number;
  readonly seed: number;
  /** Of the indices in .csv files; .tns files count from 1. */
  readonly base: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
}

export const maxRank = 12;

export const form: Form<Settings> = {
  fields: {
    example: choice('Tensor', [
      ['unemployment', 'Unemployment'],
      ['births', 'Births'],
      ['none', 'Your file'],
    ]),
    rank: choice('Rank', [
      ['auto', 'auto'],
      ...Array.from({ length: maxRank }, (_, r) => [r + 1, String(r + 1)] as const),
    ]),
    starts: integer('Starts', 1, 32, { hint: 'the best is kept' }),
    seed: seed('Seed of the starts'),
    base: choice(
      'Indices of .csv from',
      [
        [0, '0'],
        [1, '1'],
      ],
      { applies: ({ example }) => example === 'none' },
    ),
    backend: backendField(),
  },
  groups: [
    ['Data', ['example', 'base']],
    ['Search', ['rank', 'starts', 'seed']],
    ['Machine', ['backend']],
  ],
  defaults: { example: 'unemployment', rank: 'auto', starts: 8, seed: 1, base: 0, backend: 'auto' },
};
