// What a visitor of Complete a picture can choose. A picture of one's own stays on the visitor's machine: an address can name a sample only.
import { backendField, choice, integer, number, seed, type Form } from '../../shell/fields.js';

export interface Settings {
  readonly picture: 'sample' | 'own';
  readonly pictureSeed: number;
  /** Pixels of the longer side. */
  readonly size: number;
  /** Percent of the pixels. */
  readonly hidden: number;
  readonly hideSeed: number;
  readonly width: number;
  readonly learningRate: number;
  readonly maxSteps: number;
  readonly seed: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
}

export const minHidden = 10;
export const maxHidden = 95;

export const form: Form<Settings> = {
  fields: {
    picture: choice('Picture', [
      ['sample', 'Sample'],
      ['own', 'Your picture'],
    ]),
    pictureSeed: { ...seed('Seed of the sample'), applies: ({ picture }) => picture === 'sample' },
    size: choice(
      'Pixels a side',
      [32, 48, 64, 96].map((size) => [size, String(size)]),
    ),
    hidden: integer('Hidden, percent', minHidden, maxHidden),
    hideSeed: seed('Seed of the holes'),
    width: integer('Components m', 1, 32, { hint: 'more than it will need' }),
    learningRate: number('Learning rate', 1e-3, 0.3),
    maxSteps: integer('Step limit', 50, 20_000),
    seed: seed('Seed of the start'),
    backend: backendField(),
  },
  groups: [
    ['Picture', ['picture', 'pictureSeed', 'size', 'hidden', 'hideSeed']],
    ['Search', ['width', 'learningRate', 'maxSteps', 'seed']],
    ['Machine', ['backend']],
  ],
  defaults: {
    picture: 'sample',
    pictureSeed: 1,
    size: 64,
    hidden: 70,
    hideSeed: 1,
    width: 24,
    learningRate: 0.04,
    maxSteps: 2500,
    seed: 1,
    backend: 'auto',
  },
};
