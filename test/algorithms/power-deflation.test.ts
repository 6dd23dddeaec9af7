// Tensor power iteration with deflation: exact for orthogonal targets, and honest about all others.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  denseSymmetric,
  factored,
  factorMatchScore,
  InputError,
  norm,
  openBackend,
  packKruskal,
  relativeError,
  symmetricNorm,
  type BackendKind,
  type SymmetricKruskal,
} from '../../src/index.js';
import { orthogonal, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { packedLength } from '../../src/tensor/symmetric.js';
import { normals } from '../support/parity.js';

const algorithm = 'powerDeflation';
const targetOf = (kind: 'factored' | 'dense', truth: SymmetricKruskal) =>
  kind === 'dense' ? denseSymmetric(packKruskal(truth)) : factored({ ...truth, dim: truth.vectors.columns });

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (backend) => {
  const roundoff = backend === 'cpu' ? 2 ** -53 : 2 ** -24;

  test.each([
    { kind: 'factored', order: 3, dim: 12, rank: 5, ratio: 1 },
    { kind: 'dense', order: 3, dim: 8, rank: 4, ratio: 1.3 },
    { kind: 'factored', order: 4, dim: 10, rank: 4, ratio: 1.2 },
    { kind: 'dense', order: 4, dim: 6, rank: 3, ratio: 1 },
    { kind: 'factored', order: 5, dim: 6, rank: 6, ratio: 1 },
  ] as const)('$kind, order $order, dim $dim: $rank orthogonal components, exactly', async ({ kind, ...sizes }) => {
    const { rank, order, dim } = sizes;
    const { truth } = orthogonal({ ...sizes, seed: 1, mixedSigns: true });
    const result = await decompose(targetOf(kind, truth), { finish: 'none', algorithm, rank, seed: 1, backend });
    // A direction is the normalized sum of at most dim² products, and enters the tensor `order` times, in every component.
    const bound = order * rank * dim * roundoff;
    expect(result.relativeError).toBeLessThan(bound);
    expect(factorMatchScore(result.kruskal, truth)).toBeGreaterThan(1 - order * bound);
    expect([result.stop, result.rank, result.algorithm]).toEqual(['converged', rank, algorithm]);
  });

  test('components that are not orthogonal: stops with all it was asked for, and tells the error', async () => {
    const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 4, seed: 2, cosine: 0.4 });
    const result = await decompose(targetOf('dense', truth), { finish: 'none', algorithm, rank: 4, seed: 2, backend });
    expect(result.relativeError).toBeGreaterThan(0.05);
    expect(result.relativeError / relativeError(result.kruskal, truth)).toBeCloseTo(1, 6);
    // Every term is as large as what it is taken off along it, so that squares add up: ‖E‖² = ‖T*‖² − Σ λ².
    const taken = result.kruskal.weights.reduce((sum, weight) => sum + weight ** 2, 0) / norm(truth) ** 2;
    expect(Math.abs(result.relativeError ** 2 + taken - 1)).toBeLessThan(1000 * roundoff);
    expect([result.stop, result.rank, result.steps]).toEqual(['stepLimit', 4, 4 * 2 * 30]);
  });
});

test('the strongest come first, where there are fewer components than asked for it stops early', async () => {
  const { truth } = orthogonal({ order: 3, dim: 10, rank: 4, seed: 3, ratio: 2 });
  const few = await decompose(targetOf('factored', truth), {
    finish: 'none',
    algorithm,
    rank: 2,
    seed: 3,
    starts: 40,
    backend: 'cpu',
  });
  expect(Array.from(few.kruskal.weights, (weight) => weight.toFixed(12))).toEqual(['1.000000000000', '0.500000000000']);
  expect(few.relativeError).toBeCloseTo(Math.sqrt((1 / 16 + 1 / 64) / (1 + 1 / 4 + 1 / 16 + 1 / 64)), 12);
  const all = await decompose(targetOf('factored', truth), {
    finish: 'none',
    algorithm,
    rank: 7,
    seed: 3,
    backend: 'cpu',
  });
  expect([all.stop, all.rank]).toEqual(['converged', 4]);
});

test('a run that is cut off keeps whole components', async () => {
  const { truth } = orthogonal({ order: 3, dim: 10, rank: 4, seed: 4 });
  const choice = { kind: algorithm, iterations: 10 } as const;
  const options = { algorithm: choice, finish: 'none', rank: 4, seed: 4, backend: 'cpu', maxSteps: 50 } as const;
  const result = await decompose(targetOf('factored', truth), options);
  expect([result.stop, result.rank, result.steps]).toEqual(['stepLimit', 2, 50]);
  expect(result.relativeError).toBeCloseTo(Math.SQRT1_2, 12);
});

test('options that do not fit', async () => {
  const { truth } = orthogonal({ order: 3, dim: 5, rank: 2, seed: 5 });
  const target = targetOf('factored', truth);
  const run = (options: Parameters<typeof decompose>[1]) => decompose(target, { backend: 'cpu', ...options });
  const none = run({ algorithm: { kind: algorithm, iterations: 0 } });
  await expect(none).rejects.toThrow(/expected iterations to be an integer from 1, got 0/);
  await expect(run({ algorithm, init: truth })).rejects.toThrow(InputError);
});

describe.each<BackendKind>(['cpu', 'webgpu'])('shifted, on %s', (kind) => {
  test('with a shift of 1 the strength rises with every iteration, on a target where it does not without', async () => {
    // Symmetric noise of order 4, far from orthogonal: the plain iteration jumps about.
    const order = 4;
    const dim = 5;
    const rows = 6;
    const tensor = { order, dim, data: normals(packedLength(order, dim), 1) };
    using backend = await openBackend(kind);
    using scope = backend.scope('shifted');
    const packed = scope.array('tensor', tensor.data);
    const contraction = scope.array('contraction', rows * dim);
    const strengths = scope.array('strengths', rows);
    const falls = async (shift: number): Promise<number> => {
      const z = scope.array('directions', randomStream(2).unitVectors(rows, dim).data);
      const contract = { order, batch: 1, rows, dim, tensor: packed, queries: z, queryStride: rows * dim };
      let before = new Float64Array(rows);
      let count = 0;
      for (let k = 0; k < 40; k++) {
        scope.contractSymmetric({ ...contract, contraction, strengths });
        const now = (await scope.read(strengths)).map(Math.abs);
        // 40 roundings of float32 are no fall.
        count += now.filter((s, i) => s < before[i]! * (1 - 40 * 2 ** -24)).length;
        before = now;
        scope.shiftRows({ batch: 1, rows, dim, shift, strengths, source: contraction, unit: z });
      }
      return count;
    };
    expect(await falls(0)).toBeGreaterThan(0);
    expect(await falls((order - 1) * symmetricNorm(tensor))).toBe(0);
  });

  test('orthogonal components are found with a shift too', async () => {
    const { truth } = orthogonal({ order: 3, dim: 6, rank: 3, seed: 1, ratio: 1.2 });
    const result = await decompose(targetOf('factored', truth), {
      finish: 'none',
      algorithm: { kind: algorithm, shift: 0.1, iterations: 300 },
      rank: 3,
      seed: 1,
      backend: kind,
    });
    expect(result.relativeError).toBeLessThan(1e-5);
  });
});

test('a negative shift is refused', async () => {
  const { truth } = orthogonal({ order: 3, dim: 6, rank: 3, seed: 1 });
  const run = decompose(targetOf('factored', truth), { finish: 'none', algorithm: { kind: algorithm, shift: -1 } });
  await expect(run).rejects.toThrow('powerDeflation: expected shift to be a number from 0, got -1. Change shift.');
});
