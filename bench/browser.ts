// The Chromium lane: serves the bundled page on localhost, opens it headless by puppeteer, one fresh page a family, and
// hands its progress and its result over. Cross-origin isolated, so that peers have their WebAssembly threads.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { join, posix } from 'node:path';
import { launch, type Browser, type Page } from 'puppeteer';
import { chromiumArgs } from '../src/node/browser.mjs';
import { bundlePage, commit, root, versionsOf } from './bundle.js';
import type { Figure } from './figures.js';
import type { BenchPage } from './page.js';
import { numpyPeer } from './peers/numpy.js';
import type { NumpyRequest } from './peers/numpy-client.js';
import type { BenchRecord } from './record.js';
import type { FamilyResult, RunOptions } from './run-family.js';

const peerPackages = ['@tensorflow/tfjs-core', '@jax-js/jax'];
const wasmFolder = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');

export async function runInBrowser(options: RunOptions, log: (line: string) => void): Promise<BenchRecord> {
  log('bundling the page …');
  const measured = commit();
  const server = await serve(await bundlePage());
  const { port } = server.address() as AddressInfo;
  // Chromium brings its own driver, and finds no adapter when these name that of Node.
  const env = { ...process.env, VK_DRIVER_FILES: undefined, VK_ICD_FILENAMES: undefined };
  const browser = await launch({
    ...(process.env['CHROMIUM'] ? { executablePath: process.env['CHROMIUM'] } : {}),
    args: chromiumArgs(),
    env,
    protocolTimeout: 0,
  });
  await using numpy = numpyPeer();
  try {
    const first = await openPage(browser, port, log);
    const families = await callPage(first, 'families', options);
    await first.close();
    const results: FamilyResult[] = [];
    for (const family of families) {
      const page = await openPage(browser, port, log);
      await page.exposeFunction('polyadicNumpy', (request: NumpyRequest) => numpy.time(request));
      results.push(await callPage(page, 'run', family, options));
      await page.close();
    }
    const [result] = results;
    if (!result) throw new Error(`bench: expected names of families or cases, got ${options.names.join(', ')}.`);
    return {
      date: new Date().toISOString(),
      commit: measured,
      host: 'chromium',
      quick: options.quick,
      adapter: result.adapter,
      versions: { browser: await browser.version(), ...versionsOf(peerPackages), ...numpy.versions },
      system: {
        platform: `${process.platform} ${process.arch}`,
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
      },
      figures: results.flatMap(({ figures }): readonly Figure[] => figures),
      failures: results.flatMap(({ failures }) => failures),
    };
  } finally {
    await browser.close();
    server.close();
  }
}

async function openPage(browser: Browser, port: number, log: (line: string) => void): Promise<Page> {
  const page = await browser.newPage();
  page.on('console', (message) => (message.type() === 'log' ? log(message.text()) : undefined));
  page.on('pageerror', (error) => log(`page: ${String(error)}`));
  await page.goto(`http://localhost:${port}/`);
  await page.waitForFunction(() => 'polyadicBench' in window);
  return page;
}

async function callPage<K extends keyof BenchPage>(
  page: Page,
  name: K,
  ...args: Parameters<BenchPage[K]>
): Promise<Awaited<ReturnType<BenchPage[K]>>> {
  const called = await page.evaluate(
    (key, values) => {
      const { polyadicBench } = window as unknown as { polyadicBench: Record<string, (...args: unknown[]) => unknown> };
      return polyadicBench[key]?.(...(values as unknown[]));
    },
    name,
    args,
  );
  return called as Awaited<ReturnType<BenchPage[K]>>;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

function serve(files: Map<string, string>): Promise<Server> {
  files.set('/index.html', '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>');
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    const content = path.startsWith('/tfjs-wasm/') ? wasmFile(posix.basename(path)) : files.get(path);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    response.setHeader('Content-Type', contentTypes[posix.extname(path)] ?? 'application/octet-stream');
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content);
  });
  return new Promise((resolve) => server.listen(0, 'localhost', () => resolve(server)));
}

function wasmFile(name: string): Buffer | undefined {
  return /^[\w-]+\.wasm$/.test(name) ? readFileSync(join(wasmFolder, name)) : undefined;
}
