// Consumers that are too large for the tests: older Vites, older TypeScripts, Next, Bun, Deno, `attw`. Each is installed from npm into a
// folder of its own, gets the tarball of a clean build, and must decompose or compile. `npm run test:consumers`; it needs the registry.
// One line per consumer, `ok` or `FAILED` with what went wrong; the exit code is how many failed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, type Browser } from 'puppeteer';
import { chromiumArgs } from '../../src/node/browser.mjs';
import { expectedOutcome, pageProgram, typedConsumer } from './consumers.js';
import { outcomeAt, serveFolder } from './serve.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'polyadic-consumers-'));
execFileSync('npm', ['pack', '--silent', '--pack-destination', base], { cwd: root, stdio: 'pipe' });
const tarball = join(base, readdirSync(base).find((name) => name.endsWith('.tgz')) ?? '');

function project(name: string, packages: readonly string[], files: Readonly<Record<string, string>>): string {
  const folder = join(base, name);
  const all = { 'package.json': JSON.stringify({ name, private: true, type: 'module' }), ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball, ...packages]);
  return folder;
}

function run(folder: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}\n${stdout}\n${stderr}`.slice(0, 2000));
  return stdout;
}

const html = '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="./main.js"></script>';

async function expectPage(browser: Browser, url: string): Promise<void> {
  const outcome = JSON.stringify(await outcomeAt(browser, url));
  if (outcome !== JSON.stringify(expectedOutcome)) throw new Error(`the page found ${outcome}`);
}

async function vite(browser: Browser, version: string, others: readonly string[] = []): Promise<void> {
  const name = `vite-${version}${others.join('-')}`;
  const folder = project(name, [`vite@${version}`, ...others], {
    'index.html': html,
    'main.js': pageProgram("openWorker(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }))"),
    'worker.js': "import 'polyadic/worker/script';",
    // The worker loads its algorithms on demand, which the old default format of workers does not allow.
    'vite.config.js': "export default { worker: { format: 'es' }, build: { target: 'es2022' } };",
    'serve.mjs': `import { createServer } from 'vite';
      const server = await createServer({ server: { port: 0, host: '127.0.0.1' }, logLevel: 'error' });
      await server.listen();
      console.log('at ' + server.httpServer.address().port);`,
  });
  run(folder, 'npx', ['vite', 'build', '--logLevel', 'error']);
  const served = await serveFolder(join(folder, 'dist'));
  await expectPage(browser, served.url);
  served.close();
  const { spawn } = await import('node:child_process');
  const server = spawn('node', ['serve.mjs'], { cwd: folder });
  const port = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text: Buffer) => resolve(/at (\d+)/.exec(text.toString())?.[1] ?? ''));
    server.on('exit', () => reject(new Error('the development server ended')));
  });
  await expectPage(browser, `http://127.0.0.1:${port}/`).finally(() => server.kill());
}

const smallProgram = `
import { decompose, dense } from 'polyadic';
import { plantedCp } from 'polyadic/problems';
const { tensor } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 1 });
const { relativeError, backendReason } = await decompose(dense(tensor.shape, tensor.data), { rank: 2, algorithm: 'als' });
if (!(relativeError < 1e-6)) throw new Error('expected an exact model, got an error of ' + relativeError);
console.log('decomposed', backendReason);
`;

function types(version: string): void {
  for (const [resolution, module] of [
    ['bundler', 'esnext'],
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
  ] as const) {
    const compilerOptions = { noEmit: true, strict: true, skipLibCheck: false, target: 'es2022', types: [] };
    const options = { ...compilerOptions, module, moduleResolution: resolution };
    const folder = project(`types-${version}-${resolution}`, [`typescript@${version}`], {
      'main.mts': typedConsumer,
      'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['main.mts'] }),
    });
    run(folder, 'npx', ['tsc']);
  }
}

async function next(browser: Browser): Promise<void> {
  const folder = project('next', ['next@16', 'react', 'react-dom'], {
    'package.json': JSON.stringify({ name: 'next-consumer', private: true }),
    'app/layout.jsx': 'export default ({ children }) => <html><body>{children}</body></html>;',
    'app/page.jsx': `import { decompose, dense } from 'polyadic';
      import { plantedCp } from 'polyadic/problems';
      import Client from './client.jsx';
      export const dynamic = 'force-dynamic';
      export default async function Page() {
        const { tensor } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 1 });
        const { rank } = await decompose(dense(tensor.shape, tensor.data));
        return <><p id="server">rank {rank}</p><Client /></>;
      }`,
    'app/client.jsx': `'use client';
      import { useEffect } from 'react';
      import { decompose, dense, factorMatchScore } from 'polyadic';
      import { plantedCp } from 'polyadic/problems';
      async function main() {
        const { tensor, truth } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 1 });
        const target = dense(tensor.shape, tensor.data);
        const auto = await decompose(target);
        const gpu = await decompose(target, { algorithm: 'als', rank: 2, backend: 'webgpu' });
        return [auto, gpu].map(({ backend, kruskal }) => [backend, factorMatchScore(kruskal, truth) > 0.999]);
      }
      export default function Client() {
        useEffect(() => { main().then((found) => (globalThis.outcome = found), (error) => (globalThis.outcome = String(error))); }, []);
        return null;
      }`,
  });
  run(folder, 'npx', ['next', 'build']);
  const { spawn } = await import('node:child_process');
  const port = 34_567;
  const server = spawn(join(folder, 'node_modules/.bin/next'), ['start', '-p', String(port)], { cwd: folder });
  await new Promise<void>((resolve) =>
    server.stdout.on('data', (text: Buffer) => text.toString().includes('Ready') && resolve()),
  );
  try {
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    if (!/rank (<!-- -->)?2/.test(page)) throw new Error(`the server rendered ${page.slice(0, 500)}`);
    const outcome = JSON.stringify(await outcomeAt(browser, `http://127.0.0.1:${port}/`));
    if (outcome !== '[["cpu",true],["webgpu",true]]') throw new Error(`the page found ${outcome}`);
  } finally {
    server.kill();
  }
}

function runtime(name: string, args: readonly string[]): void {
  const folder = project(name, [name], { 'main.mjs': smallProgram });
  run(folder, 'npx', [name, ...args]);
}

const browser = await launch({
  ...(process.env['CHROMIUM'] ? { executablePath: process.env['CHROMIUM'] } : {}),
  args: chromiumArgs(),
  timeout: 300_000,
});
const consumers: Record<string, () => void | Promise<void>> = {
  'Vite 5': () => vite(browser, '5'),
  'Vite 6': () => vite(browser, '6'),
  'Vite 7': () => vite(browser, '7'),
  'Vite 8 beside the package webgpu': () => vite(browser, '8', ['webgpu']),
  'TypeScript 5.7': () => types('5.7'),
  'TypeScript 5.9': () => types('5.9'),
  'TypeScript 6.0': () => types('6.0'),
  'Next 16': () => next(browser),
  Bun: () => runtime('bun', ['main.mjs']),
  Deno: () => runtime('deno', ['run', '-A', 'main.mjs']),
  attw: () => {
    const folder = project('attw', ['@arethetypeswrong/cli'], {});
    run(folder, 'npx', ['attw', tarball, '--profile', 'esm-only']);
  },
};
const asked = process.argv.slice(2);
let failed = 0;
for (const [name, check] of Object.entries(consumers)) {
  if (asked.length > 0 && !asked.some((word) => name.toLowerCase().includes(word.toLowerCase()))) continue;
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
await browser.close();
rmSync(base, { recursive: true, force: true });
process.exitCode = failed;
