// Every TypeScript example of the README runs as it stands, type-checks, and prints what it promises.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { predictEntries } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { examplesOf } from '../support/examples.js';
import { root } from '../support/project-files.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = examplesOf('README.md');
afterAll(() => examples.remove());

test('the first example recovers the planted components', () => {
  const [first = ''] = examples.codes;
  expect(first.trim().split('\n').length).toBeLessThanOrEqual(11);
  const printed = examples.run(0);
  expect(printed).toMatch(/relative error 0\.0(09|10)\d*, converged after \d+ steps/);
  expect(printed).toContain('factors of mode 0: 30 × 3');
  expect(printed).toMatch(/match with the truth (0\.99\d|1\.000)/);
});

test('a factor of a nonnegative model can be kept', () => {
  const errors = /^relative error (\S+), (\S+) with mode 2 fixed$/m.exec(examples.run(1));
  expect(Number(errors?.[1])).toBeLessThan(1e-6);
  expect(Number(errors?.[2])).toBeLessThan(1e-6);
});

test('three entries of ten tell of the others', () => {
  const { truth } = plantedObserved({ shape: [12, 10, 8], rank: 2, share: 0.3, seed: 1 });
  const printed = examples.run(2);
  expect(printed).toMatch(/rank 2, converged: 2 of 2 starts predict the same unknown cells/);
  expect(printed).toContain(`entry (0, 1, 2) is ${predictEntries(truth, [0, 1, 2])[0]?.toFixed(4)}`);
});

test('the stream shows the components growing one after the other', () => {
  const lines = examples.run(3).trim().split('\n');
  const grown = lines.map((line) => Number(/, (\d+) components/.exec(line)?.[1]));
  expect(Math.max(...grown)).toBeGreaterThanOrEqual(3);
  expect(lines.at(-1)).toMatch(/relative error 0\.0[0-4]\d/);
});

test('comparing two answers of forty takes rank 2', () => {
  const errors = [...examples.run(4).matchAll(/fitted to (\S+), predicted to (\S+)/g)];
  const [one, two] = errors.map(([, ...numbers]) => Math.max(...numbers.map(Number)));
  // Half of the values are 1: their mean misses them by √½.
  expect(one).toBeGreaterThan(0.6);
  expect(two).toBeLessThan(0.1);
});

test('every example is tested', () => expect(examples.codes).toHaveLength(5));

test('every npm script that the README names exists', () => {
  const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts;
  const named = [...readme.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
