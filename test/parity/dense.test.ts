// residualDense and mttkrpDense, every mode, any order and shape: float32 on the adapter against float64 on the CPU.
import { describe, test } from 'vitest';
import { openCpu } from '../../src/backend/cpu/index.js';
import { expectParity, normals, type Inputs } from '../support/parity.js';

const problems = [
  { shape: [1, 1], rank: 1, batch: 1 },
  { shape: [64, 65], rank: 3, batch: 1 },
  { shape: [3, 1, 5], rank: 2, batch: 1 },
  { shape: [14, 10, 12], rank: 2, batch: 4 },
  { shape: [63, 7, 65], rank: 5, batch: 2 },
  { shape: [2, 97, 3], rank: 17, batch: 1 },
  { shape: [5, 4, 3, 7], rank: 9, batch: 3 },
  { shape: [3, 2, 4, 2, 5], rank: 4, batch: 1 },
  { shape: [40, 33, 20], rank: 70, batch: 1 },
];

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const factorInputs = (shape: readonly number[], rank: number, batch: number): Inputs =>
  Object.fromEntries(shape.map((rows, mode) => [`factor${mode}`, normals(batch * rows * rank, mode + 10)]));

describe.each(problems)('shape $shape, rank $rank, batch $batch', ({ shape, rank, batch }) => {
  const size = sizeOf(shape);
  test('residual', async () => {
    await expectParity<Inputs>({
      inputs: { ...factorInputs(shape, rank, batch), tensor: normals(size, 2) },
      record: (scope, arrays) => {
        const residual = scope.array('residual', batch * size);
        const factors = shape.map((_, mode) => arrays[`factor${mode}`]!);
        scope.residualDense({ shape, rank, batch, factors, tensor: arrays['tensor']!, residual });
        return { residual };
      },
      roundings: rank + shape.length + 1,
      magnitudes: { residual: await residualMagnitudes(shape, rank, batch) },
    });
  });

  test.each(shape.map((_, mode) => mode))('MTTKRP of mode %i', async (mode) => {
    await expectParity<Inputs>({
      inputs: { ...factorInputs(shape, rank, batch), tensor: normals(size, 2) },
      record: (scope, arrays) => {
        const product = scope.array('product', batch * shape[mode]! * rank);
        const factors = shape.map((_, k) => arrays[`factor${k}`]!);
        scope.mttkrpDense({ shape, rank, batch, mode, factors, tensor: arrays['tensor']!, product });
        return { product };
      },
      roundings: size / shape[mode]! + shape.length,
    });
  });
});

test('MTTKRP of a tensor of its own for every batch item', async () => {
  const [shape, rank, batch] = [[6, 5, 4], 3, 2];
  await expectParity<Inputs>({
    inputs: { ...factorInputs(shape, rank, batch), tensor: normals(batch * sizeOf(shape), 2) },
    record: (scope, arrays) => {
      const product = scope.array('product', batch * 5 * rank);
      const factors = shape.map((_, k) => arrays[`factor${k}`]!);
      scope.mttkrpDense({ shape, rank, batch, mode: 1, factors, tensor: arrays['tensor']!, product });
      return { product };
    },
    roundings: 24 + 3,
  });
});

/** Σ_c Π |factor| + |tensor|, by the cpu backend on absolute values (model − (−|tensor|)). */
async function residualMagnitudes(shape: readonly number[], rank: number, batch: number): Promise<Float64Array> {
  using scope = openCpu().scope('magnitudes');
  const inputs = factorInputs(shape, rank, batch);
  const residual = scope.array('residual', batch * sizeOf(shape));
  scope.residualDense({
    ...{ shape, rank, batch, residual },
    factors: shape.map((_, mode) => scope.array('factor', inputs[`factor${mode}`]!.map(Math.abs))),
    tensor: scope.array(
      'tensor',
      normals(sizeOf(shape), 2).map((x) => -Math.abs(x)),
    ),
  });
  return await scope.read(residual);
}
