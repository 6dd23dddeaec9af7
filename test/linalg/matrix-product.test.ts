// Products of matrices of any size and layout: with small integers every sum is exact, so results must equal the definition. With any
// numbers WebAssembly and plain loops must give the same bits, since they sum in the same order, and both must keep the stated bound.
import { afterEach, describe, expect, test } from 'vitest';
import {
  addProductSteps,
  columnsOf,
  rowsOf,
  stridedAxis,
  type Axis,
  type Operand,
} from '../../src/linalg/matrix-product.js';
import { allowWasm } from '../../src/linalg/product-core.js';
import { finished } from '../../src/yield.js';
import { normals } from '../support/parity.js';

afterEach(() => allowWasm(true));

const integers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => ((Math.imul(i + 1 + 1000 * seed, 2654435761) >>> 16) % 17) - 8);

const placeOf = ({ period, outerStride, innerStride }: Axis, i: number): number =>
  Math.floor(i / period) * outerStride + (i % period) * innerStride;
const entry = ({ data, at = 0, lanes, depth }: Operand, i: number, d: number): number =>
  data[at + placeOf(lanes, i) + placeOf(depth, d)]!;

/** Σ_d a[i, d] · b[j, d] by its definition, and Σ_d |a[i, d] · b[j, d]|. */
function definition(a: Operand, b: Operand, i: number, j: number): { sum: number; size: number } {
  let sum = 0;
  let size = 0;
  for (let d = 0; d < a.depth.count; d++) {
    const term = entry(a, i, d) * entry(b, j, d);
    sum += term;
    size += Math.abs(term);
  }
  return { sum, size };
}

function product(a: Operand, b: Operand, options = {}): Float64Array {
  const out = new Float64Array(a.lanes.count * b.lanes.count);
  finished(addProductSteps(rowsOf(out, a.lanes.count, b.lanes.count), a, b, options));
  return out;
}

const sizes = [
  [0, 3, 2],
  [3, 0, 2],
  [3, 2, 0],
  [1, 1, 1],
  [3, 5, 1],
  [5, 3, 7],
  [4, 4, 4],
  [1, 257, 3],
  [257, 1, 5],
  [129, 130, 257],
  [20, 300, 40],
  [300, 20, 513],
] as const;

describe.each(sizes)('%i rows, %i columns, %i terms', (m, n, terms) => {
  const a = [rowsOf(integers(m * terms, 1), m, terms), columnsOf(integers(m * terms, 2), terms, m)];
  const b = [rowsOf(integers(n * terms, 3), n, terms), columnsOf(integers(n * terms, 4), terms, n)];
  const pairs = a.flatMap((left) => b.map((right) => [left, right] as const));

  test.each([true, false])('is the definition for rows and columns of both (WebAssembly: %s)', (isAllowed) => {
    allowWasm(isAllowed);
    for (const [left, right] of pairs) {
      const out = product(left, right);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          if (out[i * n + j] !== definition(left, right, i, j).sum) expect.fail(`entry ${i}, ${j}`);
        }
      }
    }
  });

  test('has the same bits in WebAssembly and in plain loops, and a bounded error', () => {
    const left = rowsOf(normals(m * terms, 1), m, terms);
    const right = columnsOf(normals(n * terms, 2), terms, n);
    const fast = product(left, right);
    allowWasm(false);
    const plain = product(left, right);
    expect(plain).toEqual(fast);
    // Sums of up to 256 terms, added to one another, here and in one go in the definition; a unit of roundoff is ε / 2.
    const bound = ((256 + terms / 256 + terms) * Number.EPSILON) / 2;
    for (let at = 0; at < fast.length; at += 7) {
      const { sum, size } = definition(left, right, Math.floor(at / n), at % n);
      expect(Math.abs(fast[at]! - sum)).toBeLessThanOrEqual(bound * size);
    }
  });
});

test('adds a multiple to what is there, or to what is given, negated', () => {
  const a = rowsOf(integers(6, 1), 3, 2);
  const b = rowsOf(integers(4, 2), 2, 2);
  const plain = product(a, b);
  const out = integers(6, 3);
  finished(addProductSteps(rowsOf(out, 3, 2), a, b, { scale: -2 }));
  expect(out).toEqual(integers(6, 3).map((value, at) => value - 2 * plain[at]!));
  finished(addProductSteps(rowsOf(out, 3, 2), a, b, { minus: Float32Array.from(integers(6, 4)) }));
  expect(out).toEqual(integers(6, 4).map((value, at) => plain[at]! - value));
});

test('a long sum is added to once, whatever is subtracted', () => {
  const a = rowsOf(integers(2 * 600, 1), 2, 600);
  const b = rowsOf(integers(3 * 600, 2), 3, 600);
  const out = new Float64Array(6);
  finished(addProductSteps(rowsOf(out, 2, 3), a, b, { minus: integers(6, 4) }));
  expect(out).toEqual(product(a, b).map((value, at) => value - integers(6, 4)[at]!));
});

test.each([1, 5, 130, 300])('the lower triangle of a product of %i lanes with themselves', (n) => {
  const a = rowsOf(integers(n * 9, 1), n, 9);
  const out = product(a, a, { lower: true });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (out[i * n + j] !== (j <= i ? definition(a, a, i, j).sum : 0)) expect.fail(`entry ${i}, ${j}`);
    }
  }
});

test('parts of matrices, and axes of two strides', () => {
  const data = integers(5 * 7 * 40, 1);
  // [5, 7, 40]: lanes along the middle index, depth along the other two.
  const lanes = stridedAxis(7, 40);
  const depth = { count: 200, period: 40, outerStride: 280, innerStride: 1 };
  const a = { data, lanes, depth };
  const b = { data, at: 40, lanes: stridedAxis(6, 40), depth };
  const out = new Float64Array(100);
  finished(addProductSteps({ data: out, at: 3, lanes: stridedAxis(7, 1), depth: stridedAxis(6, 10) }, a, b));
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 6; j++) expect(out[3 + i + 10 * j]).toBe(definition(a, b, i, j).sum);
  }
});

test('work that pauses does not disturb other work', () => {
  const a = rowsOf(normals(300 * 300, 1), 300, 300);
  const b = rowsOf(normals(300 * 300, 2), 300, 300);
  const alone = [product(a, b), product(b, b)];
  const outs = [new Float64Array(90000), new Float64Array(90000)];
  const works = [addProductSteps(rowsOf(outs[0]!, 300, 300), a, b), addProductSteps(rowsOf(outs[1]!, 300, 300), b, b)];
  let pauses = 0;
  for (let open = [...works]; open.length > 0; pauses++) open = open.filter((work) => !work.next().done);
  expect(pauses).toBeGreaterThan(3);
  expect(outs).toEqual(alone);
});
