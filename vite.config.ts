// Vite builds the library (`npm run build`; the demo has demo/vite.config.ts). Vitest runs the tests in three lanes, side by side:
//   node      the library in Node, with WebGPU by Dawn
//   chromium  the tests that compute on WebGPU once more, in a page of a headless Chromium; not `*.node.test.ts`, which need files
//   built     what is built: the command line, the package, and the demo page in a Chromium
// `npm test` leaves out `*.slow.test.ts`; `npm run test:all` runs all. src/node/bootstrap.mjs prepares their environment.
import { isBuiltin } from 'node:module';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs } from './src/node/browser.mjs';

const executablePath = process.env['CHROMIUM'];
if (process.env['VITEST'] && !executablePath) {
  throw new Error('vite.config: expected the path of a browser in CHROMIUM, got none. Run: npm test -- ARGS.');
}

const tests = 'test/**/*.test.ts';
const testsOfBuilt = ['test/cli/**/*.test.ts', 'test/demo/**/*.test.ts', 'test/package.node.test.ts'];
const testsOnWebGpu = [
  'test/{parity,backend,shaders,algorithms}/**/*.test.ts',
  'test/{adapter,decompose,decompose-batch,run}.test.ts',
];

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
    // Nothing waits for so long but what waits for ever.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    projects: [
      { extends: true, test: { name: 'node', include: [tests], exclude: testsOfBuilt } },
      { extends: true, test: { name: 'built', include: testsOfBuilt, globalSetup: 'test/support/built.ts' } },
      {
        extends: true,
        test: {
          name: 'chromium',
          include: testsOnWebGpu,
          exclude: ['**/*.node.test.ts'],
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
