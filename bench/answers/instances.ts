// What the time to the answer is measured on: kinds of symmetric tensors with known components, ten seeded instances of each.
import { orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';

export interface InstanceKind {
  readonly name: string;
  readonly rank: number;
  readonly quick?: boolean;
  truth(seed: number): SymmetricKruskal;
}

type Planted = Omit<Parameters<typeof plantedSymmetric>[0], 'seed'>;

const planted = (name: string, options: Planted, quick = false): InstanceKind => ({
  name,
  rank: options.rank,
  quick,
  truth: (seed) => plantedSymmetric({ ...options, seed }).truth,
});

/** Random directions and weights of random signs in [0.5, 1.5], where nothing else is said. */
export const instanceKinds: readonly InstanceKind[] = [
  planted('order 3, d 10, r 4', { order: 3, dim: 10, rank: 4 }, true),
  planted('order 3, d 20, r 10', { order: 3, dim: 20, rank: 10 }),
  planted('order 4, d 12, r 6', { order: 4, dim: 12, rank: 6 }),
  planted('order 3, d 30, r 20', { order: 3, dim: 30, rank: 20 }),
  {
    name: 'orthogonal, order 3, d 20, r 5',
    rank: 5,
    truth: (seed) => orthogonal({ order: 3, dim: 20, rank: 5, seed }).truth,
  },
  planted('overcomplete, order 3, d 8, r 10', { order: 3, dim: 8, rank: 10 }),
  planted('weights 1 to 1/81, order 3, d 20, r 5', { order: 3, dim: 20, rank: 5, ratio: 3 }),
  planted('cosines 0.9, order 3, d 20, r 4', { order: 3, dim: 20, rank: 4, cosine: 0.9 }),
];
