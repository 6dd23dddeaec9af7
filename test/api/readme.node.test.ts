// Every TypeScript example of the README runs as it stands, type-checks, and prints what it promises.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { predictEntries } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string);
const folder = mkdtempSync(join(root, 'node_modules', '.readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example, with the package's names pointing at the sources. */
const inCheckout = (code: string): string =>
  code
    .replaceAll("'polyadic'", JSON.stringify(join(root, 'src/index.ts')))
    .replaceAll(/'polyadic\/(\w+)'/g, (_, entry: string) => JSON.stringify(join(root, `src/${entry}/index.ts`)));

function run(code: string): string {
  const file = join(folder, 'example.mts');
  writeFileSync(file, inCheckout(code));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', file], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr, 'standard error').toBe('');
  expect(status, 'exit code').toBe(0);
  return stdout;
}

test('the first example recovers the planted components', () => {
  const [first = ''] = examples;
  expect(first.trim().split('\n').length).toBeLessThanOrEqual(11);
  const printed = run(first);
  expect(printed).toMatch(/relative error 0\.0(09|10)\d*, converged after \d+ steps/);
  expect(printed).toContain('factors of mode 0: 30 × 3');
  expect(printed).toMatch(/match with the truth (0\.99\d|1\.000)/);
});

test('a factor of a nonnegative model can be kept', () => {
  const errors = /^relative error (\S+), (\S+) with mode 2 fixed$/m.exec(run(examples[1] as string));
  expect(Number(errors?.[1])).toBeLessThan(1e-6);
  expect(Number(errors?.[2])).toBeLessThan(1e-6);
});

test('three entries of ten tell of the others', () => {
  const { truth } = plantedObserved({ shape: [12, 10, 8], rank: 2, share: 0.3, seed: 1 });
  const printed = run(examples[2] as string);
  expect(printed).toMatch(/rank 2, converged: [3-5] of 5 starts predict the same unknown cells/);
  expect(printed).toContain(`entry (0, 1, 2) is ${predictEntries(truth, [0, 1, 2])[0]?.toFixed(4)}`);
});

test('the stream shows the components growing one after the other', () => {
  const lines = run(examples[3] as string)
    .trim()
    .split('\n');
  const grown = lines.map((line) => Number(/, (\d+) components/.exec(line)?.[1]));
  expect(Math.max(...grown)).toBeGreaterThanOrEqual(3);
  expect(lines.at(-1)).toMatch(/relative error 0\.0[0-4]\d/);
});

test('comparing two answers of forty takes rank 2', () => {
  const errors = [...run(examples[4] as string).matchAll(/fitted to (\S+), predicted to (\S+)/g)];
  const [one, two] = errors.map(([, ...numbers]) => Math.max(...numbers.map(Number)));
  // Half of the values are 1: their mean misses them by √½.
  expect(one).toBeGreaterThan(0.6);
  expect(two).toBeLessThan(0.1);
});

test('every example is tested', () => expect(examples).toHaveLength(5));

test('every npm script that the README names exists', () => {
  const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts;
  const named = [...readme.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
