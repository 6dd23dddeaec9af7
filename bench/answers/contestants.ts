// Who looks for the components: staged, which is told nothing, and what a user would take otherwise, told the right rank.
// All in float64 on the cpu backend, which is what 'auto' would choose at such sizes.
import { decompose } from '../../src/decompose.js';
import type { Decomposition } from '../../src/result.js';
import { dense } from '../../src/targets/dense.js';
import { denseSymmetric } from '../../src/targets/dense-symmetric.js';
import { factored } from '../../src/targets/factored.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { packKruskal } from '../../src/tensor/symmetric.js';
import { toDense } from '../../src/tensor/to-dense.js';

export interface Solver {
  readonly name: string;
  /** Has to find the rank too. */
  readonly findsRank: boolean;
  /** Makes the target, which is not timed, and gives back the run. */
  prepare(truth: SymmetricKruskal, rank: number): () => Promise<Decomposition>;
}

/** The first is the one that the others are compared with: it is given the same entries as they are. */
export const solvers: readonly Solver[] = [
  {
    name: 'staged, dense entries',
    findsRank: true,
    prepare(truth) {
      const target = denseSymmetric(packKruskal(truth));
      return () => decompose(target, { algorithm: 'staged', rank: 'auto', backend: 'cpu' });
    },
  },
  {
    name: 'staged, factored',
    findsRank: true,
    prepare(truth) {
      const target = factored({ ...truth, dim: truth.vectors.columns });
      return () => decompose(target, { algorithm: 'staged', rank: 'auto', backend: 'cpu' });
    },
  },
  {
    name: 'als, best of 10',
    findsRank: false,
    prepare(truth, rank) {
      const { shape, data } = toDense(truth);
      const target = dense(shape, data);
      return () => decompose(target, { algorithm: 'als', rank, starts: 10, backend: 'cpu' });
    },
  },
  {
    name: 'powerDeflation',
    findsRank: false,
    prepare(truth, rank) {
      const target = denseSymmetric(packKruskal(truth));
      return () => decompose(target, { algorithm: 'powerDeflation', rank, finish: 'none', backend: 'cpu' });
    },
  },
];
