// residualDense with and without missing cells, mttkrpDense of every mode and of all at once, any order and shape: float32 on the adapter against float64 on the CPU.
import { describe, expect, test } from 'vitest';
import type { DeviceArray, Scope } from '../../src/backend/backend.js';
import { expectParity, normals, onCpu, type Inputs } from '../support/parity.js';

const problems = [
  { shape: [1, 1], rank: 1, batch: 1 },
  { shape: [64, 65], rank: 3, batch: 1 },
  { shape: [3, 1, 5], rank: 2, batch: 1 },
  { shape: [14, 10, 12], rank: 2, batch: 4 },
  { shape: [63, 7, 65], rank: 5, batch: 2 },
  { shape: [2, 97, 3], rank: 17, batch: 1 },
  { shape: [5, 4, 3, 7], rank: 9, batch: 3 },
  { shape: [3, 2, 4, 2, 5], rank: 4, batch: 1 },
  { shape: [9, 1, 8, 7, 3], rank: 6, batch: 2 },
  { shape: [40, 33, 20], rank: 70, batch: 1 },
  // Rows beyond one block of held rows.
  { shape: [3, 131, 4], rank: 6, batch: 2 },
  // Groups of two modes that are finished where they are summed, and residuals with more and with fewer columns than a block.
  { shape: [6, 7, 5, 8], rank: 261, batch: 1 },
  { shape: [2, 17, 13, 5], rank: 130, batch: 3 },
  { shape: [131, 3, 2], rank: 33, batch: 2 },
];

/** A seeded mask: about every fourth cell is missing. */
const someMissing = (size: number): Float64Array => normals(size, 3).map((x) => (x < -0.67 ? 0 : 1));
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const factorInputs = (shape: readonly number[], rank: number, batch: number): Inputs =>
  Object.fromEntries(shape.map((rows, mode) => [`factor${mode}`, normals(batch * rows * rank, mode + 10)]));

describe.each(problems)('shape $shape, rank $rank, batch $batch', ({ shape, rank, batch }) => {
  const size = sizeOf(shape);
  test.each([
    ['all cells', {}],
    ['the known cells', { mask: someMissing(size) }],
    ['no cells', { mask: new Float64Array(size) }],
  ] as const)('residual of %s', async (_cells, mask) => {
    const record = (scope: Scope, arrays: Readonly<Record<string, DeviceArray>>) => {
      const residual = scope.array('residual', batch * size);
      const factors = shape.map((_, mode) => arrays[`factor${mode}`]!);
      const missing = arrays['mask'] ? { mask: arrays['mask'] } : {};
      scope.residualDense({ shape, rank, batch, factors, tensor: arrays['tensor']!, ...missing, residual });
      return { residual };
    };
    const inputs = { ...factorInputs(shape, rank, batch), tensor: normals(size, 2), ...mask };
    // The magnitudes add: model − (−|tensor|).
    const magnitudes = await onCpu<Inputs>(
      Object.fromEntries(
        Object.entries(inputs).map(([name, v]) => [
          name,
          v.map((x) => (name === 'tensor' ? -Math.abs(x) : Math.abs(x))),
        ]),
      ),
      record,
    );
    await expectParity<Inputs>({ inputs, record, roundings: rank + shape.length + 1, magnitudes });
    if ('mask' in mask) {
      const known = magnitudes['residual']!.map((x, at) => x * mask.mask[at % size]!);
      expect(magnitudes['residual'], 'is 0 where the mask is').toEqual(known);
    }
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

  test.each([
    ['one tensor', 1],
    ['a tensor of its own for every batch item', batch],
  ])('MTTKRP of all modes, of %s', async (_tensors, tensors) => {
    await expectParity<Inputs>({
      inputs: { ...factorInputs(shape, rank, batch), tensor: normals(tensors * size, 2) },
      record: (scope, arrays) => {
        const products = shape.map((rows, mode) => scope.array(`product ${mode}`, batch * rows * rank));
        const factors = shape.map((_, k) => arrays[`factor${k}`]!);
        scope.mttkrpAllDense({ shape, rank, batch, factors, tensor: arrays['tensor']!, products });
        return Object.fromEntries(products.map((product, mode) => [`product${mode}`, product]));
      },
      roundings: size / Math.min(...shape) + shape.length,
    });
  });
});

test('MTTKRP of a tensor of its own for every batch item', async () => {
  const shape = [6, 5, 4];
  const rank = 3;
  const batch = 2;
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
