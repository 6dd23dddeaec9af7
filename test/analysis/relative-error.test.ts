import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explicitErrorFloor,
  gramErrorFloor,
  gramRelativeError,
  relativeError,
  relativeErrorFloor,
} from '../../src/analysis/relative-error.js';
import { InputError } from '../../src/errors.js';
import { plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { denseTensor } from '../../src/tensor/dense.js';
import { symmetricToKruskal } from '../../src/tensor/kruskal.js';
import type { AnyKruskal, SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { countedFlops } from '../../src/yield.js';
import { kruskalPair, symmetricPair } from '../support/arbitraries.js';
import { bruteDense, frobenius, magnitude } from '../support/brute.js';
import { expectClose } from '../support/close.js';
import { symmetricGolden } from '../support/golden.js';

const scaled = (model: SymmetricKruskal, by: number): SymmetricKruskal => ({
  ...model,
  weights: model.weights.map((weight) => weight * by),
});

describe('relativeError', () => {
  it('is the same number for every mix of dense and Kruskal, and that of the definition', () => {
    fc.assert(
      fc.property(fc.oneof(kruskalPair, symmetricPair), ([model, target]) => {
        const a = bruteDense(model);
        const b = bruteDense(target);
        const total = frobenius(b);
        fc.pre(total > 0);
        const expected = frobenius(a.map((value, i) => value - (b[i] ?? NaN))) / total;
        const mixes: [AnyKruskal | ReturnType<typeof toDense>, AnyKruskal | ReturnType<typeof toDense>][] = [
          [model, target],
          [toDense(model), target],
          [model, toDense(target)],
          [toDense(model), toDense(target)],
        ];
        const allowed = (1e-12 * Math.sqrt(a.length) * (magnitude(model) + magnitude(target))) / total;
        for (const [left, right] of mixes) {
          expect(Math.abs(relativeError(left, right) - expected)).toBeLessThanOrEqual(allowed * (1 + expected));
        }
      }),
    );
  });
  it.each(symmetricGolden)('gives the loss ½‖model − target‖² of the golden file: $name', ({ model, target, file }) => {
    const loss = 0.5 * (relativeError(model, target) * file.target.frobenius) ** 2;
    expectClose(loss, file.loss, 1e-12);
    expectClose(gramRelativeError(model, target), relativeError(model, target), 1e-12);
  });
  it('sees below the Gram floor: a model off by 1e-12 has error 1e-12', () => {
    for (const order of [3, 4]) {
      const { truth } = plantedSymmetric({ order, dim: 30, rank: 4, seed: order });
      expectClose(relativeError(scaled(truth, 1 + 1e-12), truth), 1e-12, 1e-2);
      expect(relativeError(truth, truth)).toBeLessThan(explicitErrorFloor);
      expect(relativeErrorFloor(truth, truth)).toBe(explicitErrorFloor);
    }
  });
  it('falls back to the Gram formula, and says so, where the joint tensor is too large', () => {
    const { truth } = plantedSymmetric({ order: 4, dim: 100, rank: 60, seed: 1 });
    expect(relativeErrorFloor(truth, truth)).toBe(gramErrorFloor);
    expect(relativeErrorFloor(denseTensor([2], [1, 2]), denseTensor([2], [1, 1]))).toBe(explicitErrorFloor);
    expectClose(relativeError(scaled(truth, 1.25), truth), 0.25, 1e-12);
    expect(relativeError(truth, truth)).toBeLessThan(4 * gramErrorFloor);
  });
  it('is the noise level for the truth of a noisy problem', () => {
    const { tensor, truth } = plantedCp({ shape: [9, 8, 7], rank: 3, seed: 1, noise: 0.1 });
    expectClose(relativeError(tensor, truth), 0.1, 1e-13);
  });
  it('is 0 for zero against zero, Infinity for something against zero', () => {
    const zero = denseTensor([2, 2], [0, 0, 0, 0]);
    const one = denseTensor([2, 2], [0, 0, 0, 1]);
    expect(relativeError(zero, zero)).toBe(0);
    expect(relativeError(one, zero)).toBe(Infinity);
    expect(relativeError(zero, one)).toBe(1);
    const empty = plantedSymmetric({ order: 2, dim: 2, rank: 0, seed: 0 }).truth;
    expect(relativeError(empty, zero)).toBe(0);
    expect(relativeError(empty, one)).toBe(1);
    expect(relativeError(symmetricToKruskal(empty), empty)).toBe(0);
  });
  it('is known at once without components, whatever the size', () => {
    const large = denseTensor([100, 100, 100], new Float64Array(1e6).fill(2));
    const before = countedFlops();
    expect(relativeError(plantedSymmetric({ order: 3, dim: 100, rank: 0, seed: 0 }).truth, large)).toBe(1);
    expect(countedFlops()).toBe(before);
  });
  it('refuses different shapes', () => {
    expect(() => relativeError(denseTensor([4], [1, 2, 3, 4]), denseTensor([2, 2], [1, 2, 3, 4]))).toThrow(InputError);
  });
  it('is as small for a million entries of rank 5', () => {
    const { tensor, truth } = plantedCp({ shape: [100, 100, 100], rank: 5, seed: 1 });
    expect(relativeError(truth, tensor)).toBeLessThan(explicitErrorFloor);
  });
});
