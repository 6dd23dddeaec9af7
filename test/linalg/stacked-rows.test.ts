// Predictions and gradients from rows of one table: those of the definition, and the same bits in WebAssembly, in plain loops, and with
// others that use the memory at every pause.
import { afterEach, expect, test } from 'vitest';
import { allowWasm, productCore } from '../../src/linalg/product-core.js';
import { multiplyRows, scatterRows, type StackedRows } from '../../src/linalg/stacked-rows.js';
import { randomStream } from '../../src/random/stream.js';
import { finished, type Work } from '../../src/yield.js';

afterEach(() => allowWasm(true));

const normals = (length: number, stream: number): Float64Array =>
  randomStream(stream).fillNormal(new Float64Array(length));

function stackedOf(sizes: readonly number[], width: number, entries: number): StackedRows {
  const random = randomStream(4);
  const offsets = sizes.map((_, k) => sizes.slice(0, k).reduce((sum, n) => sum + n, 0));
  return {
    order: sizes.length,
    width,
    table: normals(sizes.reduce((sum, n) => sum + n, 0) * width, 5),
    entryRows: Uint32Array.from(
      { length: entries * sizes.length },
      (_, at) => offsets[at % sizes.length]! + Math.floor(sizes[at % sizes.length]! * random.uniform()),
    ),
  };
}

/** Does the same work for others at every pause. */
function interrupted<T>(work: Work<T>): T {
  const other = stackedOf([3, 4], 9, 100);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    finished(multiplyRows(other, normals(9, 1), { first: 0, count: 100 }, new Float64Array(100)));
  }
}

/** In WebAssembly, in plain loops and with interruptions. */
function inThreeWays(run: (drive: typeof interrupted) => Float64Array): Float64Array {
  expect(productCore().isWasm).toBe(true);
  const fast = run(finished);
  expect(run(interrupted)).toEqual(fast);
  allowWasm(false);
  expect(run(finished)).toEqual(fast);
  allowWasm(true);
  return fast;
}

test.each([
  { sizes: [8, 9], width: 5, entries: 200, first: 3, count: 150 },
  { sizes: [8, 9, 7], width: 16, entries: 130, first: 0, count: 130 },
  { sizes: [20, 30, 10], width: 33, entries: 20_000, first: 7, count: 19_000 },
  { sizes: [2, 3, 2, 3], width: 1, entries: 77, first: 70, count: 7 },
  { sizes: [6], width: 8, entries: 50, first: 1, count: 40 },
])('$sizes rows, width $width, entries $first … of $count', ({ sizes, width, entries, first, count }) => {
  const stacked = stackedOf(sizes, width, entries);
  const { order, table, entryRows } = stacked;
  const weights = normals(width, 6);
  const range = { first, count };
  const row = (e: number, k: number): number => entryRows[(first + e) * order + k]! * width;
  const products = inThreeWays((drive) => {
    const out = new Float64Array(count);
    drive(multiplyRows(stacked, weights, range, out));
    return out;
  });
  products.forEach((product, e) => {
    let sum = 0;
    let scale = 0;
    for (let c = 0; c < width; c++) {
      const term = sizes.reduce((value, _, k) => value * table[row(e, k) + c]!, weights[c]!);
      sum += term;
      scale += Math.abs(term);
    }
    // Products of order + 1 numbers and sums of `width`, both here and there.
    expect(Math.abs(product - sum)).toBeLessThanOrEqual(2 * (order + width) * Number.EPSILON * scale);
  });

  const scales = normals(count, 7);
  for (let mode = 0; mode < order; mode++) {
    const sums = inThreeWays((drive) => {
      const out = new Float64Array(table.length).fill(1);
      drive(scatterRows(stacked, mode, range, scales, out));
      return out;
    });
    const expected = new Float64Array(table.length).fill(1);
    for (let e = 0; e < count; e++) {
      for (let c = 0; c < width; c++) {
        let term = scales[e]!;
        for (let k = 0; k < order; k++) if (k !== mode) term *= table[row(e, k) + c]!;
        expected[row(e, mode) + c]! += term;
      }
    }
    // The definition, one entry after the other: the same bits.
    expect(sums).toEqual(expected);
  }
});
