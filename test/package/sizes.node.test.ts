// What eight typical imports add to a page: bundled by Rollup, minified by esbuild, compressed by gzip. sizes.json holds the budget in
// bytes; more than 5 % above it fails. `initial`: what the page loads with its own code; `all`: with everything that any run loads.
// SIZES=write npm test -- --project built test/package/sizes writes the sizes as they are now.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { transform } from 'esbuild';
import { rollup, type OutputChunk } from 'rollup';
import { afterAll, expect, inject, test } from 'vitest';
import { root } from '../support/project-files.js';
import { installPackage } from './installed.js';

interface Sizes {
  readonly initial: number;
  readonly all: number;
}

const { write, remove } = installPackage(inject('dist'), { types: false });
afterAll(remove);

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

/** Chunks of a run besides the page's own code, by what they hold. */
const denseOnCpu = ['src/families/dense.js', 'src/backend/cpu/index.js'];

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

async function compressedSize(chunks: Iterable<OutputChunk>): Promise<number> {
  let size = 0;
  for (const { code } of chunks) {
    const minified = await transform(code, { minify: true, format: 'esm', target: 'es2022' });
    size += gzipSync(minified.code, { level: 9 }).length;
  }
  return size;
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
  if (name !== 'decompose') continue;
  for (const part of denseOnCpu) {
    loadedWith(
      chunks,
      chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(part)),
      initial,
    );
  }
  measured['decompose, dense on the CPU'] = {
    initial: await compressedSize(initial),
    all: await compressedSize(chunks),
  };
}

const budgetFile = join(root, 'test/package/sizes.json');
if (process.env['SIZES'] === 'write') writeFileSync(budgetFile, `${JSON.stringify(measured, null, 2)}\n`);
const budget = JSON.parse(readFileSync(budgetFile, 'utf8')) as Record<string, Sizes>;

test('every size has a budget', () => {
  expect(Object.keys(measured)).toEqual(Object.keys(budget));
});

test.each(Object.entries(measured))('%s stays within its budget', (name, { initial, all }) => {
  expect(initial).toBeLessThanOrEqual(1.05 * (budget[name]?.initial ?? 0));
  expect(all).toBeLessThanOrEqual(1.05 * (budget[name]?.all ?? 0));
});

test('single functions cost what they are', () => {
  expect(measured['factorMatchScore']?.all).toBeLessThanOrEqual(3000);
  expect(measured['readNpy']?.all).toBeLessThanOrEqual(3000);
});
