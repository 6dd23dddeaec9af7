// The package as its users get it: built, put into an empty project, then imported by plain Node (no loader, no tests
// around). Importing must print nothing, touch no navigator and keep nothing alive; the types must hold for a strict
// compiler. The folder is outside the checkout, so the package finds no dependency by accident.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import ts from 'typescript';
import { afterAll, expect, inject, test } from 'vitest';
import { installPackage } from './installed.js';
import { typedConsumer } from './consumers.js';
import { casesOf } from '../support/all.js';

const { project, folder: installed, packed, write, remove } = installPackage(inject('dist'), { types: true });
const dist = join(installed, 'dist');
afterAll(remove);

const quiet = { status: 0, stdout: '', stderr: '' };

/** What a module printed and how it ended; a process that stays alive is killed and has status null. */
function runModule(source: string) {
  const args = ['--input-type=module', '--eval', source];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    timeout: 300_000,
  });
  return { status, stdout, stderr };
}

test('every path that package.json exports exists', () => {
  interface Manifest {
    exports: Record<string, string | Record<string, string>>;
    bin: Record<string, string>;
  }
  const { exports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
  const paths = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)));
  expect([...paths, ...Object.values(bin)].filter((path) => !existsSync(join(installed, path)))).toEqual([]);
});

test('importing it prints nothing, touches no navigator and ends by itself', () => {
  const source = `
    Object.defineProperty(globalThis, 'navigator', { get() { throw new Error('import touched navigator'); } });
    await import('polyadic');
    await import('polyadic/io');
    await import('polyadic/problems');
    await import('polyadic/worker');`;
  expect(runModule(source)).toEqual(quiet);
});

test('a small decomposition on the CPU prints nothing and ends by itself', () => {
  const source = `
    import { decompose, dense, kruskal, toDense } from 'polyadic';
    import { plantedCp } from 'polyadic/problems';
    const { truth } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1 });
    const { shape, data } = toDense(truth);
    const { relativeError } = await decompose(dense(shape, data), { rank: 2, seed: 1, backend: 'cpu' });
    if (!(relativeError < 1e-6)) throw new Error('expected a relative error below 1e-6, got ' + relativeError);`;
  expect(runModule(source)).toEqual(quiet);
});

test('the command line is a program that starts', () => {
  const cli = join(dist, 'cli.js');
  expect(
    readFileSync(cli, 'utf8')
      .split('\n')
      .slice(0, 2)
      .filter((line) => line.startsWith('#!')),
  ).toHaveLength(1);
  expect(spawnSync(process.execPath, [cli, '--help'], { cwd: project, timeout: 300_000 }).status).toBe(0);
});

test('the tarball has code, types, licenses and documents, in 450 kB', () => {
  const files = [
    'LICENSE',
    'README.md',
    'docs/coming-from.md',
    'dist/THIRD-PARTY-NOTICES.md',
    'dist/index.js',
    'dist/types/src/index.d.ts',
  ];
  expect(files.filter((file) => !existsSync(join(installed, file)))).toEqual([]);
  expect(packed).toBeLessThan(450e3);
  const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES.md'), 'utf8');
  for (const name of ['fflate', 'wgsl-preprocessor']) expect(notices).toContain(`## ${name} `);
});

// RankChoice has a property with the name of a function of the library, which is no reason to keep that function and all that it names.
test('the declarations hold nothing that the library alone needs', () => {
  const types = readFileSync(join(dist, 'types/src/declarations.d.ts'), 'utf8');
  expect(types).toContain('interface RankChoice ');
  expect(types).not.toContain('interface FoundModel ');
  expect(types).not.toMatch(/\bhelp: "/);
});

// Its one suggestion, to leave out "browser" of package.json, would put Dawn into pages that have the package webgpu for Node.
test('publint finds no error and no warning', async () => {
  const { messages } = await publint({ pkgDir: installed, level: 'warning' });
  expect(messages).toEqual([]);
});

const modes = [
  ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
  ['node16', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
  ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
] as const;

test.each(casesOf(modes, 1))(
  'its types hold for a strict compiler that checks declaration files: %s',
  (_, module, resolution) => {
    const consumer = write('consumer.mts', typedConsumer);
    const program = ts.createProgram([consumer], {
      noEmit: true,
      strict: true,
      skipLibCheck: false,
      target: ts.ScriptTarget.ES2022,
      module,
      moduleResolution: resolution,
      types: [],
    });
    const messages = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(messages).toEqual([]);
  },
);
