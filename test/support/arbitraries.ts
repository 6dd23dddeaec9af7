// fast-check arbitraries shared by the property tests: numbers without extremes, Kruskal tensors of either kind.
import fc from 'fast-check';
import type { Kruskal, SymmetricKruskal } from '../../src/tensor/kruskal.js';
import type { Matrix } from '../../src/tensor/matrix.js';

/** A fixed seed: a red run is red again. Change it to search elsewhere. */
fc.configureGlobal({ seed: 20210611, numRuns: 200 });

/** Numbers whose products of a few neither overflow nor underflow; zeros included. */
export const number = fc.oneof(
  fc.double({ min: -10, max: 10, noNaN: true }).map((value) => (Math.abs(value) < 1e-6 ? 0 : value)),
  fc.constantFrom(0, 1, -1),
);

export function matrixOf(rows: number, columns: number): fc.Arbitrary<Matrix> {
  return fc
    .array(number, { minLength: rows * columns, maxLength: rows * columns })
    .map((values) => ({ rows, columns, data: Float64Array.from(values) }));
}

export function kruskalOf(shape: readonly number[], rank: number): fc.Arbitrary<Kruskal> {
  return fc
    .tuple(matrixOf(1, rank), fc.tuple(...shape.map((size) => matrixOf(size, rank))))
    .map(([weights, factors]) => ({ weights: weights.data, factors }));
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const ranks = fc.integer({ min: 0, max: 4 });

export const anyShapeKruskal = fc.tuple(shapes, ranks).chain(([shape, rank]) => kruskalOf(shape, rank));

/** Two Kruskal tensors of one shape. */
export const kruskalPair = fc
  .tuple(shapes, ranks, ranks)
  .chain(([shape, r, s]) => fc.tuple(kruskalOf(shape, r), kruskalOf(shape, s)));

export function symmetricOf(order: number, dim: number, rank: number): fc.Arbitrary<SymmetricKruskal> {
  return fc
    .tuple(matrixOf(1, rank), matrixOf(rank, dim))
    .map(([weights, vectors]) => ({ order, weights: weights.data, vectors }));
}

const orders = fc.integer({ min: 1, max: 4 });
const dims = fc.integer({ min: 1, max: 4 });

export const anySymmetric = fc.tuple(orders, dims, ranks).chain(([order, dim, rank]) => symmetricOf(order, dim, rank));

/** Two symmetric Kruskal tensors of one order and dim. */
export const symmetricPair = fc
  .tuple(orders, dims, ranks, ranks)
  .chain(([order, dim, r, s]) => fc.tuple(symmetricOf(order, dim, r), symmetricOf(order, dim, s)));
