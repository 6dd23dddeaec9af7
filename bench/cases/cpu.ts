// The cpu backend, float64 on one thread, beside plain loops and NumPy float64 (bench/peers/cpu_numpy.py), and beside jax-js in
// WebAssembly, which has float32 and its own threads.
import type { Case } from '../case.js';
import { contraction } from '../contraction.js';
import { cpuCase, operationOnCpu } from '../cpu-case.js';
import { gaussian, inputOf, pickRows, someRows, type Inputs } from '../inputs.js';
import { onCpu, type KernelCase } from '../kernel-case.js';
import { factorInPlace } from '../../src/linalg/cholesky.js';
import { contraction as symmetricContraction } from './dense-symmetric.js';
import { cpInputs, mttkrp, peers as mttkrpPeers } from './dense.js';
import { step } from './observed.js';

const size = 128;
const rank = 64;
const entries = { count: 100_000, size: 200, rank: 32 };
const symmetric = { d: 96, m: 256 };

export const cases: readonly Case[] = [
  ...([3, 4] as const).map((order) =>
    operationOnCpu(
      { name: `factored, m 1024, d 64, order ${order}`, ...contraction({ rows: 1024, columns: 1024, d: 64, order }) },
      { program: 'cpu factored', sizes: { m: 1024, d: 64, order } },
    ),
  ),
  ...[0, 1, 2].map((mode) =>
    operationOnCpu(
      { ...mttkrp(size, rank, mode), ...(mode === 0 && { peers: mttkrpPeers(size, rank) }) },
      { program: 'cpu MTTKRP', sizes: { size, rank, mode } },
    ),
  ),
  operationOnCpu(residual(), { program: 'cpu residual', sizes: { size, rank } }),
  operationOnCpu(
    { ...symmetricContraction({ order: 3, ...symmetric }), name: 'dense symmetric, order 3, d 96, m 256' },
    { program: 'cpu dense symmetric', sizes: symmetric },
  ),
  operationOnCpu(step(entries), { program: 'cpu observed', sizes: entries }),
  cholesky(1000),
];

/** Its rows are the slices along mode 0. */
function residual(): KernelCase {
  const shape = [size, size, size];
  const record = (inputs: Inputs, rows: readonly number[]): ReturnType<typeof onCpu> =>
    onCpu((scope) => {
      const out = scope.array('residual', rows.length * size * size);
      scope.residualDense({
        shape: [rows.length, size, size],
        rank,
        batch: 1,
        tensor: scope.array('tensor', pickRows(inputOf(inputs, 'tensor').data, size * size, rows)),
        factors: shape.map((_, k) => {
          const { data } = inputOf(inputs, `factor${k}`);
          return scope.array(`factor ${k}`, k === 0 ? pickRows(data, rank, rows) : data);
        }),
        residual: out,
      });
      return out;
    });
  return {
    name: `residual ${size}³, rank ${rank}`,
    flops: 2 * size ** 3 * rank,
    bytes: 8 * size ** 3,
    inputs: () => cpInputs(shape, rank),
    ours(scope, inputs) {
      const tensor = scope.array('tensor', inputOf(inputs, 'tensor').data);
      const factors = shape.map((_, k) => scope.array(`factor ${k}`, inputOf(inputs, `factor${k}`).data));
      const out = scope.array('residual', size ** 3);
      return {
        record: () => scope.residualDense({ shape, rank, batch: 1, tensor, factors, residual: out }),
        answer: out,
      };
    },
    async expected(inputs) {
      const rows = someRows(size, 4);
      return { rows, values: await record(inputs, rows) };
    },
  };
}

/** Of L·Lᵀ for a given L; L is the answer. */
function cholesky(n: number): Case {
  return cpuCase({
    name: `Cholesky, ${n} rows`,
    flops: n ** 3 / 3,
    inputs: () => ({ normals: gaussian([n, n], 1, n ** -0.5) }),
    open(inputs) {
      const lower = lowerOf(inputs, n);
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let k = 0; k <= j; k++) sum += lower[i * n + k]! * lower[j * n + k]!;
          matrix[i * n + j] = sum;
        }
      }
      const factored = new Float64Array(n * n);
      return {
        run() {
          factored.set(matrix);
          factorInPlace(factored, n);
          return Promise.resolve();
        },
        answer: () => Promise.resolve(factored),
        free: () => undefined,
      };
    },
    expected(inputs) {
      const rows = someRows(n);
      const lower = lowerOf(inputs, n);
      const values = new Float64Array(rows.length * n);
      rows.forEach((row, s) => values.set(lower.subarray(row * n, (row + 1) * n), s * n));
      return Promise.resolve({ rows, values });
    },
    peers: { numpy: { program: 'cpu Cholesky', sizes: { n } } },
  });
}

/** Of a good condition: 2 and more on the diagonal beside rows of length 1. */
function lowerOf(inputs: Inputs, n: number): Float64Array {
  const { data } = inputOf(inputs, 'normals');
  return Float64Array.from(data, (value, at) => {
    const row = Math.floor(at / n);
    const column = at % n;
    return column < row ? value : column === row ? 2 + Math.abs(value) : 0;
  });
}
