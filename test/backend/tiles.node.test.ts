// Both kinds of tiles, and every configuration that tune() may choose, give the same answers as the cpu backend: metamorphic parity.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { openBackend, tune, type TileConfig } from '../../src/index.js';
import { registerTile, sharedTile } from '../../src/backend/webgpu/tiles.js';
import { packedLength } from '../../src/tensor/symmetric.js';
import { casesOf } from '../support/all.js';
import { expectParity, normals, type Inputs } from '../support/parity.js';

const configs: TileConfig[] = [
  { lanes: 32, maxRows: 1, share: 'load', shared: 32 },
  { lanes: 32, maxRows: 2, share: 'quad', shared: 'none' },
  { lanes: 4, maxRows: 8, share: 'quad', shared: 'none' },
];
const factorInputs = (shape: readonly number[], rank: number): Inputs =>
  Object.fromEntries(shape.map((rows, mode) => [`factor${mode}`, normals(rows * rank * 2, mode + 10)]));

describe.each(casesOf(configs, 1))('lanes $lanes, rows $maxRows, share $share, shared $shared', (tiles) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend('webgpu', { tuning: { adapter: 'test', tiles, measured: [] } });
  });
  afterAll(() => backend[Symbol.dispose]());

  test.each([
    { rows: 70, columns: 130, dim: 33 },
    { rows: 33, columns: 600, dim: 20 },
    { rows: 5, columns: 7, dim: 3 },
  ])('contractFactored, $rows × $columns × $dim', async ({ rows, columns, dim }) => {
    const order = 3;
    const batch = 2;
    const scale = 1 / Math.sqrt(dim);
    await expectParity({
      backend,
      inputs: {
        queries: normals(batch * rows * dim, 1).map((x) => x * scale),
        vectors: normals(batch * columns * dim, 2).map((x) => x * scale),
        weights: normals(batch * columns, 3),
      },
      record: (scope, arrays) => {
        const contraction = scope.array('contraction', batch * rows * dim);
        const strengths = scope.array('strengths', batch * rows);
        const sizes = { order, batch, rows, columns, dim, queryStride: rows * dim };
        scope.contractFactored({ ...sizes, ...arrays, contraction, strengths });
        scope.contractFactored({ ...sizes, ...arrays, contraction, strengths, accumulate: true });
        return { contraction, strengths };
      },
      roundings: order ** 2 * (dim + 1) + 2 * columns + dim,
    });
  });

  test.each([
    { order: 2, rows: 33, dim: 70 },
    { order: 3, rows: 40, dim: 33 },
    { order: 4, rows: 17, dim: 20 },
    { order: 3, rows: 5, dim: 4 },
  ])('contractSymmetric of order $order, $rows × $dim', async ({ order, rows, dim }) => {
    const batch = 2;
    await expectParity({
      backend,
      inputs: {
        tensor: normals(packedLength(order, dim), 1),
        queries: normals(batch * rows * dim, 2).map((x) => x / Math.sqrt(dim)),
      },
      record: (scope, arrays) => {
        const contraction = scope.array('contraction', batch * rows * dim);
        const strengths = scope.array('strengths', batch * rows);
        const sizes = { order, batch, rows, dim, queryStride: rows * dim };
        scope.contractSymmetric({ ...sizes, ...arrays, contraction, strengths });
        scope.contractSymmetric({ ...sizes, ...arrays, contraction, strengths, scale: 2, accumulate: true });
        return { contraction, strengths };
      },
      roundings: 2 * packedLength(order - 1, dim) + order + 64 + dim,
    });
  });

  const shape = [40, 33, 37];
  const rank = 35;
  const batch = 2;
  const size = 40 * 33 * 37;

  test.each([0, 1, 2])('MTTKRP of mode %i', async (mode) => {
    await expectParity<Inputs>({
      backend,
      inputs: { ...factorInputs(shape, rank), tensor: normals(size, 2) },
      record: (scope, arrays) => {
        const product = scope.array('product', batch * shape[mode]! * rank);
        const factors = shape.map((_, k) => arrays[`factor${k}`]!);
        scope.mttkrpDense({ shape, rank, batch, mode, factors, tensor: arrays['tensor']!, product });
        return { product };
      },
      roundings: size / shape[mode]! + 3,
    });
  });

  test('residual, of all cells and of known ones', async () => {
    await expectParity<Inputs>({
      backend,
      inputs: {
        ...factorInputs(shape, rank),
        zero: new Float64Array(size),
        mask: normals(size, 3).map((x) => (x < 0 ? 0 : 1)),
      },
      record: (scope, arrays) => {
        const all = scope.array('all', batch * size);
        const known = scope.array('known', batch * size);
        const factors = shape.map((_, k) => arrays[`factor${k}`]!);
        const model = { shape, rank, batch, factors, tensor: arrays['zero']! };
        scope.residualDense({ ...model, residual: all });
        scope.residualDense({ ...model, mask: arrays['mask']!, residual: known });
        return { all, known };
      },
      roundings: rank + 4,
    });
  });
});

test('tiles follow the size of the product', () => {
  const config: TileConfig = { lanes: 32, maxRows: 4, share: 'quad', shared: 64 };
  expect(sharedTile(config, 64, 64)).toEqual({ size: 64 });
  expect(sharedTile(config, 200, 20)).toEqual({ size: 32 });
  expect(sharedTile(config, 200, 8)).toBeUndefined();
  expect(sharedTile({ ...config, shared: 'none' }, 200, 200)).toBeUndefined();
  expect(registerTile(config, 40, 6)).toEqual({ rows: 2, columns: 8, lanes: 32, share: 'quad' });
});

test('tuning measures its candidates, names the adapter and survives JSON', async () => {
  const tuning = await tune();
  expect(tuning.measured.map(({ tiles }) => tiles)).toContainEqual(tuning.tiles);
  expect(Math.min(...tuning.measured.map(({ milliseconds }) => milliseconds))).toBeGreaterThan(0);
  expect(tuning.adapter).not.toBe('');
  using backend = await openBackend('webgpu', { tuning: JSON.parse(JSON.stringify(tuning)) as typeof tuning });
  expect(backend.kind).toBe('webgpu');
});
