import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { denseNorm, denseTensor, subtract, unfold } from '../../src/tensor/dense.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { anyShapeKruskal } from '../support/arbitraries.js';
import { frobenius, magnitude } from '../support/brute.js';
import { expectClose } from '../support/close.js';

describe('unfold', () => {
  it('rows of mode k: factors[k] · weights · Khatri–Rao of the others in mode order', () => {
    fc.assert(
      fc.property(anyShapeKruskal, fc.nat(3), (model, pick) => {
        const mode = pick % model.factors.length;
        const unfolded = unfold(toDense(model), mode);
        const factor = model.factors[mode];
        const others = model.factors.filter((_, k) => k !== mode);
        // The same tensor as an order-2 one: the others merged into one matrix by their row-wise products.
        let rows = [Array.from(model.weights)];
        for (const other of others) {
          rows = rows.flatMap((row) =>
            Array.from({ length: other.rows }, (_, i) =>
              row.map((v, r) => v * (other.data[i * other.columns + r] ?? NaN)),
            ),
          );
        }
        const expected = Array.from({ length: factor?.rows ?? 0 }, (_, i) =>
          rows.map((row) => row.reduce((sum, v, r) => sum + v * (factor?.data[i * factor.columns + r] ?? NaN), 0)),
        ).flat();
        expect(unfolded.columns).toBe(rows.length);
        const scale = magnitude(model);
        expected.forEach((value, i) =>
          expect(Math.abs(value - (unfolded.data[i] ?? NaN))).toBeLessThanOrEqual(1e-13 * scale),
        );
      }),
    );
  });
  it('refuses a mode that is not there', () => {
    expect(() => unfold(denseTensor([2], [1, 2]), 1)).toThrow(/from 0 to 0, got 1/);
  });
});

describe('denseTensor', () => {
  it.each([
    ['no mode', [], [1]],
    ['an empty mode', [2, 0], []],
    ['a fraction', [1.5], [1]],
    ['a wrong count', [2, 2], [1, 2, 3]],
    ['NaN', [2], [1, NaN]],
    ['Infinity', [2], [1, Infinity]],
  ])('refuses %s', (_, shape, data) => {
    expect(() => denseTensor(shape, data)).toThrow(InputError);
  });
  it('keeps a float array, and its norm and differences are those of the numbers', () => {
    const data = Float32Array.of(3, 0, 0, 4);
    const tensor = denseTensor([2, 2], data);
    expect(tensor.data).toBe(data);
    expectClose(denseNorm(tensor), frobenius(data), 1e-15);
    expect(denseNorm(subtract(tensor, tensor))).toBe(0);
    expect(() => subtract(tensor, denseTensor([4], data))).toThrow(InputError);
  });
});
