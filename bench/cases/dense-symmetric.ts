// Contraction of a packed symmetric tensor with m queries, T(·, u_i, …, u_i). Every entry of the packed tensor is used order
// times, which is what `flops` counts; peers hold the unfolded tensor and do 2 · m · d^order, in the fastest of three ways.
import type { Case } from '../case.js';
import { kernelCase, onCpu, type KernelCase } from '../kernel-case.js';
import { gaussian, inputOf, pickRows, someRows } from '../inputs.js';
import type { PeerPrograms } from '../peers/peer.js';
import { binomial, packedLength, unpackSymmetric } from '../../src/tensor/symmetric.js';

interface Size {
  readonly order: 3 | 4;
  readonly d: number;
  readonly m: number;
}

export const cases: readonly Case[] = [
  { ...kernelCase(contraction({ order: 3, d: 32, m: 64 })), quick: true },
  kernelCase(contraction({ order: 3, d: 96, m: 256 })),
  kernelCase(contraction({ order: 4, d: 32, m: 256 })),
];

export function contraction(size: Size): KernelCase {
  const { order, d, m } = size;
  const length = packedLength(order, d);
  return {
    name: `order ${order}, d ${d}, m ${m}`,
    flops: 2 * m * d * binomial(d + order - 2, order - 1),
    bytes: 4 * (length + 2 * m * d + m),
    inputs() {
      const tensor = gaussian([length], 1);
      const { shape, data } = unpackSymmetric({ order, dim: d, data: tensor.data });
      return { tensor, unpacked: { shape, data: Float32Array.from(data) }, queries: gaussian([m, d], 2, d ** -0.5) };
    },
    ours(scope, inputs) {
      const arrays = {
        tensor: scope.array('tensor', inputOf(inputs, 'tensor').data),
        queries: scope.array('queries', inputOf(inputs, 'queries').data),
        contraction: scope.array('contraction', m * d),
        strengths: scope.array('strengths', m),
      };
      const shape = { order, batch: 1, rows: m, dim: d, queryStride: m * d, scale: 1, accumulate: false };
      return { record: () => scope.contractSymmetric({ ...shape, ...arrays }), answer: arrays.contraction };
    },
    async expected(inputs) {
      const rows = someRows(m, 4);
      const values = await onCpu((scope) => {
        const result = scope.array('contraction', rows.length * d);
        scope.contractSymmetric({
          order,
          batch: 1,
          rows: rows.length,
          dim: d,
          queryStride: rows.length * d,
          scale: 1,
          accumulate: false,
          tensor: scope.array('tensor', inputOf(inputs, 'tensor').data),
          queries: scope.array('queries', pickRows(inputOf(inputs, 'queries').data, d, rows)),
          contraction: result,
          strengths: scope.array('strengths', rows.length),
        });
        return result;
      });
      return { rows, values };
    },
    peers: peers(size),
  };
}

/**
 * 1: queries ⊙ … ⊙ queries, row by row, [m, d^(l−1)], times the unfolded tensor.
 * 2, 3: the tensor times one query a row, [d^(l−1), m] or [m, d^(l−1)], then the other queries one by one.
 */
function peers({ order, d, m }: Size): PeerPrograms {
  const inputs = ['unpacked', 'queries'];
  const rest = d ** (order - 1);
  return {
    tfjs: [
      {
        inputs,
        run: (tf) => (unpacked, queries) => {
          let product = queries;
          for (let k = 2; k < order; k++) {
            const columns = d ** (k - 1);
            const next = tf.mul(tf.reshape(product, [m, columns, 1]), tf.reshape(queries, [m, 1, d]));
            product = tf.reshape(next, [m, columns * d]);
          }
          return tf.matMul(product, tf.reshape(unpacked, [d, rest]), false, true);
        },
      },
      {
        inputs,
        run: (tf) => (unpacked, queries) => {
          let left = tf.matMul(tf.reshape(unpacked, [rest, d]), queries, false, true);
          const each = tf.reshape(tf.transpose(queries), [1, d, m]);
          for (let k = order - 2; k >= 1; k--) left = tf.sum(tf.mul(tf.reshape(left, [d ** k, d, m]), each), 1);
          return tf.transpose(left);
        },
      },
      {
        inputs,
        run: (tf) => (unpacked, queries) => {
          let left = tf.matMul(queries, tf.reshape(unpacked, [d, rest]));
          for (let k = order - 2; k >= 1; k--) {
            left = tf.matMul(tf.reshape(left, [m, d ** k, d]), tf.reshape(queries, [m, d, 1]));
          }
          return tf.reshape(left, [m, d]);
        },
      },
    ],
    jax: [
      {
        inputs,
        run: (np) => (unpacked, queries) => {
          let product = queries.ref;
          for (let k = 2; k < order; k++) {
            const columns = d ** (k - 1);
            const next = product.reshape([m, columns, 1]).mul(queries.ref.reshape([m, 1, d]));
            product = next.reshape([m, columns * d]);
          }
          queries.dispose();
          return np.matmul(product, unpacked.reshape([d, rest]).transpose());
        },
      },
      {
        inputs,
        run: (np) => (unpacked, queries) => {
          let left = np.matmul(unpacked.reshape([rest, d]), queries.ref.transpose());
          const each = queries.transpose().reshape([1, d, m]);
          for (let k = order - 2; k >= 1; k--)
            left = left
              .reshape([d ** k, d, m])
              .mul(each.ref)
              .sum(1);
          each.dispose();
          return left.transpose();
        },
      },
      {
        inputs,
        run: (np) => (unpacked, queries) => {
          let left = np.matmul(queries.ref, unpacked.reshape([d, rest]));
          for (let k = order - 2; k >= 1; k--) {
            left = left
              .reshape([m, d ** k, d])
              .mul(queries.ref.reshape([m, 1, d]))
              .sum(2);
          }
          queries.dispose();
          return left.reshape([m, d]);
        },
      },
    ],
  };
}
