// The package as its users get it: built, put into an empty project, then imported by plain Node (no loader, no tests
// around). Importing must print nothing, touch no navigator and keep nothing alive; the types must hold for a strict
// compiler. The folder is outside the checkout, so the package finds no dependency by accident.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { root } from './support/project-files.js';

const project = mkdtempSync(join(tmpdir(), 'polyadic-package-'));
const installed = join(project, 'node_modules', 'polyadic');
const dist = join(installed, 'dist');

const quiet = { status: 0, stdout: '', stderr: '' };

beforeAll(() => {
  cpSync(inject('dist'), dist, { recursive: true });
  execFileSync(process.execPath, [join(root, 'src', 'node', 'declarations.mjs'), dist], { cwd: root, stdio: 'pipe' });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

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
    await import('polyadic/problems');`;
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

test('its types hold for a strict compiler that checks declaration files', () => {
  const consumer = join(project, 'consumer.mts');
  writeFileSync(
    consumer,
    `import { decompose, dense } from 'polyadic';
     import * as io from 'polyadic/io';
     import * as problems from 'polyadic/problems';
     const result = await decompose(dense([1, 1, 1], new Float64Array(1)), { rank: 1 });
     export const checked: [number, object, object] = [result.relativeError, io, problems];`,
  );
  const program = ts.createProgram([consumer], {
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    types: [],
  });
  const messages = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(messages).toEqual([]);
});
