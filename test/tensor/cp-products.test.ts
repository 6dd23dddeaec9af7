// The float64 products of a dense tensor with CP factors: residual and MTTKRP are their definitions, missing cells and blocks of
// columns change nothing else, all modes at once give the bits of one mode after the other, and the derivative of the model is the
// difference of two models, exactly up to rounding where it is linear.
import { describe, expect, test } from 'vitest';
import { cpDerivative, cpResidual, mttkrp, mttkrpAll, mttkrpSweep } from '../../src/tensor/cp-products.js';
import { indexAt } from '../../src/tensor/dense.js';
import { finished } from '../../src/yield.js';
import { normals } from '../support/parity.js';

/** Of sums and products of so many numbers, twice: once in what is tested and once here. */
const rounding = (count: number): number => 2 * count * Number.EPSILON;

describe.each([
  { shape: [7], rank: 3 },
  { shape: [4, 5], rank: 2 },
  { shape: [3, 1, 4], rank: 3 },
  { shape: [2, 3, 2, 4], rank: 2 },
  { shape: [2, 3, 1, 2, 3], rank: 4 },
  // More columns than a block holds, and a number of rows that four does not divide.
  { shape: [2, 1, 241, 5], rank: 140 },
  // A table that is made in two pieces.
  { shape: [16, 16, 15], rank: 140 },
])('shape $shape, rank $rank', ({ shape, rank }) => {
  const size = shape.reduce((product, n) => product * n, 1);
  const factors = shape.map((rows, mode) => normals(rows * rank, mode + 1));
  const tensor = normals(size, 20);

  // Row-major places and their indices, the definition of everything below.
  const indices = Array.from({ length: size }, (_, at) => indexAt(at, shape));
  const productAt = (index: readonly number[], c: number, skip = -1): number =>
    factors.reduce((product, factor, k) => (k === skip ? product : product * factor[index[k]! * rank + c]!), 1);

  test('the residual is the model minus the tensor where the mask is, and 0 elsewhere', () => {
    const mask = Uint8Array.from({ length: size }, (_, cell) => (cell % 3 === 1 ? 0 : 1));
    for (const known of [undefined, mask, new Uint8Array(size)]) {
      const out = new Float64Array(size).fill(7);
      cpResidual(shape, rank, factors, tensor, out, known);
      out.forEach((value, at) => {
        const terms = Array.from({ length: rank }, (_, c) => productAt(indices[at]!, c));
        const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), Math.abs(tensor[at]!));
        const expected = terms.reduce((sum, term) => sum + term, 0) - tensor[at]!;
        if (known?.[at] === 0) expect(value).toBe(0);
        else expect(Math.abs(value - expected)).toBeLessThan(rounding(rank + shape.length) * magnitude);
      });
    }
  });

  test('MTTKRP of a mode', () => {
    const sparse = tensor.map((value, at) => (at % 4 === 0 ? value : 0));
    for (const some of [tensor, sparse]) {
      shape.forEach((rows, mode) => {
        const out = new Float64Array(rows * rank).fill(7);
        const expected = new Float64Array(rows * rank);
        const magnitude = new Float64Array(rows * rank);
        some.forEach((value, at) => {
          for (let c = 0; c < rank; c++) {
            const to = indices[at]![mode]! * rank + c;
            const term = value * productAt(indices[at]!, c, mode);
            expected[to]! += term;
            magnitude[to]! += Math.abs(term);
          }
        });
        mttkrp(shape, rank, factors, mode, some, out);
        const allowed = rounding(size / rows + shape.length);
        out.forEach((value, at) =>
          expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(allowed * magnitude[at]!),
        );
      });
    }
  });

  test('MTTKRP of all modes', () => {
    const outs = factors.map(({ length }) => new Float64Array(length).fill(7));
    mttkrpAll(shape, rank, factors, tensor, outs);
    shape.forEach((_, mode) => {
      const single = new Float64Array(outs[mode]!.length);
      mttkrp(shape, rank, factors, mode, tensor, single);
      expect(outs[mode]).toEqual(single);
    });
  });

  test('MTTKRP of one mode after another, each with the factors that the ones before have got', () => {
    const current = [...factors];
    const products: Float64Array[] = [];
    const sweep = mttkrpSweep(shape, rank, factors, tensor, (mode, product) => {
      const single = new Float64Array(product.length);
      mttkrp(shape, rank, current, mode, tensor, single);
      expect(product, `mode ${mode}`).toEqual(single);
      products.push(product);
      return (current[mode] = normals(product.length, mode + 30));
    });
    finished(sweep);
    expect(products).toHaveLength(shape.length);
  });

  test('the derivative along a move of one mode, and of all modes together', () => {
    const mask = Uint8Array.from({ length: size }, (_, cell) => (cell % 3 === 1 ? 0 : 1));
    const moves = factors.map(({ length }, mode) => normals(length, mode + 30));
    const derivative = (along: readonly Float64Array[]): Float64Array => {
      const out = new Float64Array(size);
      cpDerivative(shape, rank, factors, along, out, mask);
      return out;
    };
    const total = new Float64Array(size);
    moves.forEach((move, mode) => {
      const moved = factors.map((factor, k) => (k === mode ? factor.map((value, at) => value + move[at]!) : factor));
      const after = new Float64Array(size);
      const before = new Float64Array(size);
      cpResidual(shape, rank, moved, tensor, after, mask);
      cpResidual(shape, rank, factors, tensor, before, mask);
      const alone = derivative(moves.map((other, k) => (k === mode ? other : other.map(() => 0))));
      alone.forEach((value, cell) => {
        expect(value).toBeCloseTo(after[cell]! - before[cell]!, 12);
        total[cell]! += value;
      });
    });
    derivative(moves).forEach((value, cell) => expect(value).toBeCloseTo(total[cell]!, 12));
  });
});
