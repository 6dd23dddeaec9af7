// Problems larger than one submit: minutes of work cut into submits. Some rows are verified against float64 before anything is
// timed. Too large for a software adapter unless a case is named: `npm run bench -- "MTTKRP of the residual" --node --rounds 1`.
import { uploadEntries, uploadSegments } from '../../src/algorithms/completion/observed-entries.js';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { randomStream } from '../../src/random/stream.js';
import { observed } from '../../src/targets/observed.js';
import type { Case } from '../case.js';
import { contraction } from '../contraction.js';
import { kernelCase, onCpu, type KernelCase } from '../kernel-case.js';
import { gaussian, inputOf, pickRows, someRows, type Inputs } from '../inputs.js';

export const cases: readonly Case[] = [
  factored({ rows: 64, columns: 40_000, d: 1024, order: 3 }),
  factored({ rows: 65_536, columns: 65_536, d: 1024, order: 3 }),
  residualAndMttkrp(512, 2),
  completion({ count: 10_000_000, size: 1000, rank: 4 }),
].map((kernel) => ({ ...kernelCase(kernel), hardwareOnly: true }));

function factored(size: { rows: number; columns: number; d: number; order: 3 }): KernelCase {
  const { rows, columns, d } = size;
  // Neither peers, which would hold rows × columns numbers, nor a bound on the uniform blocks of thousands of submits.
  const { flops, bytes, inputs, ours, expected } = contraction(size);
  return { name: `${rows} queries of ${columns} vectors, d ${d}`, flops, bytes, inputs, ours, expected };
}

/** One evaluation of the loss and of one mode's gradient: the residual, then its MTTKRP. */
function residualAndMttkrp(size: number, rank: number): KernelCase {
  const shape = [size, size, size];
  const record = (scope: Scope, modes: readonly number[], tensor: Float32Array, factors: readonly Float32Array[]) => {
    const model = {
      shape: modes,
      rank,
      batch: 1,
      factors: factors.map((factor, k) => scope.array(`factor ${k}`, factor)),
    };
    const residual = scope.array('residual', tensor.length);
    const product = scope.array('product', modes[0]! * rank);
    const given = scope.array('tensor', tensor);
    return {
      record: () => {
        scope.residualDense({ ...model, tensor: given, residual });
        scope.mttkrpDense({ ...model, mode: 0, tensor: residual, product });
      },
      answer: product,
    };
  };
  const factorsOf = (inputs: Inputs): Float32Array[] => shape.map((_, k) => inputOf(inputs, `factor${k}`).data);
  return {
    name: `MTTKRP of the residual, ${size}³, rank ${rank}`,
    flops: 4 * size ** 3 * rank,
    bytes: 4 * 3 * size ** 3,
    inputs: () => ({
      tensor: gaussian(shape, 1),
      ...Object.fromEntries(shape.map((n, k) => [`factor${k}`, gaussian([n, rank], 2 + k, 1 / Math.sqrt(n))])),
    }),
    ours: (scope, inputs) => record(scope, shape, inputOf(inputs, 'tensor').data, factorsOf(inputs)),
    // A row of the answer needs its slice of the tensor alone.
    async expected(inputs) {
      const rows = someRows(size, 3);
      const values = await onCpu((scope) => {
        const slices = pickRows(inputOf(inputs, 'tensor').data, size * size, rows);
        const factors = factorsOf(inputs).map((factor, k) => (k === 0 ? pickRows(factor, rank, rows) : factor));
        return recorded(record(scope, [rows.length, size, size], slices, factors));
      });
      return { rows, values };
    },
  };
}

/** One step of a completion: the loss and all gradients of ten million entries. */
function completion({ count, size, rank }: { count: number; size: number; rank: number }): KernelCase {
  const order = 3;
  const rows = order * size;
  const ours = (scope: Scope, inputs: Inputs) => {
    const random = randomStream(7);
    const indices = Uint32Array.from({ length: order * count }, () => Math.floor(size * random.uniform()));
    const target = observed(new Array<number>(order).fill(size), indices, inputOf(inputs, 'values').data);
    const { entryRows, values } = uploadEntries(scope, target);
    const segments = uploadSegments(scope, target);
    const factors = scope.array('factors', inputOf(inputs, 'factors').data);
    const derivative = scope.array('derivative', count);
    const mean = scope.array('mean', 1);
    const gradient = scope.array('gradient', rows * rank);
    const model = { order, batch: 1, rows, rank, factors, first: 0, count, entryRows, segments };
    const outputs = { values, derivative, mean, gradient };
    const record = (): void => scope.lossAndGradientObserved({ ...model, ...outputs, loss: 'l2', parameter: 0 });
    return { record, answer: gradient };
  };
  return {
    name: `${count} entries of ${size}³, rank ${rank}`,
    flops: order * (order + 1) * count * rank,
    bytes: 4 * ((order + 1) * count + 2 * rows * rank),
    inputs: () => ({ factors: gaussian([rows, rank], 1), values: gaussian([count], 2) }),
    ours,
    expected: async (inputs) => ({
      rows: Array.from({ length: rows }, (_, row) => row),
      values: await onCpu((scope) => recorded(ours(scope, inputs))),
    }),
  };
}

function recorded({ record, answer }: { readonly record: () => void; readonly answer: DeviceArray }): DeviceArray {
  record();
  return answer;
}
