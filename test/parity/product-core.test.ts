// Where the tests run, in Node and on the main thread of a page, the WebAssembly module compiles at once, and gives the bits of the
// plain loops.
import { expect, test } from 'vitest';
import { addProductSteps, rowsOf } from '../../src/linalg/matrix-product.js';
import { allowWasm, productCore } from '../../src/linalg/product-core.js';
import { finished } from '../../src/yield.js';
import { normals } from '../support/parity.js';

test('products in WebAssembly have the bits of plain loops', () => {
  const rows = 130;
  const columns = 70;
  const terms = 300;
  const product = (): Float64Array => {
    const out = new Float64Array(rows * columns);
    const left = rowsOf(normals(rows * terms, 1), rows, terms);
    finished(addProductSteps(rowsOf(out, rows, columns), left, rowsOf(normals(columns * terms, 2), columns, terms)));
    return out;
  };
  expect(productCore().isWasm).toBe(true);
  const fast = product();
  try {
    allowWasm(false);
    expect(productCore().isWasm).toBe(false);
    expect(product()).toEqual(fast);
  } finally {
    allowWasm(true);
  }
});
