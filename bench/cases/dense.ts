// MTTKRP of a dense tensor with its factors, X_(mode) · (⊙ of the other factors). Peers hold the unfolded tensor and take
// the faster of two ways: times the Khatri-Rao product, or one factor after the other. All modes at once are measured against
// one mode after the other, in the same rounds.
import type { Case } from '../case.js';
import { costCurve } from '../cost-curve.js';
import { kernelCase, onCpu, openOurs, type KernelCase } from '../kernel-case.js';
import { gaussian, inputOf, pickRows, someRows, type Inputs } from '../inputs.js';
import type { PeerPrograms } from '../peers/peer.js';
import type { Scope } from '../../src/backend/backend.js';
import { sizeOf } from '../../src/tensor/shape.js';

export const cases: readonly Case[] = [
  { ...kernelCase({ ...mttkrp(100, 5, 0), peers: peers(100, 5) }), quick: true },
  kernelCase({ ...mttkrp(128, 64, 0), peers: peers(128, 64) }),
  kernelCase(mttkrp(128, 64, 1)),
  kernelCase(mttkrp(128, 64, 2)),
  allModes([128, 128, 128], 16),
  allModes([40, 40, 40, 40], 16),
  allModes([20, 20, 20, 20, 20], 8),
  costCurve(
    'cost against rank',
    'rank',
    [16, 32, 64, 128].map((rank) => [rank, mttkrp(64, rank, 0)]),
  ),
];

/** A cube of `size` in each of three modes. */
export function mttkrp(size: number, rank: number, mode: number): KernelCase {
  const shape = [size, size, size];
  const count = size ** 3;
  return {
    name: `MTTKRP ${size}³, rank ${rank}, mode ${mode}`,
    flops: 2 * count * rank,
    bytes: 4 * (count + 3 * size * rank),
    inputs: () => cpInputs(shape, rank),
    ours(scope, inputs) {
      const tensor = scope.array('tensor', inputOf(inputs, 'tensor').data);
      const factors = shape.map((_, k) => scope.array(`factor ${k}`, inputOf(inputs, `factor${k}`).data));
      const product = scope.array('product', size * rank);
      return {
        record: () => scope.mttkrpDense({ shape, rank, batch: 1, mode, tensor, factors, product }),
        answer: product,
      };
    },
    // Rows of the answer are slices of the tensor along the mode.
    async expected(inputs) {
      const rows = someRows(size, 4);
      const sliced = shape.map((n, k) => (k === mode ? rows.length : n));
      const values = await onCpu((scope) => {
        const product = scope.array('product', rows.length * rank);
        const factors = shape.map((_, k) => {
          const { data } = inputOf(inputs, `factor${k}`);
          return scope.array(`factor ${k}`, k === mode ? pickRows(data, rank, rows) : data);
        });
        const tensor = scope.array('tensor', slices(inputOf(inputs, 'tensor').data, size, mode, rows));
        scope.mttkrpDense({ shape: sliced, rank, batch: 1, mode, tensor, factors, product });
        return product;
      });
      return { rows, values };
    },
  };
}

/** All modes in two contractions, against one mode after the other on the same backend; the last mode's answer is checked. */
function allModes(shape: readonly number[], rank: number): Case {
  const size = sizeOf(shape);
  const rowsOfAll = shape.reduce((sum, n) => sum + n, 0);
  const last = shape.length - 1;
  const model = (scope: Scope, inputs: Inputs) => ({
    shape,
    rank,
    batch: 1,
    tensor: scope.array('tensor', inputOf(inputs, 'tensor').data),
    factors: shape.map((_, mode) => scope.array(`factor ${mode}`, inputOf(inputs, `factor${mode}`).data)),
    products: shape.map((rows, mode) => scope.array(`product ${mode}`, rows * rank)),
  });
  const together: KernelCase = {
    name: `MTTKRP of all modes, ${shape.join(' × ')}, rank ${rank}`,
    flops: 4 * size * rank,
    bytes: 4 * (size + 2 * rowsOfAll * rank),
    inputs: () => cpInputs(shape, rank),
    ours(scope, inputs) {
      const args = model(scope, inputs);
      return { record: () => scope.mttkrpAllDense(args), answer: args.products[last]! };
    },
    async expected(inputs) {
      const rows = someRows(shape[last]!, 4);
      const product = await onCpu((scope) => {
        const { products, ...args } = model(scope, inputs);
        scope.mttkrpDense({ ...args, mode: last, product: products[last]! });
        return products[last]!;
      });
      return {
        rows,
        values: Float64Array.from(rows.flatMap((row) => [...product.subarray(row * rank, (row + 1) * rank)])),
      };
    },
  };
  const apart: KernelCase = {
    ...together,
    ours(scope, inputs) {
      const { products, ...args } = model(scope, inputs);
      const record = (): void => products.forEach((product, mode) => scope.mttkrpDense({ ...args, mode, product }));
      return { record, answer: products[last]! };
    },
  };
  const measured = kernelCase({ ...together, peers: {} });
  return {
    ...measured,
    run: (bench) =>
      measured.run({
        ...bench,
        peers: async (_programs, inputs) => [
          { ...(await openOurs(apart, bench, inputs)), name: 'one mode after the other' },
        ],
      }),
  };
}

export const cpInputs = (shape: readonly number[], rank: number): Inputs => ({
  tensor: gaussian(shape, 1),
  ...Object.fromEntries(shape.map((n, k) => [`factor${k}`, gaussian([n, rank], 2 + k, 1 / Math.sqrt(n))])),
});

function slices(data: Float32Array, size: number, mode: number, rows: readonly number[]): Float32Array {
  const inner = size ** (2 - mode);
  const chosen = Array.from({ length: size ** mode }, (_, outer) => rows.map((row) => outer * size + row)).flat();
  return pickRows(data, inner, chosen);
}

/** Of mode 0, where the unfolding is the tensor itself. */
export function peers(size: number, rank: number): PeerPrograms {
  const inputs = ['tensor', 'factor1', 'factor2'];
  const square = size * size;
  return {
    tfjs: [
      {
        inputs,
        run: (tf) => (tensor, factor1, factor2) => {
          const left = tf.reshape(factor1, [size, 1, rank]);
          const khatriRao = tf.reshape(tf.mul(left, tf.reshape(factor2, [1, size, rank])), [square, rank]);
          return tf.matMul(tf.reshape(tensor, [size, square]), khatriRao);
        },
      },
      {
        inputs,
        run: (tf) => (tensor, factor1, factor2) => {
          const once = tf.matMul(tf.reshape(tensor, [square, size]), factor2);
          return tf.sum(tf.mul(tf.reshape(once, [size, size, rank]), tf.reshape(factor1, [1, size, rank])), 1);
        },
      },
    ],
    jax: [
      {
        inputs,
        run: (np) => (tensor, factor1, factor2) => {
          const khatriRao = factor1.reshape([size, 1, rank]).mul(factor2.reshape([1, size, rank]));
          return np.matmul(tensor.reshape([size, square]), khatriRao.reshape([square, rank]));
        },
      },
      {
        inputs,
        run: (np) => (tensor, factor1, factor2) => {
          const once = np.matmul(tensor.reshape([square, size]), factor2).reshape([size, size, rank]);
          return once.mul(factor1.reshape([1, size, rank])).sum(1);
        },
      },
    ],
  };
}
