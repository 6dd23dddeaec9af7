// Products along one mode are products with the unfolding, by definition. Entries are small integers, so every sum is exact in any
// order and results must be equal. The shapes have modes of size 1, sizes that four does not divide, and more terms and columns than
// one panel holds.
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { multiply } from '../../src/linalg/algebra.js';
import { unfold, type DenseTensor } from '../../src/tensor/dense.js';
import { matrix, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { columnGram, expandMode, modeGram, projectMode } from '../../src/tensor/mode-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { pauseFlops } from '../../src/yield.js';

/** Integers from −8 to 8 without a short period. */
const integers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => (Math.imul(i + 1 + 1000 * seed, 2654435761) >>> 16) % 17).map(
    (value) => value - 8,
  );
const tensorOf = (shape: readonly number[]): DenseTensor => ({ shape, data: integers(sizeOf(shape), 1) });
const basisOf = (rows: number, columns: number): Matrix => matrix(rows, columns, integers(rows * columns, 2));

function finish<T>(work: Generator<undefined, T>): { value: T; pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const { done, value } = work.next();
    if (done) return { value, pauses };
  }
}

/** Also where there are a million entries, which toEqual would take minutes to walk. */
function expectSame(actual: Matrix, expected: Matrix): void {
  expect([actual.rows, actual.columns]).toEqual([expected.rows, expected.columns]);
  expect(actual.data.length).toBe(expected.data.length);
  const at = expected.data.findIndex((value, i) => actual.data[i] !== value);
  expect(at, `entry ${at}: expected ${expected.data[at]}, got ${actual.data[at]}`).toBe(-1);
}

const shapes = [[7], [4, 5], [3, 1, 4], [2, 3, 2, 4], [1, 1], [300, 3, 2], [3, 530, 5], [2, 2, 1030], [13, 9, 33]];

describe.each(shapes.flatMap((shape) => shape.map((_, mode) => ({ shape, mode }))))(
  'shape $shape, mode $mode',
  ({ shape, mode }) => {
    const tensor = tensorOf(shape);
    const unfolded = unfold(tensor, mode);
    const size = shape[mode]!;

    test('modeGram and columnGram', () => {
      expectSame(finish(modeGram(tensor, mode)).value, multiply(unfolded, transpose(unfolded)));
      if (unfolded.columns > 1000) return;
      expectSame(finish(columnGram(tensor, mode)).value, multiply(transpose(unfolded), unfolded));
    });

    test.each([1, 3, 4, 6])('projectMode and expandMode, %i columns', (k) => {
      const basis = basisOf(size, k);
      const projected = finish(projectMode(tensor, mode, basis)).value;
      expect(projected.shape).toEqual(shape.with(mode, k));
      expectSame(unfold(projected, mode), multiply(transpose(basis), unfolded));
      const expanded = finish(expandMode(tensor, mode, transpose(basis))).value;
      expect(expanded.shape).toEqual(projected.shape);
      expectSame(unfold(expanded, mode), unfold(projected, mode));
    });

    test('float32 tensors give the same', () => {
      const single = { shape, data: Float32Array.from(tensor.data) };
      const basis = basisOf(size, 2);
      expectSame(finish(modeGram(single, mode)).value, finish(modeGram(tensor, mode)).value);
      const projected = finish(projectMode(single, mode, basis)).value;
      expectSame(unfold(projected, mode), unfold(finish(projectMode(tensor, mode, basis)).value, mode));
    });
  },
);

// 1e7 flops between pauses, and at most one step of the loop more: 4 rows of a panel, or its copying, here below 1e6.
test.each([
  { name: 'modeGram', flops: 120 * 120 * 5000, work: () => modeGram(tensorOf([120, 100, 50]), 0) },
  { name: 'columnGram', flops: 100 * 100 * 6000, work: () => columnGram(tensorOf([10, 6000, 10]), 1) },
  {
    name: 'projectMode',
    flops: 2 * 20 * 120 * 5000,
    work: () => projectMode(tensorOf([100, 120, 50]), 1, basisOf(120, 20)),
  },
])('$name pauses about every three million flops', ({ flops, work }) => {
  const { pauses } = finish<unknown>(work());
  // A block of a product, the smallest piece, may be half as much as lies between two pauses.
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(flops / (2 * pauseFlops)));
  // The tiles on the diagonal and the copying are on top of the formula.
  expect(pauses).toBeLessThanOrEqual(Math.ceil((1.3 * flops) / pauseFlops));
});

test('a mode or basis that does not fit is refused', () => {
  const tensor = tensorOf([3, 4]);
  expect(() => finish(modeGram(tensor, 2))).toThrow(InputError);
  expect(() => finish(projectMode(tensor, 1, basisOf(3, 2)))).toThrow(/basis with 4 rows/);
  expect(() => finish(expandMode(tensor, 1, basisOf(4, 3)))).toThrow(/basis with 4 columns/);
  expect(() => finish(projectMode(tensor, 2, basisOf(3, 2)))).toThrow(InputError);
});
