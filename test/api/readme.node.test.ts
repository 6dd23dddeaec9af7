// Every TypeScript example of the README and of docs runs as it stands and prints what it promises. (how-polyadic-chooses-a-rank.md has
// a test of its own.)
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { predictEntries } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { examplesOf } from '../support/examples.js';
import { root } from '../support/project-files.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = examplesOf('README.md');
const targets = examplesOf('docs/targets-and-algorithms.md');
const reproductions = examplesOf('docs/reproductions.md');
const chemometrics = examplesOf('docs/start-chemometrics.md');
const documents = [examples, targets, reproductions, chemometrics];
afterAll(() => documents.forEach((document) => document.remove()));

test('the README fits on a screen or two', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('the first example finds the planted components', () => {
  const printed = examples.run(0);
  expect(printed).toMatch(/Rank: rank 3 \(sure\)/);
  expect(printed).toMatch(/Explained variance 99\.99 %, relative error 0\.0(09|10)\d*/);
  expect(printed).toContain('factors of mode 0: 30 × 3');
});

test('rows of a nonnegative model have no negative value', () => {
  const lines = examples.run(1).trim().split('\n');
  expect(lines).toHaveLength((2 + 2 + 3) * 2);
  for (const line of lines) expect(line).toMatch(/^(sample|emission|excitation) \d [12] \d\.\d{3}$/);
});

test('two fluorophores are found in excitation-emission matrices', () => {
  const printed = chemometrics.run(0);
  expect(printed).toMatch(/^rank 2 \((sure|good|fair)\)/);
  expect(printed).toMatch(/explained variance (99\.\d\d|100\.00) %/);
  expect(Number(/core consistency (\d+) %/.exec(printed)?.[1])).toBeGreaterThan(95);
});

test('a factor of a nonnegative model can be kept', () => {
  const errors = /^relative error (\S+), (\S+) with mode 2 fixed$/m.exec(targets.run(0));
  expect(Number(errors?.[1])).toBeLessThan(1e-6);
  expect(Number(errors?.[2])).toBeLessThan(1e-6);
});

test('a wave is known between its known cells', () => {
  const [, rank, found, truth] = (/^rank (\d); at \(4, 6, 1\) (\S+), and is (\S+)$/m.exec(targets.run(1)) ?? []).map(
    Number,
  );
  expect(rank).toBe(2);
  expect(found).toBe(truth);
});

test('a tenth of the values may be wrong', () => {
  // 35 % of 2,184 cells, of which 76 are wrong.
  expect(targets.run(2)).toMatch(/^rank 3, converged\. The model fits 688 of the 764 values exactly; the other 76 /);
});

test('three entries of ten tell of the others', () => {
  const { truth } = plantedObserved({ shape: [12, 10, 8], rank: 2, share: 0.3, seed: 1 });
  const printed = targets.run(3);
  expect(printed).toMatch(/rank 2, converged: 2 of 2 starts predict the same unknown cells/);
  expect(printed).toContain(`entry (0, 1, 2) is ${predictEntries(truth, [0, 1, 2])[0]?.toFixed(4)}`);
});

test('a regression predicts new outputs with intervals', () => {
  const bounds = /^the first new output is between (\S+) and (\S+)$/m.exec(targets.run(4));
  // Of the input sin(500 + at²): sin 500 − 2 sin 501.
  const output = Math.sin(500) - 2 * Math.sin(501);
  expect(Number(bounds?.[1])).toBeLessThan(output);
  expect(Number(bounds?.[2])).toBeGreaterThan(output);
  expect(Number(bounds?.[2]) - Number(bounds?.[1])).toBeLessThan(1);
});

test('the stream shows the components growing one after the other', () => {
  const lines = targets.run(5).trim().split('\n');
  const grown = lines.map((line) => Number(/, (\d+) components/.exec(line)?.[1]));
  expect(Math.max(...grown)).toBeGreaterThanOrEqual(3);
  expect(lines.at(-1)).toMatch(/relative error 0\.0[0-4]\d/);
});

test('comparing two answers of forty takes rank 2', () => {
  const errors = [...reproductions.run(0).matchAll(/fitted to (\S+), predicted to (\S+)/g)];
  const [one, two] = errors.map(([, ...numbers]) => Math.max(...numbers.map(Number)));
  // Half of the values are 1: their mean misses them by √½.
  expect(one).toBeGreaterThan(0.6);
  expect(two).toBeLessThan(0.1);
});

test('every example is tested', () => expect(documents.map(({ codes }) => codes.length)).toEqual([2, 6, 1, 1]));

test('every npm script that the documents name exists', () => {
  const docs = readdirSync(join(root, 'docs')).map((name) => readFileSync(join(root, 'docs', name), 'utf8'));
  const text = [readme, ...docs].join('\n');
  const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts;
  const named = [...text.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
