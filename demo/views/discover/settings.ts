// What a visitor of Discover can choose.
import { backendField, choice, integer, number, seed, several, type Form } from '../../shell/fields.js';

export const algorithmTitles = {
  deflation: 'Deflation',
  beyondLazy: 'Beyond lazy',
  staged: 'Staged',
  vanilla: 'Vanilla descent',
} as const;

export type Algorithm = keyof typeof algorithmTitles;

export interface Settings {
  readonly problem: 'orthogonal' | 'planted';
  readonly order: number;
  readonly dim: number;
  /** Components of the truth. */
  readonly rank: number;
  /** Quotient of consecutive weights of the truth. */
  readonly ratio: number;
  /** ‖noise‖ / ‖tensor‖ */
  readonly noise: number;
  readonly problemSeed: number;
  /** Names of algorithms, joined by commas. */
  readonly algorithms: string;
  /** Components to start with. */
  readonly width: number;
  /** Size of the first weights, for a target of unit size. */
  readonly initScale: number;
  /** Step of every algorithm as a multiple of its default. */
  readonly stepSize: number;
  /** Of the start. */
  readonly seed: number;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly backend: 'auto' | 'webgpu' | 'cpu';
  readonly speed: 'slow' | 'normal' | 'fast';
}

export const form: Form<Settings> = {
  fields: {
    problem: choice('Hidden parts', [
      ['orthogonal', 'Orthogonal'],
      ['planted', 'Random'],
    ]),
    order: choice(
      'Order',
      [2, 3, 4, 5].map((order) => [order, String(order)]),
    ),
    dim: integer('Dimension d', 2, 32),
    rank: integer('True rank r', 1, 8),
    ratio: number('Coefficient ratio', 1, 100, { hint: 'between consecutive parts' }),
    noise: number('Noise', 0, 1, { hint: 'relative to the tensor' }),
    problemSeed: seed('Seed of the tensor'),
    algorithms: several('Algorithms', Object.entries(algorithmTitles)),
    width: integer('Components m', 1, 96, { hint: 'how many to start with' }),
    initScale: number('Init scale', 1e-30, 1, { hint: 'size of the first weights' }),
    stepSize: number('Step size', 0.01, 4, { hint: '× the library’s default' }),
    seed: seed('Seed of the start'),
    tolerance: number('Tolerance', 0, 0.5, { hint: 'staged goes on to 10⁻⁹' }),
    maxSteps: integer('Step limit', 1, 200_000),
    backend: backendField(),
    speed: choice('Speed', [
      ['slow', 'slow'],
      ['normal', 'normal'],
      ['fast', 'fast'],
    ]),
  },
  groups: [
    ['Tensor', ['problem', 'order', 'dim', 'rank', 'ratio', 'noise', 'problemSeed']],
    ['Search', ['algorithms', 'width', 'initScale', 'stepSize', 'seed', 'tolerance', 'maxSteps']],
    ['Machine', ['backend', 'speed']],
  ],
  defaults: {
    problem: 'orthogonal',
    order: 4,
    dim: 10,
    rank: 4,
    ratio: 1.5,
    noise: 0,
    problemSeed: 1,
    algorithms: 'deflation,staged',
    width: 16,
    initScale: 1e-12,
    stepSize: 0.35,
    seed: 2,
    tolerance: 0.01,
    maxSteps: 20_000,
    backend: 'auto',
    speed: 'normal',
  },
};

export const chosen = ({ algorithms }: Settings): Algorithm[] => algorithms.split(',') as Algorithm[];
