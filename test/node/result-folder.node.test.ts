// The folder of a result: several writers, links, what dead processes have left.
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireWritable, writeResultFolder } from '../../src/node/result-folder.js';
import { root } from '../support/project-files.js';

let place = '';
beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'polyadic-result-'))));
afterEach(() => {
  rmSync(place, { recursive: true });
});
const files = { 'result.json': JSON.stringify({ generator: 'polyadic', files: ['result.json'] }) };
const loader = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;

/** A number that no process has: the system ends below. */
const deadProcess = 2 ** 22 + 1;

function age(path: string): void {
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(path, hourAgo, hourAgo);
}

test(
  'several processes that write to one folder all succeed, and the result of one of them stays, whole',
  { timeout: 60_000 },
  async () => {
    const out = join(place, 'new', 'out');
    const script = join(root, 'test/support/write-results.ts');
    const codes = [1, 2, 3].map(
      () =>
        new Promise((resolve) => {
          const words = ['--import', loader, script, out, '100'];
          let said = '';
          const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
          child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
          child.on('close', (code) => {
            resolve([code, said]);
          });
        }),
    );
    expect(await Promise.all(codes)).toEqual([1, 2, 3].map(() => [0, '']));
    expect(readdirSync(out).sort()).toEqual(['pid', 'result.json']);
    expect(readdirSync(join(place, 'new'))).toEqual(['out']);
  },
);

test('a link to a folder stays a link', () => {
  mkdirSync(join(place, 'real'));
  symlinkSync('real', join(place, 'link'));
  for (let time = 0; time < 2; time++) writeResultFolder(join(place, 'link'), files);
  expect(lstatSync(join(place, 'link')).isSymbolicLink()).toBe(true);
  expect(readdirSync(join(place, 'real'))).toEqual(['result.json']);
  expect(readdirSync(place).sort()).toEqual(['link', 'real']);
});

test('what dead processes have left is removed, and an earlier result goes back', () => {
  const out = join(place, 'out');
  mkdirSync(join(place, `.out-${deadProcess}`));
  const earlier = join(place, `.out-${deadProcess}-earlier`);
  mkdirSync(earlier);
  writeFileSync(join(earlier, 'result.json'), files['result.json']);
  const others = [`.out-${process.ppid}`, `.outer-${deadProcess}`, '.out-notes', `.out-${deadProcess + 1}`];
  for (const name of others) mkdirSync(join(place, name));
  for (const name of readdirSync(place).slice()) if (!name.endsWith(`${deadProcess + 1}`)) age(join(place, name));
  requireWritable(out, { force: true });
  // The last one is younger than ten minutes: its process may be one of another machine.
  expect(readdirSync(place).sort()).toEqual([...others, 'out'].sort());
  expect(readFileSync(join(out, 'result.json'), 'utf8')).toBe(files['result.json']);
});

test('asking whether a result can be written takes away nothing that others have written meanwhile', () => {
  const out = join(place, 'runs', 'a');
  requireWritable(out, { force: false });
  expect(existsSync(join(place, 'runs'))).toBe(false);
  writeResultFolder(join(place, 'runs', 'b'), files);
  requireWritable(out, { force: false });
  expect(readdirSync(join(place, 'runs'))).toEqual(['b']);
});
