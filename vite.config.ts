// Vite builds the library (`npm run build`; the demo has demo/vite.config.ts). Vitest runs the tests in three lanes, side by side:
//   node      the library in Node, with WebGPU by Dawn
//   chromium  once more in a page of a headless Chromium: every operation on WebGPU, and decompose()
//   built     what is built: the command line, the package, and the demo page in a Chromium
// `*.node.test.ts` needs files or processes: never in the lane chromium. `npm run test:all` is the mode `all`: longer grids of cases
// (test/support/all.ts), the tests that take long, those of the device in Chromium too, and a lane more:
//   plain     what computes in WebAssembly, where there is none
// src/node/bootstrap.mjs prepares the environment of the tests.
import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { minifySync } from 'vite';
import { defineConfig } from 'vitest/config';
import { chromiumArgs } from './src/node/browser.mjs';

const executablePath = process.env['CHROMIUM'];
if (process.env['VITEST'] && !executablePath) {
  throw new Error('vite.config: expected the path of a browser in CHROMIUM, got none. Run: npm test -- ARGS.');
}

const tests = 'test/**/*.test.ts';
const testsOfBuilt = ['test/{cli,demo,package}/**/*.test.ts'];
/**
 * Minutes of computing, or another look at what shorter tests see too: bundlers that build the package, kernels of hardware that this
 * machine need not have, and runs of algorithms and reproductions that have quicker ones beside them.
 */
const longTests = [
  'test/package/{bundlers,docs}.node.test.ts',
  'test/parity/observed-hardware.test.ts',
  'test/compaction/cp/regularized.test.ts',
  'test/bench/reproduce-deflation.node.test.ts',
  'test/convergence/{picture,million-entries}.node.test.ts',
  'test/convergence/dense-symmetric.test.ts',
  'test/scale-equivariance.test.ts',
  'test/backend/tiles.node.test.ts',
];
/** Kernels that take long to compile: in the lane node alone. */
const longInChromium = ['test/parity/{mode-products,dense-symmetric}.test.ts'];
/**
 * What a browser could do otherwise than Node: every kernel, decompose(), and, in the mode `all`, the device itself. Algorithms are the
 * same code over the same kernels in both: the lane node has them.
 */
const testsOfWebGpu = ['test/{parity,shaders}/**/*.test.ts', 'test/{adapter,decompose}.test.ts'];
const testsOfDevices = ['test/backend/**/*.test.ts', 'test/{decompose-batch,run}.test.ts'];
/** What plain loops do in the place of WebAssembly, and whole runs on the CPU. */
const testsOfPlain = [
  'test/{linalg,least-squares}/**/*.test.ts',
  'test/tensor/{cp-products,cp-linear,mode-products,symmetric-contraction,tucker}.test.ts',
  'test/compression/compress.test.ts',
  'test/rank-choice/starts.test.ts',
  'test/variational/{packed,row-sums}.test.ts',
  'test/{decompose,ranks}.test.ts',
];
/** Compare it with plain loops. */
const ofWebAssembly = ['test/linalg/{wasm.node,gathered-rows,stacked-rows}.test.ts'];
/** Hands over a device whose calls are made to fail: no browser has a part in it. */
const inNodeAlone = ['test/backend/device-errors.test.ts'];

/** The public entries: `exports` of package.json, and the command line. */
const entry = {
  index: 'src/index.ts',
  io: 'src/io/index.ts',
  problems: 'src/problems/index.ts',
  worker: 'src/worker/index.ts',
  'worker-script': 'src/worker/script.ts',
  cli: 'src/cli/main.ts',
};

/** A module, without its extension, inside dist: those of packages that are bundled lie in packages/, for npm packs no node_modules. */
const pathOf = (module: string): string =>
  (module.startsWith(import.meta.dirname) ? relative(import.meta.dirname, module) : module)
    .replaceAll('\\', '/')
    .replace(/^.*node_modules\/|^\0.*\//, 'packages/')
    .replace(/\.\w+$/, '');

/** The file of a module that an entry imports; null: with the entry. */
function fileOf(module: string): string | null {
  const path = pathOf(module);
  // The entries of the worker, and what the command line alone reaches.
  if (/^src\/(cli|node|worker)\/|^package$/.test(path)) return null;
  // Lists of exports hold no code: a file of their own would be empty.
  return path.endsWith('index') && Object.values(entry).includes(`${path}.ts`) ? 'src/errors' : path;
}

export default defineConfig(({ mode }) => ({
  // A file of one module has its path: no comment repeats it. In others it says where a part comes from.
  plugins: [
    {
      name: 'no-repeated-paths',
      renderChunk: (code, { moduleIds }) =>
        moduleIds.length === 1 ? code.replace(/^\/\/(#region)? ?(src|shaders)\/\S+\n/m, '') : null,
    },
    // Nobody imports the command line, so nobody reads it there.
    {
      name: 'small-command-line',
      renderChunk: (code, { name, isEntry }) =>
        isEntry && name === 'cli' ? minifySync('cli.js', code, { module: true }).code : null,
    },
  ],
  // Node 20 has no `using`: lower it everywhere.
  oxc: { target: 'es2022' },
  build: {
    target: 'es2022',
    minify: false,
    // The files can be read as they are, and maps would double the package.
    sourcemap: false,
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
    lib: {
      entry,
      formats: ['es'],
    },
    rolldownOptions: {
      external: (id) => id === 'webgpu' || isBuiltin(id),
      // Programs import from the entries, not from what is behind them.
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: ({ name, facadeModuleId, moduleIds }) =>
          `${name.includes('/') ? name : pathOf(facadeModuleId ?? moduleIds.at(-1) ?? '')}.js`,
        // What the entries import is one file per source file, so that what a program does not import stays out of its bundle, whatever
        // bundles it. What is loaded on demand is loaded whole: there one file holds all that is always loaded together.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ debugName: 'imported', tags: ['$initial'], name: fileOf }],
        },
        minifyInternalExports: false,
        // They are in the declarations, where editors look for them.
        comments: { jsdoc: false },
      },
      treeshake: { moduleSideEffects: false },
      // A module that one function imports on demand and others at once is loaded with those.
      checks: { ineffectiveDynamicImport: false },
    },
  },
  // Dawn is a native module of Node; the browser lane never reaches the line that imports it.
  optimizeDeps: { exclude: ['webgpu'] },
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    setupFiles: 'test/support/equal-arrays.ts',
    // Files share one process or page, and with it the modules, the device and its compiled kernels.
    isolate: false,
    // Tests wait for browsers a third of the time, so three files go side by side even on two cores.
    maxWorkers: 3,
    // Nothing waits for so long but what waits for ever.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    projects: [
      {
        extends: true,
        mode,
        test: { name: 'node', include: [tests], exclude: [...testsOfBuilt, ...(mode === 'all' ? [] : longTests)] },
      },
      ...(mode === 'all'
        ? [
            {
              extends: true as const,
              mode,
              test: {
                name: 'plain',
                include: testsOfPlain,
                exclude: ofWebAssembly,
                setupFiles: ['test/support/equal-arrays.ts', 'test/support/without-webassembly.ts'],
              },
            },
          ]
        : []),
      {
        extends: true,
        mode,
        test: {
          name: 'built',
          include: testsOfBuilt,
          exclude: mode === 'all' ? [] : longTests,
          globalSetup: 'test/support/built.ts',
        },
      },
      {
        extends: true,
        mode,
        test: {
          name: 'chromium',
          include: [...testsOfWebGpu, ...(mode === 'all' ? testsOfDevices : [])],
          exclude: ['**/*.node.test.ts', ...inNodeAlone, ...(mode === 'all' ? [] : [...longTests, ...longInChromium])],
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
}));
