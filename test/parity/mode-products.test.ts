// Gram matrices of unfoldings in parts, and products along every mode: float32 on the adapter against float64 on the CPU, with the tiles
// of software adapters and those of GPUs; and the CPU's against the blocked products of src/tensor/mode-products.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, DeviceArray, Scope } from '../../src/backend/backend.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { modeGram, projectMode } from '../../src/tensor/mode-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';
import { expectParity, normals, onCpu, type Inputs } from '../support/parity.js';

const problems = [
  { shape: [1, 1], rank: 1, partLength: 1 },
  { shape: [5, 4, 3], rank: 2, partLength: 7 },
  { shape: [64, 65], rank: 33, partLength: 1000 },
  { shape: [33, 7, 65], rank: 5, partLength: 100 },
  { shape: [3, 2, 4, 2, 5], rank: 4, partLength: 16 },
  { shape: [2, 131, 40], rank: 70, partLength: 64 },
];

const backends: { [tiles: string]: Backend } = {};
beforeAll(async () => {
  backends['usual'] = await openWebGpu();
  for (const shared of [32, 64] as const) {
    const tiles = { lanes: 64, maxRows: 4, share: 'load', shared } as const;
    backends[`shared ${shared}`] = await openWebGpu(undefined, { adapter: '', tiles, measured: [] });
  }
});
afterAll(() => {
  for (const backend of Object.values(backends)) backend[Symbol.dispose]();
});

type Recorded = (scope: Scope, arrays: Readonly<{ [name: string]: DeviceArray }>) => { [name: string]: DeviceArray };

const grams =
  (shape: readonly number[], mode: number, partLength: number): Recorded =>
  (scope, arrays) => {
    const size = shape[mode]!;
    const parts = Math.ceil(sizeOf(shape) / size / partLength);
    const gram = scope.array('gram', parts * size * size);
    scope.modeGram({ shape, mode, partLength, tensor: arrays['tensor']!, gram });
    return { gram };
  };

const products =
  (shape: readonly number[], mode: number, rank: number): Recorded =>
  (scope, arrays) => {
    const product = scope.array('product', (sizeOf(shape) / shape[mode]!) * rank);
    scope.modeProduct({ shape, mode, rank, tensor: arrays['tensor']!, matrix: arrays['matrix']!, product });
    return { product };
  };

describe.each(problems)('shape $shape, rank $rank, parts of $partLength', ({ shape, rank, partLength }) => {
  const tensor = normals(sizeOf(shape), 1);
  const modes = shape.map((_, mode) => mode);

  describe.each(casesOf(['usual', 'shared 32', 'shared 64'], 1))('%s tiles', (tiles) => {
    test.each(modes)('Gram matrices of mode %i', async (mode) => {
      await expectParity<Inputs>({
        backend: backends[tiles]!,
        inputs: { tensor },
        record: grams(shape, mode, partLength),
        roundings: Math.min(partLength, sizeOf(shape) / shape[mode]!) + 1,
      });
    });

    test.each(modes)('product along mode %i', async (mode) => {
      await expectParity<Inputs>({
        backend: backends[tiles]!,
        inputs: { tensor, matrix: normals(shape[mode]! * rank, 2) },
        record: products(shape, mode, rank),
        roundings: shape[mode]! + 1,
      });
    });
  });

  test.each(modes)('mode %i: the parts add up to the Gram matrix, and the product is the projection', async (mode) => {
    const size = shape[mode]!;
    const { gram = new Float64Array(0) } = await onCpu<Inputs>({ tensor }, grams(shape, mode, partLength));
    const sums = Float64Array.from({ length: size * size }, (_, at) => {
      let sum = 0;
      for (let part = at; part < gram.length; part += size * size) sum += gram[part]!;
      return sum;
    });
    const expected = finished(modeGram({ shape, data: tensor }, mode)).data;
    // Sums of `columns` terms in two orders.
    const bound = 2 ** -52 * (sizeOf(shape) / size) * Math.max(...expected.map(Math.abs));
    sums.forEach((sum, at) => expect(Math.abs(sum - expected[at]!)).toBeLessThanOrEqual(bound));

    const matrix = { rows: size, columns: rank, data: normals(size * rank, 2) };
    const { product = new Float64Array(0) } = await onCpu<Inputs>(
      { tensor, matrix: matrix.data },
      products(shape, mode, rank),
    );
    const projected = finished(projectMode({ shape, data: tensor }, mode, matrix)).data;
    const largest = Math.max(...Array.from(tensor, Math.abs)) * Math.max(...Array.from(matrix.data, Math.abs));
    product.forEach((value, at) =>
      expect(Math.abs(value - projected[at]!)).toBeLessThanOrEqual(2 ** -52 * size * size * largest),
    );
  });
});
