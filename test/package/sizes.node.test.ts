// What typical imports add to a page, and what typical runs make it load: bundled by Rollup, every file minified by esbuild and compressed
// by gzip. sizes.json holds the budget in bytes; more than 5 % above it fails.
//   initial  what the page loads with its own code, before anything is computed
//   run      all that it has loaded when the answer is there, in Chromium
//   all      every file that some run may load; no run loads them all
// SIZES=write npm test -- --project built test/package/sizes writes the sizes as they are now, there and into docs/web.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { transform } from 'esbuild';
import { connect } from 'puppeteer';
import { rollup, type OutputChunk } from 'rollup';
import { afterAll, expect, inject, test } from 'vitest';
import { root } from '../support/project-files.js';
import { installPackage } from './installed.js';
import { outcomeAt, serveFolder } from './serve.js';

interface Sizes {
  readonly initial: number;
  readonly run?: number;
  readonly all: number;
}

const { project, write, remove } = installPackage(inject('dist'), { types: false });
const browser = await connect({ browserWSEndpoint: inject('demo').browser });
afterAll(async () => {
  await browser.disconnect();
  remove();
});

const programs: Record<string, string> = {
  factorMatchScore: "import { factorMatchScore } from 'polyadic'; console.log(factorMatchScore);",
  dense: "import { dense } from 'polyadic'; console.log(dense);",
  relativeError: "import { relativeError } from 'polyadic'; console.log(relativeError);",
  readNpy: "import { readNpy } from 'polyadic/io'; console.log(readNpy);",
  plantedCp: "import { plantedCp } from 'polyadic/problems'; console.log(plantedCp);",
  openWorker: "import { openWorker } from 'polyadic/worker'; console.log(openWorker);",
  decompose: "import { decompose, dense } from 'polyadic'; console.log(decompose, dense);",
  everything: "import * as polyadic from 'polyadic'; console.log(polyadic);",
};

/** A page that leaves how its run ended in `outcome`. */
const pageOf = (names: string, target: string, options: string): string => `
  import { decompose, ${names} } from 'polyadic';
  const values = Float64Array.from({ length: 60 }, (_, at) => Math.sin(at) + (at % 4) + Math.floor(at / 20));
  const cells = Array.from(values.keys()).filter((at) => at % 5 > 0);
  decompose(${target}, ${options}).then(({ backend, algorithm, stop }) => (globalThis.outcome = [backend, algorithm, stop]));`;

const cpu = "backend: 'cpu'";
const observedCells =
  'observed([3, 5, 4], Uint32Array.from(cells.flatMap((at) => [Math.floor(at / 20), Math.floor(at / 4) % 5, at % 4])), Float64Array.from(cells, (at) => values[at]))';

/** The runs, each with the outcome that shows that it was this one. */
const runs: Record<string, readonly [program: string, backend: string, algorithm: string]> = {
  'dense on the CPU': [pageOf('dense', 'dense([3, 5, 4], values)', `{ ${cpu} }`), 'cpu', 'compressed'],
  'dense on the CPU by als': [
    pageOf('dense', 'dense([3, 5, 4], values)', `{ ${cpu}, algorithm: 'als', rank: 2 }`),
    'cpu',
    'als',
  ],
  'dense on WebGPU': [pageOf('dense', 'dense([3, 5, 4], values)', "{ backend: 'webgpu' }"), 'webgpu', 'compressed'],
  'nonnegative on the CPU': [
    pageOf('dense', 'dense([3, 5, 4], values)', `{ ${cpu}, rank: 2, nonnegative: true }`),
    'cpu',
    'compressed',
  ],
  'observed entries on the CPU': [pageOf('observed', observedCells, `{ ${cpu} }`), 'cpu', 'variational'],
  'symmetric on the CPU': [
    pageOf('factored', 'factored({ order: 3, dim: 2, weights: [2, 1], vectors: [1, 0, 0, 1] })', `{ ${cpu} }`),
    'cpu',
    'staged',
  ],
};

async function chunksOf(name: string, program: string): Promise<OutputChunk[]> {
  const bundle = await rollup({
    input: write(`${name}.js`, program),
    plugins: [nodeResolve({ browser: true })],
    onLog: () => undefined,
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  return output.filter((chunk) => chunk.type === 'chunk');
}

const minified = async ({ code }: OutputChunk): Promise<string> =>
  (await transform(code, { minify: true, format: 'esm', target: 'es2022' })).code;

async function compressedSize(chunks: Iterable<OutputChunk>): Promise<number> {
  let size = 0;
  for (const chunk of chunks) size += gzipSync(await minified(chunk), { level: 9 }).length;
  return size;
}

/** What a page has loaded when its run has ended. */
async function loadedBy(
  name: string,
  chunks: readonly OutputChunk[],
): Promise<{ outcome: unknown; loaded: OutputChunk[] }> {
  const folder = join(project, `out-${name}`);
  mkdirSync(folder);
  for (const chunk of chunks) writeFileSync(join(folder, chunk.fileName), await minified(chunk));
  const entry = chunks.find(({ isEntry }) => isEntry)?.fileName ?? '';
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="./${entry}"></script>`,
  );
  const served = await serveFolder(folder);
  const outcome = await outcomeAt(browser, served.url);
  served.close();
  return { outcome, loaded: chunks.filter(({ fileName }) => served.requested.has(`/${fileName}`)) };
}

/** A chunk and all that it imports at once. */
function loadedWith(
  chunks: readonly OutputChunk[],
  first: OutputChunk | undefined,
  found = new Set<OutputChunk>(),
): Set<OutputChunk> {
  if (!first || found.has(first)) return found;
  found.add(first);
  for (const file of first.imports)
    loadedWith(
      chunks,
      chunks.find(({ fileName }) => fileName === file),
      found,
    );
  return found;
}

const measured: Record<string, Sizes> = {};
for (const [name, program] of Object.entries(programs)) {
  const chunks = await chunksOf(name, program);
  const initial = loadedWith(
    chunks,
    chunks.find(({ isEntry }) => isEntry),
  );
  measured[name] = { initial: await compressedSize(initial), all: await compressedSize(chunks) };
}
const outcomes: [unknown, unknown][] = [];
for (const [name, [program, backend, algorithm]] of Object.entries(runs)) {
  const chunks = await chunksOf(`run-${Object.keys(measured).length}`, program);
  const initial = loadedWith(
    chunks,
    chunks.find(({ isEntry }) => isEntry),
  );
  const { outcome, loaded } = await loadedBy(name, chunks);
  outcomes.push([outcome, [backend, algorithm, expect.any(String)]]);
  measured[name] = {
    initial: await compressedSize(initial),
    run: await compressedSize(loaded),
    all: await compressedSize(chunks),
  };
}

const budgetFile = join(root, 'test/package/sizes.json');
const documentFile = join(root, 'docs/web.md');
const kilobytes = (bytes = 0, digits = 1): string => (bytes / 1000).toFixed(digits);
if (process.env['SIZES'] === 'write') {
  writeFileSync(budgetFile, `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(documentFile, withSizes(readFileSync(documentFile, 'utf8'), measured));
}
const document = readFileSync(documentFile, 'utf8');
const budget = JSON.parse(readFileSync(budgetFile, 'utf8')) as Record<string, Sizes>;

test('every size has a budget', () => {
  expect(Object.keys(measured)).toEqual(Object.keys(budget));
});

test.each(Object.entries(measured))('%s stays within its budget', (name, { initial, run = 0, all }) => {
  expect(initial).toBeLessThanOrEqual(1.05 * (budget[name]?.initial ?? 0));
  expect(run).toBeLessThanOrEqual(1.05 * (budget[name]?.run ?? 0));
  expect(all).toBeLessThanOrEqual(1.05 * (budget[name]?.all ?? 0));
});

/** The document with these sizes in the rows of its table and in its sentences. */
function withSizes(text: string, sizes: Readonly<Record<string, Sizes>>): string {
  const rows = Object.keys(runs).map((name): [RegExp, number | undefined, number | undefined] => {
    return [
      new RegExp(`(?<=\\| ${name} +\\|)( +[\\d.]+)( \\|)( +[\\d.]+)(?= \\|)`),
      sizes[name]?.initial,
      sizes[name]?.run,
    ];
  });
  const padded = (old: string, bytes: number | undefined): string => kilobytes(bytes).padStart(old.length);
  const table = rows.reduce(
    (all, [row, initial, run]) =>
      all.replace(row, (_, first: string, bar: string, last: string) => {
        return `${padded(first, initial)}${bar}${padded(last, run)}`;
      }),
    text,
  );
  return table
    .replace(/(?<=no run loads, are )\d+/, kilobytes(sizes['dense on the CPU']?.all, 0))
    .replaceAll(/(?<=`(\w+)` costs )[\d.]+/g, (_, name: string) => kilobytes(sizes[name]?.all));
}

test('docs/web.md has the sizes of the budget, of every run', () => {
  expect(withSizes(document, budget)).toBe(document);
  expect(Object.keys(runs).filter((name) => !document.includes(`| ${name} `))).toEqual([]);
  expect(withSizes(document, {})).toMatch(/`factorMatchScore` costs 0\.0 kB, `readNpy` costs 0\.0 kB/);
});

test('every run is the one that it is called', () => {
  for (const [outcome, expected] of outcomes) expect(outcome).toEqual(expected);
});

test('single functions cost what they are, a page begins with 30 kB and decomposes on WebGPU with 95 kB', () => {
  expect(measured['factorMatchScore']?.all).toBeLessThanOrEqual(3000);
  expect(measured['readNpy']?.all).toBeLessThanOrEqual(3000);
  expect(measured['dense on the CPU']?.initial).toBeLessThanOrEqual(30e3);
  expect(measured['dense on WebGPU']?.run).toBeLessThanOrEqual(95e3);
});
