// The contraction of a tensor in factored form with `rows` queries, A = (ω ⊙ (QVᵀ)^(l−1)) V over `columns` components, as a
// kernel case with its peers. Where the components are many samples it is the contraction of their moment.
import { onCpu, type KernelCase } from './kernel-case.js';
import { gaussian, inputOf, pickRows, someRows } from './inputs.js';
import type { PeerPrograms } from './peers/peer.js';

export interface ContractionSizes {
  readonly rows: number;
  readonly columns: number;
  readonly d: number;
  readonly order: 3 | 4;
}

export function contraction({ rows: m, columns, d, order }: ContractionSizes): Omit<KernelCase, 'name'> {
  return {
    flops: 4 * m * columns * d,
    bytes: 4 * (2 * m * d + m + columns * (d + 1)),
    // Sums over some parts of the columns, of the answer's size each, and a uniform block: never a rows × columns matrix.
    extraBytes: 32 * m * d + 2 ** 17,
    inputs: () => ({
      queries: gaussian([m, d], 1, 1 / Math.sqrt(d)),
      vectors: gaussian([columns, d], 2, 1 / Math.sqrt(d)),
      weights: gaussian([columns], 3),
    }),
    ours(scope, inputs) {
      const arrays = {
        queries: scope.array('queries', inputOf(inputs, 'queries').data),
        vectors: scope.array('vectors', inputOf(inputs, 'vectors').data),
        weights: scope.array('weights', inputOf(inputs, 'weights').data),
        contraction: scope.array('contraction', m * d),
        strengths: scope.array('strengths', m),
      };
      const shape = { order, batch: 1, rows: m, columns, dim: d, queryStride: m * d };
      return { record: () => scope.contractFactored({ ...shape, ...arrays }), answer: arrays.contraction };
    },
    async expected(inputs) {
      const rows = someRows(m);
      const values = await onCpu((scope) => {
        const result = scope.array('contraction', rows.length * d);
        scope.contractFactored({
          order,
          batch: 1,
          rows: rows.length,
          columns,
          dim: d,
          queryStride: rows.length * d,
          queries: scope.array('queries', pickRows(inputOf(inputs, 'queries').data, d, rows)),
          vectors: scope.array('vectors', inputOf(inputs, 'vectors').data),
          weights: scope.array('weights', inputOf(inputs, 'weights').data),
          contraction: result,
          strengths: scope.array('strengths', rows.length),
        });
        return result;
      });
      return { rows, values };
    },
    peers: peers(order),
  };
}

function peers(order: 3 | 4): PeerPrograms {
  const inputs = ['queries', 'vectors', 'weights'];
  return {
    tfjs: [
      {
        inputs,
        run: (tf) => (queries, vectors, weights) => {
          const g = tf.matMul(queries, vectors, false, true);
          const power = order === 3 ? tf.square(g) : tf.mul(tf.square(g), g);
          return tf.matMul(tf.mul(weights, power), vectors);
        },
      },
    ],
    jax: [
      {
        inputs,
        run: (np) => (queries, vectors, weights) => {
          const g = np.matmul(queries, vectors.ref.transpose());
          const power = order === 3 ? g.ref.mul(g) : g.ref.mul(g.ref).mul(g);
          return np.matmul(power.mul(weights), vectors);
        },
      },
    ],
  };
}
