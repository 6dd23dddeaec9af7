// Norms, balance, effective rank, and the law of the component norms: the rates are the differences of the norms along a step of
// gradient descent, with the gradient from differences of the loss, and the loss from tensors written out in full.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  componentNormRates,
  componentNorms,
  effectiveRank,
  kruskal,
  matrix,
  norm,
  numericalRank,
  observed,
  sensing,
  toDense,
  unbalancedness,
  InputError,
  type Kruskal,
  type ObservedTarget,
  type SensingTarget,
} from '../../src/index.js';
import { lossOf, type LossName } from '../../src/losses/losses.js';
import { indexAt } from '../../src/tensor/dense.js';
import { selectComponents } from '../../src/tensor/normalize.js';
import { anyShapeKruskal, anySymmetric } from '../support/arbitraries.js';
import { normals } from '../support/parity.js';

test('norms are those of the components as tensors, of either kind', () => {
  fc.assert(
    fc.property(fc.oneof(anyShapeKruskal, anySymmetric), (model) => {
      componentNorms(model).forEach((own, r) => {
        const dense = norm(selectComponents(model, [r]));
        expect(Math.abs(own - dense)).toBeLessThanOrEqual(1e-12 * (1 + dense));
      });
    }),
  );
});

test('unbalancedness is the largest difference of squared lengths inside a component', () => {
  const factors = [matrix(1, 2, [3, 1]), matrix(2, 2, [0, 1, 2, 0])];
  expect(unbalancedness(kruskal([1, 1], factors))).toBeCloseTo(5, 12);
  expect(unbalancedness(kruskal([1, 1], [factors[0]!, factors[0]!]))).toBe(0);
});

test('the effective rank of equal norms is their number, zeros do not count, scale does not matter', () => {
  expect(effectiveRank([2, 2, 2, 0])).toBeCloseTo(3, 12);
  expect(effectiveRank([5])).toBe(1);
  expect(effectiveRank([])).toBe(0);
  expect(effectiveRank([0, 0])).toBe(0);
  // exp of the entropy of (3/4, 1/4).
  expect(effectiveRank([3, 1])).toBeCloseTo(4 / 3 ** 0.75, 12);
  expect(effectiveRank([1.5e308, 0.5e308])).toBeCloseTo(effectiveRank([3, 1]), 12);
});

test('the numerical rank counts from a share of the largest on', () => {
  const norms = [1, 0.5, 0.01, 0.0099];
  expect(numericalRank(norms)).toBe(3);
  expect(numericalRank(norms, 0.4)).toBe(2);
  expect(numericalRank([0, 0])).toBe(0);
});

const shape = [3, 4, 2];
const rank = 3;
const model: Kruskal = kruskal(
  [1, -0.7, 1.3],
  shape.map((size, mode) => matrix(size, rank, normals(size * rank, mode + 1))),
);
const count = 15;
const entries = Array.from({ length: count }, (_, e) => (e * 7) % 24).flatMap((flat) => indexAt(flat, shape));
// Above 0 and below 1 in turn, so that losses of counts and binaries take them too.
const targets: Record<string, (values: Float64Array) => ObservedTarget | SensingTarget> = {
  'observed entries': (values) => observed(shape, entries, values),
  'dense measurements': (values) => sensing(shape, normals(count * 24, 10), values),
  'Kruskal measurements of two terms': (values) =>
    sensing(
      shape,
      {
        factors: shape.map((size, mode) => matrix(2 * count, size, normals(2 * count * size, mode + 20))),
        terms: 2,
        weights: normals(2 * count, 30),
      },
      values,
    ),
};

/** ⟨A_j, T⟩ of every j, with every A_j written out. */
function predictions(target: ObservedTarget | SensingTarget, tensor: Float64Array): number[] {
  const inner = (a: ArrayLike<number>): number => tensor.reduce((sum, value, i) => sum + value * a[i]!, 0);
  const size = tensor.length;
  return Array.from({ length: target.count }, (_, j) => {
    if (target.kind === 'observed') {
      const index = target.indices.subarray(j * shape.length, (j + 1) * shape.length);
      return tensor[index.reduce((flat, i, mode) => flat * shape[mode]! + i, 0)]!;
    }
    const { measurements } = target;
    if (measurements.kind === 'dense') return inner(measurements.data.subarray(j * size, (j + 1) * size));
    const { terms, weights, factors } = measurements;
    const columns = factors.map(({ columns: length, data }) => {
      const rows = data.slice(j * terms * length, (j + 1) * terms * length);
      return matrix(
        length,
        terms,
        Array.from({ length: length * terms }, (_, at) => rows[(at % terms) * length + Math.floor(at / terms)]!),
      );
    });
    return inner(toDense(kruskal(weights.slice(j * terms, (j + 1) * terms), columns)).data);
  });
}

/** The norms' central difference along the negative gradient, which is itself one of the loss in every factor entry. */
function differences(target: ObservedTarget | SensingTarget, at: Kruskal, loss: LossName): Float64Array {
  const { value, parameter } = lossOf(loss);
  const lossAt = (factors: readonly Float64Array[]): number => {
    const some = kruskal(at.weights, withData(at, factors));
    const predicted = predictions(target, toDense(some).data);
    return predicted.reduce((sum, p, j) => sum + value(p, target.values[j]!, parameter?.default ?? 0), 0) / count;
  };
  const step = 1e-5;
  const data = at.factors.map((factor) => factor.data);
  const gradient = data.map((factor, mode) =>
    factor.map((_, i) => {
      const moved = (by: number): number =>
        lossAt(data.map((own, k) => (k === mode ? own.with(i, own[i]! + by) : own)));
      return (moved(step) - moved(-step)) / (2 * step);
    }),
  );
  const norms = (by: number): Float64Array =>
    componentNorms(
      kruskal(
        at.weights,
        withData(
          at,
          data.map((own, k) => own.map((x, i) => x - by * gradient[k]![i]!)),
        ),
      ),
    );
  const after = norms(step);
  const before = norms(-step);
  return after.map((value, r) => (value - before[r]!) / (2 * step));
}

const withData = (at: Kruskal, data: readonly Float64Array[]) =>
  at.factors.map((factor, mode) => ({ ...factor, data: data[mode]! }));

describe.each(Object.entries(targets))('rates of the norms, %s', (_, targetOf) => {
  const values = normals(count, 40).map((value, j) => (j % 2 === 0 ? Math.abs(value) : value));
  const target = targetOf(values);

  test.each(['l2', 'l1', 'huber'] satisfies LossName[])(
    '%s: the difference of the norms along a gradient step',
    (loss) => {
      const expected = differences(target, model, loss);
      const scale = Math.max(...expected.map(Math.abs));
      componentNormRates(target, model, loss).forEach((rate, r) =>
        expect(Math.abs(rate - expected[r]!)).toBeLessThan(1e-6 * scale),
      );
    },
  );

  test('with balanced components the rate is N ⟨−∇L, ⊗ŵ⟩ ‖⊗w‖^(2 − 2/N), without it is another', () => {
    const order = shape.length;
    // ⟨−∇L, ⊗ŵ⟩ does not depend on how a component's norm is spread, so the rates of one give the other's balanced form.
    const balancedForm = (some: Kruskal, rates: Float64Array): Float64Array =>
      componentNorms(some).map((own, r) => {
        const inverseSquares = some.factors.reduce((sum, factor) => sum + 1 / columnSquare(factor, r), 0);
        return order * (rates[r]! / (own ** 2 * inverseSquares)) * own ** (2 - 2 / order);
      });
    const even = balanced(model);
    const rates = componentNormRates(target, even);
    const expected = differences(target, even, 'l2');
    const scale = Math.max(...expected.map(Math.abs));
    balancedForm(even, rates).forEach((rate, r) => expect(Math.abs(rate - expected[r]!)).toBeLessThan(1e-6 * scale));
    const general = componentNormRates(target, model);
    const off = balancedForm(model, general).map((rate, r) => Math.abs(rate / general[r]! - 1));
    expect(Math.min(...off)).toBeGreaterThan(0.01);
  });
});

const columnSquare = ({ rows, columns, data }: Kruskal['factors'][number], r: number): number =>
  Array.from({ length: rows }, (_, i) => data[i * columns + r]! ** 2).reduce((sum, square) => sum + square, 0);

/** The same components with columns of one length each, and weights ±1. */
function balanced(some: Kruskal): Kruskal {
  const norms = componentNorms(some);
  const order = some.factors.length;
  const factors = some.factors.map((factor) => ({
    ...factor,
    data: factor.data.map(
      (x, at) =>
        (x / Math.sqrt(columnSquare(factor, at % factor.columns))) * norms[at % factor.columns]! ** (1 / order),
    ),
  }));
  return kruskal(some.weights.map(Math.sign), factors);
}

test('a component that is 0 stays so, and another shape is refused', () => {
  const target = observed([2, 2], [0, 0, 1, 1], [1, 2]);
  const zero = kruskal([1, 1], [matrix(2, 2, [0, 1, 0, 1]), matrix(2, 2, [0, 1, 0, 2])]);
  const rates = componentNormRates(target, zero);
  expect(rates[0]).toBe(0);
  expect(unbalancedness(balanced(model))).toBeCloseTo(0, 10);
  expect(() => componentNormRates(observed([2, 3], [0, 0], [1]), zero)).toThrow(InputError);
});
