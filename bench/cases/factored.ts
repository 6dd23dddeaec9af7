// Contraction of a symmetric tensor in factored form with m queries: A = (ω ⊙ (QVᵀ)^(l−1)) V, the hot path of every flow.
// Peers do it as two matrix products with the m × m matrix between them. Ours must not hold one: its memory is asserted.
import type { Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { gaussian, inputOf, kernelCase, onCpu, pickRows, someRows, type KernelCase } from '../kernel-case.js';
import type { PeerPrograms } from '../peers/peer.js';

interface Size {
  readonly m: number;
  readonly d: number;
  readonly order: 3 | 4;
  readonly quick?: boolean;
  readonly hardwareOnly?: boolean;
}

const sizes: readonly Size[] = [
  { m: 64, d: 16, order: 3, quick: true },
  { m: 256, d: 64, order: 3 },
  { m: 1024, d: 64, order: 3, quick: true },
  { m: 1024, d: 64, order: 4 },
  { m: 2048, d: 128, order: 3 },
  { m: 2048, d: 128, order: 4 },
  { m: 4096, d: 128, order: 3 },
  { m: 4096, d: 128, order: 4 },
  // A millisecond on a card, minutes on a software adapter.
  { m: 16_384, d: 64, order: 3, hardwareOnly: true },
  { m: 16_384, d: 64, order: 4, hardwareOnly: true },
];

export const cases: readonly Case[] = [
  ...sizes.map((size) => ({
    ...kernelCase({ ...contraction(size), peers: peers(size.order) }),
    quick: size.quick ?? false,
    hardwareOnly: size.hardwareOnly ?? false,
  })),
  costCurve(
    'cost against m',
    'm',
    [256, 512, 1024, 2048].map((m) => [m, contraction({ m, d: 64, order: 3 })]),
  ),
  costCurve(
    'cost against d',
    'd',
    [32, 64, 128, 256].map((d) => [d, contraction({ m: 512, d, order: 3 })]),
  ),
];

function contraction({ m, d, order }: Size): KernelCase {
  return {
    name: `m ${m}, d ${d}, order ${order}`,
    flops: 4 * m * m * d,
    bytes: 4 * (3 * m * d + 2 * m),
    // The strengths, and a few uniform blocks of 64 KiB; a tenth of m × m at (1024, 64).
    extraBytes: 4 * m * d + 2 ** 18,
    inputs: () => ({
      queries: gaussian([m, d], 1, 1 / Math.sqrt(d)),
      vectors: gaussian([m, d], 2, 1 / Math.sqrt(d)),
      weights: gaussian([m], 3),
    }),
    ours(scope, inputs) {
      const arrays = {
        queries: scope.array('queries', inputOf(inputs, 'queries').data),
        vectors: scope.array('vectors', inputOf(inputs, 'vectors').data),
        weights: scope.array('weights', inputOf(inputs, 'weights').data),
        contraction: scope.array('contraction', m * d),
        strengths: scope.array('strengths', m),
      };
      const shape = { order, batch: 1, rows: m, columns: m, dim: d, queryStride: m * d };
      return { record: () => scope.contractFactored({ ...shape, ...arrays }), answer: arrays.contraction };
    },
    async expected(inputs) {
      const rows = someRows(m);
      const values = await onCpu((scope) => {
        const result = scope.array('contraction', rows.length * d);
        scope.contractFactored({
          ...{ order, batch: 1, rows: rows.length, columns: m, dim: d, queryStride: rows.length * d },
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
