// The WebAssembly module is what the compiler makes of its source, small enough for every browser to compile at once on the main
// thread, and not needed: a decomposition has the same bits without it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { dense, decompose, factored } from '../../src/index.js';
import { allowWasm, productCore } from '../../src/linalg/product-core.js';
import { wasmBase64 as products } from '../../src/linalg/wasm/module.js';
import { wasmBase64 as rows } from '../../src/linalg/wasm/row-module.js';
import { compiledModule, modules } from '../../src/node/compile-wasm.mjs';
import { plantedCp, plantedObserved, plantedSymmetric } from '../../src/problems/index.js';
import { root } from '../support/project-files.js';

afterEach(() => allowWasm(true));

test.each(Object.entries(modules))('%s: `npm run wasm` writes %s', (kernels, module) => {
  expect(readFileSync(join(root, 'src/linalg/wasm', module), 'utf8')).toBe(compiledModule(kernels));
});

test.each(Object.entries({ products, rows }))(
  'the module of %s is smaller than the 4 KiB that older versions of Chrome compile at once',
  (_, base64) => {
    expect(Buffer.from(base64, 'base64').length).toBeLessThan(4096);
  },
);

describe('without WebAssembly', () => {
  const { tensor } = plantedCp({ shape: [14, 15, 16], rank: 3, seed: 1, noise: 0.01 });
  const { truth } = plantedSymmetric({ order: 3, dim: 8, rank: 3, seed: 1 });
  const entries = plantedObserved({ shape: [20, 21, 22], rank: 2, share: 0.2, noise: 0.01, seed: 1 }).target;

  test.each([
    { name: 'compressed', target: dense(tensor.shape, tensor.data), options: {} },
    { name: 'als', target: dense(tensor.shape, tensor.data), options: { algorithm: 'als', rank: 3 } },
    { name: 'variational', target: entries, options: {} },
    { name: 'staged', target: factored({ ...truth, dim: 8 }), options: {} },
  ] as const)('$name gives the same bits, and says how', async ({ target, options }) => {
    const wanted = { ...options, seed: 1, backend: 'cpu' } as const;
    const fast = await decompose(target, wanted);
    allowWasm(false);
    const plain = await decompose(target, wanted);
    expect(productCore().isWasm).toBe(false);
    expect(fast.backendReason).not.toContain('plain loops');
    expect(plain.backendReason).toContain('plain loops, as WebAssembly SIMD is missing or not allowed');
    expect([plain.kruskal, plain.relativeError, plain.steps]).toEqual([fast.kruskal, fast.relativeError, fast.steps]);
  });

  test.each([
    { name: 'missing', value: undefined },
    {
      name: 'forbidden by a content security policy',
      value: {
        Memory: WebAssembly.Memory,
        Module: function () {
          throw new WebAssembly.CompileError('blocked by CSP');
        },
      },
    },
  ])('where it is $name, plain loops run', ({ value }) => {
    const before = globalThis.WebAssembly;
    try {
      globalThis.WebAssembly = value as unknown as typeof WebAssembly;
      allowWasm(true);
      expect(productCore().isWasm).toBe(false);
    } finally {
      globalThis.WebAssembly = before;
    }
  });
});
