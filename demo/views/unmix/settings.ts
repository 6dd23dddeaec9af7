// What a visitor of Unmix can choose: the sounds, the mixture, and the flow that takes it apart.
import { kinds } from './sources.js';
import { backendField, choice, integer, number, seed, type Form } from '../../shell/fields.js';

export interface Settings {
  readonly sources: number;
  readonly soundSeed: number;
  readonly mixSeed: number;
  readonly width: number;
  readonly initScale: number;
  readonly stepFactor: number;
  readonly seed: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
}

export const form: Form<Settings> = {
  fields: {
    sources: choice(
      'Sources',
      [3, 4, kinds.length].map((count) => [count, String(count)]),
    ),
    soundSeed: seed('Seed of the sounds'),
    mixSeed: seed('Seed of the mixture'),
    width: integer('Components m', 3, 96),
    initScale: number('Start norm δ', 1e-6, 0.1),
    stepFactor: number('Step κ', 0.01, 2),
    seed: seed('Seed of the start'),
    backend: backendField(),
  },
  groups: [
    ['Sounds', ['sources', 'soundSeed', 'mixSeed']],
    ['Deflation flow', ['width', 'initScale', 'stepFactor', 'seed']],
    ['Machine', ['backend']],
  ],
  defaults: {
    sources: 4,
    soundSeed: 1,
    mixSeed: 3,
    width: 40,
    initScale: 1e-3,
    stepFactor: 0.05,
    seed: 1,
    backend: 'auto',
  },
};
