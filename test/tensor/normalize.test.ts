import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noComponents, type AnyKruskal, type Kruskal, type SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { matrix } from '../../src/tensor/matrix.js';
import {
  arrange,
  fixSigns,
  largestWeight,
  normalize,
  selectComponents,
  strongest,
} from '../../src/tensor/normalize.js';
import { anyShapeKruskal, anySymmetric } from '../support/arbitraries.js';
import { expectClose } from '../support/close.js';
import { bruteDense, frobenius, magnitude } from '../support/brute.js';

const steps = { normalize, arrange, fixSigns };

function expectSameTensor(a: AnyKruskal, b: AnyKruskal): void {
  const left = bruteDense(a);
  const scale = magnitude(b);
  bruteDense(b).forEach((value, i) => expect(Math.abs(value - (left[i] ?? NaN))).toBeLessThanOrEqual(1e-13 * scale));
}

const column = (model: Kruskal, mode: number, r: number): number[] => {
  const factor = model.factors[mode];
  return factor === undefined
    ? []
    : Array.from({ length: factor.rows }, (_, i) => factor.data[i * factor.columns + r] ?? NaN);
};
const vector = ({ vectors }: SymmetricKruskal, r: number): number[] =>
  Array.from(vectors.data.subarray(r * vectors.columns, (r + 1) * vectors.columns));
const leading = (values: number[]): number =>
  values.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);

describe.each(Object.entries(steps))('%s', (_, step) => {
  it('keeps the tensor, does not write its input, and does nothing the second time', () => {
    fc.assert(
      fc.property(fc.oneof(anyShapeKruskal, anySymmetric), (model) => {
        const before = structuredClone(model);
        const once = step(model);
        expect(model).toEqual(before);
        expectSameTensor(once, model);
        const twice = step(once);
        twice.weights.forEach((weight, r) => expect(weight).toBeCloseTo(once.weights[r] ?? NaN, 9));
        expectSameTensor(twice, once);
      }),
    );
  });
});

describe('normalize', () => {
  it('gives unit or zero columns, and weight 0 to a component with a zero column', () => {
    fc.assert(
      fc.property(anyShapeKruskal, (model) => {
        const unit = normalize(model);
        unit.weights.forEach((weight, r) => {
          const norms = unit.factors.map((__, mode) => frobenius(column(unit, mode, r)));
          norms.forEach((norm) => expect(norm === 0 || Math.abs(norm - 1) < 1e-14).toBe(true));
          if (norms.includes(0)) expect(Math.abs(weight)).toBe(0);
        });
      }),
    );
  });
  it('takes norm^order into symmetric weights and keeps their sign', () => {
    fc.assert(
      fc.property(anySymmetric, (model) => {
        const unit = normalize(model);
        model.weights.forEach((weight, r) => {
          const norm = frobenius(vector(model, r));
          expect(unit.weights[r]).toBeCloseTo(weight * norm ** model.order, 6);
          if (norm > 0) expect(frobenius(vector(unit, r))).toBeCloseTo(1, 14);
        });
      }),
    );
  });
  it('survives columns whose squares overflow or underflow', () => {
    for (const size of [1e200, 1e-200]) {
      const factor = { rows: 2, columns: 1, data: Float64Array.of(3 * size, 4 * size) };
      const unit = normalize({ weights: Float64Array.of(1), factors: [factor] });
      expect(unit.weights[0]).toBeCloseTo(5 * size, 12);
      expect(unit.factors[0]?.data[0]).toBeCloseTo(0.6, 14);
    }
  });
});

describe('arrange', () => {
  it('sorts by |weight|, and equal ones keep their order', () => {
    const vectors = { rows: 5, columns: 1, data: Float64Array.of(1, 2, 3, 4, 5) };
    const arranged = arrange({ order: 3, weights: Float64Array.of(1, -2, 2, 0, 1), vectors });
    expect(Array.from(arranged.weights)).toEqual([-2, 2, 1, 1, 0]);
    expect(Array.from(arranged.vectors.data)).toEqual([2, 3, 1, 5, 4]);
  });
});

describe('fixSigns', () => {
  it('leaves weights ≥ 0 and negative leading entries in the last mode only', () => {
    fc.assert(
      fc.property(anyShapeKruskal, (model) => {
        const fixed = fixSigns(model);
        fixed.weights.forEach((weight, r) => {
          expect(weight).toBeGreaterThanOrEqual(0);
          for (let mode = 0; mode < fixed.factors.length - 1; mode++) {
            expect(leading(column(fixed, mode, r))).toBeGreaterThanOrEqual(0);
          }
        });
      }),
    );
  });
  it('symmetric: odd order has weights ≥ 0, even order keeps the weights and turns the leading entry positive', () => {
    fc.assert(
      fc.property(anySymmetric, (model) => {
        const fixed = fixSigns(model);
        if (model.order % 2 === 0) expect(fixed.weights).toEqual(model.weights);
        fixed.weights.forEach((weight, r) => {
          if (model.order % 2 === 1) expect(weight).toBeGreaterThanOrEqual(0);
          else expect(leading(vector(fixed, r))).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
  it('brings sign-flipped copies to one form', () => {
    fc.assert(
      fc.property(anyShapeKruskal, fc.boolean(), (model, viaWeight) => {
        fc.pre(model.factors.length >= 2 && model.weights.every((weight) => weight !== 0));
        const flip = (data: Float64Array): Float64Array => data.map((value) => -value);
        const flipped = {
          weights: viaWeight ? flip(model.weights) : model.weights,
          factors: model.factors.map((factor, mode) =>
            mode === 0 || (!viaWeight && mode === 1) ? { ...factor, data: flip(factor.data) } : factor,
          ),
        };
        // A zero column in a leading mode has no sign to fix, so the rest may differ there.
        fc.pre(model.weights.every((_, r) => model.factors.every((__, mode) => leading(column(model, mode, r)) !== 0)));
        const a = fixSigns(model);
        const b = fixSigns(flipped);
        expect(b.weights).toEqual(a.weights);
        b.factors.forEach((factor, mode) =>
          expect(Array.from(factor.data, (x) => x + 0)).toEqual(Array.from(a.factors[mode]?.data ?? [], (x) => x + 0)),
        );
      }),
    );
  });
});

describe('selectComponents', () => {
  it('splits a tensor into parts that add up to it', () => {
    fc.assert(
      fc.property(fc.oneof(anyShapeKruskal, anySymmetric), (model) => {
        const numbers = Array.from(model.weights.keys());
        const parts = [numbers.filter((r) => r % 2 === 0), numbers.filter((r) => r % 2 === 1)].map((some) =>
          bruteDense(selectComponents(model, some)),
        );
        const scale = magnitude(model);
        bruteDense(model).forEach((value, i) =>
          expect(Math.abs(value - (parts[0]?.[i] ?? NaN) - (parts[1]?.[i] ?? NaN))).toBeLessThanOrEqual(1e-13 * scale),
        );
      }),
    );
  });
});

describe('strongest', () => {
  it('gives the components of largest norm, the largest first, whatever their vectors are scaled to', () => {
    const vectors = matrix(3, 2, [0.1, 0, 0, 3, 1, 0]);
    // Norms 7 · 0.1², 1 · 3², −2 · 1².
    const model: SymmetricKruskal = { order: 2, weights: Float64Array.of(7, 1, -2), vectors };
    const two = strongest(model, 2);
    expectClose(two.weights, [9, -2], 1e-15);
    expectClose(two.vectors.data, [0, 1, 1, 0], 1e-15);
    expect(largestWeight(two)).toBeCloseTo(9, 12);
    expect(strongest(model, 5).weights).toHaveLength(3);
    expect(strongest(noComponents({ order: 2, dim: 2 }), 4).weights).toHaveLength(0);
  });
});
