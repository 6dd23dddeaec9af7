// Before every file of the lane `plain`: there is no WebAssembly, as where a content security policy forbids it, so that plain loops run.
import { afterAll, beforeAll, expect } from 'vitest';
import { allowWasm, productCore } from '../../src/linalg/product-core.js';

const { WebAssembly: before } = globalThis;

beforeAll(() => {
  Reflect.deleteProperty(globalThis, 'WebAssembly');
  allowWasm(true);
  expect(productCore().isWasm).toBe(false);
});

afterAll(() => {
  globalThis.WebAssembly = before;
  allowWasm(true);
});
