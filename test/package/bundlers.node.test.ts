// A page that uses the package, built by every bundler of the field from the tarball, and opened in Chromium: it decomposes on the
// backend that `auto` takes, on WebGPU, and in a worker that reports, refuses and stops.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { connect, type Browser } from 'puppeteer';
import { rollup } from 'rollup';
import { build as vite, createServer } from 'vite';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import webpack from 'webpack';
import { expectedOutcome, pageProgram } from './consumers.js';
import { installPackage } from './installed.js';
import { outcomeAt, serveFolder } from './serve.js';

const { project, write, remove } = installPackage(inject('dist'), { types: false });
let browser: Browser;

beforeAll(async () => {
  browser = await connect({ browserWSEndpoint: inject('demo').browser });
});
afterAll(async () => {
  await browser.disconnect();
  remove();
});

/** Bundlers that follow `new Worker(new URL(…))` find the worker of the package; the others get one of the page's own. */
const readyWorker = write('ready.js', pageProgram('openWorker()'));
const ownWorker = write('own.js', pageProgram("openWorker(new Worker('./worker.js', { type: 'module' }))"));
const workerScript = write('worker.js', "import 'polyadic/worker/script';\n");

const html = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="${script}"></script>\n`;

async function expectWorks(folder: string): Promise<void> {
  const served = await serveFolder(join(project, folder));
  expect(await outcomeAt(browser, served.url)).toEqual(expectedOutcome);
  served.close();
}

test('esbuild', async () => {
  const outdir = join(project, 'out-esbuild');
  await esbuild({
    entryPoints: { own: ownWorker, worker: workerScript },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir,
    logLevel: 'silent',
  });
  write('out-esbuild/index.html', html('./own.js'));
  await expectWorks('out-esbuild');
});

test('Rollup', async () => {
  const bundle = await rollup({
    input: { own: ownWorker, worker: workerScript },
    plugins: [nodeResolve({ browser: true })],
  });
  await bundle.write({ dir: join(project, 'out-rollup'), format: 'es' });
  await bundle.close();
  write('out-rollup/index.html', html('./own.js'));
  await expectWorks('out-rollup');
});

test('webpack', async () => {
  const errors = await new Promise<unknown>((resolve) => {
    // Its minifier takes a minute and is not what is tested.
    const settings = {
      mode: 'production',
      context: project,
      entry: readyWorker,
      optimization: { minimize: false },
    } as const;
    webpack({ ...settings, output: { path: join(project, 'out-webpack'), filename: 'main.js' } }, (error, stats) => {
      const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      resolve(error ?? [...(errors ?? []), ...(warnings ?? [])].map(({ message }) => message));
    });
  });
  // It warns of the size of what it built.
  expect(JSON.stringify(errors)).not.toMatch(/not found|Can't resolve|Critical dependency/);
  write('out-webpack/index.html', html('./main.js'));
  await expectWorks('out-webpack');
});

const viteSettings = (root: string) =>
  ({ configFile: false, root, logLevel: 'warn', mode: 'production', cacheDir: join(root, '.vite') }) as const;

test('Vite, built', async () => {
  write('index.html', html('./ready.js'));
  await vite({ ...viteSettings(project), build: { outDir: 'out-vite', rolldownOptions: { logLevel: 'silent' } } });
  await expectWorks('out-vite');
});

test('Vite, the development server', async () => {
  write('index.html', html('./ready.js'));
  const server = await createServer({ ...viteSettings(project), mode: 'development', server: { port: 0 } });
  await server.listen();
  const url = server.resolvedUrls?.local[0] ?? expect.fail('no address');
  expect(await outcomeAt(browser, url)).toEqual(expectedOutcome);
  await server.close();
});

test('a script module without any bundler, as from a CDN', async () => {
  cpSync(join(project, 'node_modules', 'polyadic'), join(project, 'out-cdn', 'polyadic'), { recursive: true });
  const direct = pageProgram('openWorker()').replaceAll(
    /'polyadic(\/(\w+))?'/g,
    (_, __, entry = 'index') => `'./polyadic/dist/${entry as string}.js'`,
  );
  write('out-cdn/direct.js', direct);
  write('out-cdn/index.html', html('./direct.js'));
  await expectWorks('out-cdn');
});
