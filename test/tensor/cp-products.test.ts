// The float64 products of a dense tensor with CP factors: all modes at once give the bits of one mode after the other, and the
// derivative of the model is the difference of two models, exactly up to rounding where it is linear.
import { describe, expect, test } from 'vitest';
import { cpDerivative, cpResidual, mttkrp, mttkrpAll } from '../../src/tensor/cp-products.js';
import { normals } from '../support/parity.js';

describe.each([
  { shape: [4, 5], rank: 2 },
  { shape: [3, 1, 4], rank: 3 },
  { shape: [2, 3, 2, 4], rank: 2 },
  { shape: [2, 3, 1, 2, 3], rank: 4 },
])('shape $shape, rank $rank', ({ shape, rank }) => {
  const size = shape.reduce((product, n) => product * n, 1);
  const factors = shape.map((rows, mode) => normals(rows * rank, mode + 1));
  const tensor = normals(size, 20);

  test('MTTKRP of all modes', () => {
    const outs = factors.map(({ length }) => new Float64Array(length).fill(7));
    mttkrpAll(shape, rank, factors, tensor, outs);
    shape.forEach((_, mode) => {
      const single = new Float64Array(outs[mode]!.length);
      mttkrp(shape, rank, factors, mode, tensor, single);
      expect(outs[mode]).toEqual(single);
    });
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
      const [after, before] = [new Float64Array(size), new Float64Array(size)];
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
