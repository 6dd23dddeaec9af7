// The tangent space against dense tensors from the definition, against derivatives, and against the theorem on its dimension.
import { Matrix as Oracle, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  lazyThreshold,
  projectionResidual,
  projectOnTangentSpace,
  tangentGram,
  tangentResidualFloor,
} from '../../src/analysis/tangent-space.js';
import { InputError } from '../../src/errors.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix, type Matrix } from '../../src/tensor/matrix.js';
import { packedLength } from '../../src/tensor/symmetric.js';
import { bruteDense, frobenius } from '../support/brute.js';
import { expectClose } from '../support/close.js';

const directionsOf = (count: number, dim: number, seed = 0): Matrix => randomStream(seed, 5).unitVectors(count, dim);
const rankOne = (order: number, dim: number, seed = 0) =>
  plantedSymmetric({ order, dim, rank: 1, seed, weightRange: [1, 1] }).truth;
const row = ({ columns, data }: Matrix, i: number): number[] =>
  Array.from(data.subarray(i * columns, (i + 1) * columns));

/** sym(u^{⊗(order−1)} ⊗ v), row-major: the mean over the place of v. */
function bruteTangent(order: number, u: readonly number[], v: readonly number[]): Float64Array {
  const dim = u.length;
  return Float64Array.from({ length: dim ** order }, (_, flat) => {
    const index = Array.from({ length: order }, (_, k) => Math.floor(flat / dim ** k) % dim);
    const terms = index.map((_, place) => index.reduce((product, i, k) => product * (k === place ? v : u)[i]!, 1));
    return terms.reduce((sum, term) => sum + term, 0) / order;
  });
}

const axis = (dim: number, a: number): number[] => Array.from({ length: dim }, (_, k) => (k === a ? 1 : 0));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** All tensors sym(u_i^{⊗(order−1)} ⊗ e_a), in the order of the unknowns. */
const bruteBasis = (order: number, directions: Matrix): Float64Array[] =>
  Array.from({ length: directions.rows * directions.columns }, (_, at) =>
    bruteTangent(
      order,
      row(directions, Math.floor(at / directions.columns)),
      axis(directions.columns, at % directions.columns),
    ),
  );

describe.each([
  { order: 2, dim: 4, width: 2 },
  { order: 3, dim: 3, width: 3 },
  { order: 4, dim: 3, width: 2 },
  { order: 5, dim: 2, width: 2 },
])('order $order, dim $dim, $width directions', ({ order, dim, width }) => {
  const directions = matrix(
    width,
    dim,
    directionsOf(width, dim).data.map((x) => 1.3 * x),
  );
  const basis = bruteBasis(order, directions);
  const { truth } = plantedSymmetric({ order, dim, rank: 2, seed: 3 });

  it('has the Gram matrix of the dense tensors', () => {
    const expected = basis.flatMap((a) => basis.map((b) => dot(a, b)));
    expectClose(tangentGram(order, directions).data, expected, 1e-13);
  });

  it('has the Gram matrix of the derivatives of u^{⊗l}: ∂_s ∂_t ⟨(x + s v)^{⊗l}, (y + t w)^{⊗l}⟩ = l² ⟨v, w⟩_K', () => {
    const x = row(directions, 0);
    const y = row(directions, width - 1);
    const h = 1e-3;
    const at = (a: number, b: number, s: number, t: number): number =>
      dot(
        x.map((value, k) => value + (k === a ? s : 0)),
        y.map((value, k) => value + (k === b ? t : 0)),
      ) ** order;
    const gram = tangentGram(order, directions);
    for (let a = 0; a < dim; a++) {
      for (let b = 0; b < dim; b++) {
        const mixed = (at(a, b, h, h) - at(a, b, h, -h) - at(a, b, -h, h) + at(a, b, -h, -h)) / (4 * h * h);
        const entry = gram.data[a * gram.columns + (width - 1) * dim + b]!;
        // Two central differences: h² / 6 times fourth derivatives, which for vectors of length 1.3 stay below 1e3.
        expect(Math.abs(mixed - order ** 2 * entry)).toBeLessThan(1e3 * h ** 2);
      }
    }
  });

  it('projects as dense least squares', () => {
    const dense = bruteDense(truth);
    const columns = new Oracle(basis.map((one) => Array.from(one))).transpose();
    const solution = solve(columns, Oracle.columnVector(Array.from(dense)), true);
    const left = Oracle.sub(Oracle.columnVector(Array.from(dense)), columns.mmul(solution)).to1DArray();
    const expected = frobenius(left) / frobenius(dense);
    const { relativeResidual, coefficients } = projectOnTangentSpace(truth, directions);
    expect(expected).toBeGreaterThan(1e-3);
    expectClose(relativeResidual, expected, 1e-9);
    const own = dense.map(
      (value, i) => value - basis.reduce((sum, one, k) => sum + one[i]! * coefficients.data[k]!, 0),
    );
    expectClose(frobenius(own) / frobenius(dense), expected, 1e-9, 'residual of the coefficients');
  });
});

describe('the dimension of the tangent space at random directions', () => {
  // Alexander and Hirschowitz: min(m · dim, C(dim + order − 1, order)), one less in the four exceptional cases.
  it.each([
    { order: 3, dim: 4, exception: undefined },
    { order: 3, dim: 5, exception: 7 },
    { order: 3, dim: 8, exception: undefined },
    { order: 4, dim: 3, exception: 5 },
    { order: 4, dim: 4, exception: 9 },
    { order: 4, dim: 5, exception: 14 },
    { order: 5, dim: 3, exception: undefined },
  ])('order $order, dim $dim', ({ order, dim, exception }) => {
    const threshold = lazyThreshold(order, dim);
    const whole = packedLength(order, dim);
    for (let width = threshold - 2; width <= threshold + 3; width++) {
      const { dimension } = projectOnTangentSpace(rankOne(order, dim), directionsOf(width, dim, width));
      const expected = Math.min(width * dim, whole) - (width === exception ? 1 : 0);
      expect([width, dimension]).toEqual([width, expected]);
    }
  });

  it('does not count a direction twice, nor one of length 0', () => {
    const one = row(directionsOf(1, 4), 0);
    const doubled = matrix(3, 4, [...one, ...one.map((x) => -2 * x), 0, 0, 0, 0]);
    expect(projectOnTangentSpace(rankOne(3, 4), doubled).dimension).toBe(4);
  });
});

describe('the lazy threshold', () => {
  it('is ⌈C(d+l−1, l) / d⌉, dim at order 2, and one more in the exceptional cases', () => {
    const table = [6, 8, 10, 12, 16, 100].map((dim) => lazyThreshold(3, dim));
    expect(table).toEqual([10, 15, 22, 31, 51, 1717]);
    expect([6, 8, 100].map((dim) => lazyThreshold(4, dim))).toEqual([21, 42, 44213]);
    expect([lazyThreshold(2, 7), lazyThreshold(3, 5), lazyThreshold(4, 3)]).toEqual([7, 8, 6]);
  });

  it.each([
    { order: 3, dim: 6 },
    { order: 3, dim: 10 },
    { order: 4, dim: 8 },
  ])('is where a random rank-one target comes into reach: order $order, dim $dim', ({ order, dim }) => {
    const threshold = lazyThreshold(order, dim);
    for (let seed = 0; seed < 5; seed++) {
      const residual = (width: number): number =>
        projectionResidual(rankOne(order, dim, seed), directionsOf(width, dim, seed));
      expect(residual(threshold - 1)).toBeGreaterThan(1e-3);
      // One direction above: at the threshold itself the Gram matrix may be nearly singular.
      expect(residual(threshold + 1)).toBeLessThan(tangentResidualFloor);
    }
  });

  it('a target along a direction is in reach of that direction alone', () => {
    const target = rankOne(3, 20);
    expect(projectionResidual(target, target.vectors)).toBeLessThan(tangentResidualFloor);
  });
});

it('refuses what does not fit, in one line', () => {
  expect(() => lazyThreshold(1, 4)).toThrow(InputError);
  expect(() => lazyThreshold(3, 0)).toThrow('lazyThreshold: expected dim to be a positive integer, got 0.');
  expect(() => projectionResidual(rankOne(3, 4), directionsOf(2, 5))).toThrow('expected directions of dim 4, got 5');
  expect(() => tangentGram(3, directionsOf(100, 50))).toThrow('expected at most 4096 unknowns');
});
