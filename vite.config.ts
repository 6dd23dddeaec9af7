// Vite builds the library (`npm run build`; the demo has demo/vite.config.ts); Vitest runs one set of test files in
// two lanes: Node (WebGPU by Dawn) and a headless Chromium. `*.node.test.ts` needs files or processes: Node lane only.
// src/node/bootstrap.mjs prepares the environment of both lanes, so tests are started by `npm test`.
import { isBuiltin } from 'node:module';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs } from './src/node/browser.mjs';

const executablePath = process.env['CHROMIUM'];
if (process.env['VITEST'] && !executablePath) {
  throw new Error('vite.config: expected the path of a browser in CHROMIUM, got none. Run: npm test -- ARGS.');
}

const nodeTests = 'test/**/*.node.test.ts';

export default defineConfig({
  // Node 20 has no `using`: lower it everywhere.
  oxc: { target: 'es2022' },
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: {
      entry: {
        index: 'src/index.ts',
        io: 'src/io/index.ts',
        problems: 'src/problems/index.ts',
        cli: 'src/cli/main.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: (id) => id === 'webgpu' || isBuiltin(id),
      output: { chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
  // Dawn is a native module of Node; the browser lane never reaches the line that imports it.
  optimizeDeps: { exclude: ['webgpu'] },
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          pool: 'forks',
          // One GPU, one file at a time: two processes on one adapter slow each other down and blur timings.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'chromium',
          include: ['test/**/*.test.ts'],
          exclude: [nodeTests],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: chromiumArgs(), ...(executablePath ? { executablePath } : {}) },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
