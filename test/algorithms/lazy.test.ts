// The lazy algorithm: its polarization is exact, its step is the gradient's, and it ends at the projection on the tangent space.
import { describe, expect, test } from 'vitest';
import { polarization } from '../../src/algorithms/lazy.js';
import { projectionResidual, tangentGram } from '../../src/analysis/tangent-space.js';
import { decompose, factored, InputError, openBackend, type BackendKind } from '../../src/index.js';
import { symmetricEigen } from '../../src/linalg/eigen.js';
import { orthogonal, plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { startStreams } from '../../src/random/streams.js';
import { norm } from '../../src/tensor/inner-product.js';
import { expectClose } from '../support/close.js';

const planted = (order: number, dim: number, rank: number, seed: number) => {
  const { truth } = plantedSymmetric({ order, dim, rank, seed });
  return { truth, target: factored({ ...truth, dim }) };
};
/** The directions of start 0. */
const directionsOf = (width: number, dim: number, seed: number) =>
  randomStream(seed, startStreams).unitVectors(width, dim);

test.each([2, 3, 4, 5, 6, 7, 8])('order %i: the polarization is x^{l−1} y, with l nodes', (order) => {
  const nodes = polarization(order);
  expect(nodes).toHaveLength(order);
  for (const [x, y] of [
    [1, 0],
    [0, 1],
    [0.8, -1.1],
    [1.3, 0.4],
  ] as const) {
    const terms = nodes.map(({ along, slope, weight }) => weight * (along * x + slope * y) ** order);
    const sum = terms.reduce((total, term) => total + term, 0);
    const scale = terms.reduce((total, term) => total + Math.abs(term), 0);
    // Nodes and weights are good to a few ε, and raised to the order.
    expect(Math.abs(sum - x ** (order - 1) * y)).toBeLessThan(16 * order * Number.EPSILON * scale);
  }
});

describe.each<BackendKind>(['cpu', 'webgpu'])('%s', (backend) => {
  // In float32 every step rounds components of about unit length, which gradient and error see alike.
  const rounding = backend === 'cpu' ? 1e-9 : 1e-4;

  test.each([
    { order: 2, dim: 6, width: 3 },
    { order: 3, dim: 6, width: 4 },
    { order: 4, dim: 5, width: 5 },
  ])('order $order, dim $dim: $width directions end at the projection', async ({ order, dim, width }) => {
    const { truth, target } = planted(order, dim, 2, 1);
    const expected = projectionResidual(truth, directionsOf(width, dim, 1));
    const result = await decompose(target, {
      finish: 'none',
      algorithm: 'lazy',
      width,
      seed: 1,
      backend,
      maxSteps: 1500,
    });
    expect(expected).toBeGreaterThan(0.1);
    expectClose(result.relativeError, expected, rounding);
    expect([result.stop, result.rank, result.width]).toEqual(['stepLimit', order * width, width]);
  });

  test('beyond the threshold of 10 directions everything is in reach', async () => {
    const { target } = planted(3, 6, 4, 2);
    const result = await decompose(target, {
      finish: 'none',
      algorithm: 'lazy',
      width: 30,
      seed: 2,
      backend,
      tolerance: 1e-3,
    });
    expect(result.stop).toBe('converged');
    expect(result.relativeError).toBeLessThanOrEqual(1e-3);
  });
});

test('one step from 0 is the gradient: ‖T‖² = η² bᵀ K b and ⟨T, T*⟩ = η ‖b‖² with b = T*(·, u, …, u)', async () => {
  // With T = η sym(u^{l−1} b) the error after a step is known in closed form; one direction makes K plain.
  const order = 3;
  const dim = 5;
  const { truth, target } = planted(order, dim, 2, 3);
  const u = directionsOf(1, dim, 3);
  const gram = tangentGram(order, u);
  const b = Array.from({ length: dim }, (_, a) =>
    truth.weights.reduce((sum, weight, k) => {
      const row = truth.vectors.data.subarray(k * dim, (k + 1) * dim);
      const cosine = row.reduce((total, value, i) => total + value * u.data[i]!, 0);
      return sum + weight * cosine ** (order - 1) * row[a]!;
    }, 0),
  );
  const image = b.map((_, i) => b.reduce((sum, value, j) => sum + gram.data[i * dim + j]! * value, 0));
  const dot = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const stepFactor = 0.5;
  const rate = stepFactor / symmetricEigen(gram).values[0]!;
  const square = norm(truth) ** 2;
  const left = square - 2 * rate * dot(b, b) + rate ** 2 * dot(b, image);
  const algorithm = { kind: 'lazy', stepFactor } as const;
  const options = { algorithm, finish: 'none', width: 1, seed: 3, backend: 'cpu', maxSteps: 1 } as const;
  // One direction has the eigenvalues 1 and 1 / order, so twenty power steps know the first to 3⁻⁴⁰.
  const { relativeError } = await decompose(target, options);
  expectClose(relativeError, Math.sqrt(left / square), 1e-12);
  expect(relativeError).toBeLessThan(1);
});

test('init: linearized there, so components along the given directions are met at once', async () => {
  const { truth, target } = planted(4, 6, 3, 5);
  const weights = truth.weights.map((weight, k) => (k === 0 ? 0 : 2 * weight));
  const options = {
    algorithm: 'lazy',
    finish: 'none',
    init: { ...truth, weights },
    backend: 'cpu',
    tolerance: 1e-6,
  } as const;
  const result = await decompose(target, options);
  expect([result.stop, result.width]).toEqual(['converged', 3]);
  const removed = truth.weights.map((weight, k) => (k === 0 ? weight : -weight));
  expectClose(result.history[0]?.relativeError ?? NaN, norm({ ...truth, weights: removed }) / norm(truth), 1e-12);
});

test('a batch of starts is the same as the starts alone, each with its own step', async () => {
  const { target } = planted(3, 5, 2, 7);
  const options = { algorithm: 'lazy', finish: 'none', width: 4, seed: 7, backend: 'cpu', maxSteps: 100 } as const;
  const together = await decompose(target, { ...options, starts: 3 });
  const alone = await decompose(target, options);
  expect(together.history.at(-1)?.startErrors[0]).toBe(alone.history.at(-1)?.startErrors[0]);
});

test('frees what it made, and takes no model with factors', async () => {
  using backend = await openBackend('cpu');
  const { truth } = orthogonal({ order: 3, dim: 4, rank: 2, seed: 1 });
  const target = factored({ ...truth, dim: 4 });
  await decompose(target, { finish: 'none', algorithm: 'lazy', backend, maxSteps: 50 });
  expect(backend.liveBuffers).toBe(0);
  const init = plantedCp({ shape: [4, 4, 4], rank: 2, seed: 1 }).truth;
  await expect(decompose(target, { algorithm: 'lazy', init, backend })).rejects.toThrow(InputError);
});
