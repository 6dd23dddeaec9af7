// The document of the choice of a rank: its examples run and print what they promise, and its table is that of the record.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { confidenceTable, type RankCell } from '../../bench/reproduce/rank.js';
import { rankGroups } from '../../bench/reproduce/rank-cases.js';
import { examplesOf } from '../support/examples.js';
import { root } from '../support/project-files.js';

const document = 'docs/how-polyadic-chooses-a-rank.md';
const text = readFileSync(join(root, document), 'utf8');
const examples = examplesOf(document);
afterAll(() => examples.remove());

test('the first example finds the planted rank', () => {
  const lines = examples.run(0).trimEnd().split('\n');
  expect(lines[0]).toBe('rank 3 (sure)');
  expect(lines.at(-1)).toMatch(/^a component below \d\.\d % of the norm may have been missed$/);
});

test('the second example says yes to the planted rank and no to one more', () => {
  const lines = examples.run(1).trimEnd().split('\n');
  expect(lines.map((line) => /^rank (\d): halves (\w+)/.exec(line)?.slice(1))).toEqual([
    ['1', 'different'],
    ['2', 'equal'],
    ['3', 'different'],
  ]);
  const errors = lines.map((line) => Number(/error (\S+)/.exec(line)?.[1]));
  expect(errors.indexOf(Math.min(...errors))).toBe(1);
});

test('every example is tested', () => expect(examples.codes).toHaveLength(2));

interface Record {
  readonly cells: readonly RankCell[];
}
const { cells } = JSON.parse(readFileSync(join(root, 'bench/results/reproduce/rank.json'), 'utf8')) as Record;

/** Tables as their cells alone: how columns are aligned is not compared. */
const rows = (table: string): string[] =>
  table.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-'));

test('the tables of the document are those of the record, which has every row and a thousand runs', () => {
  const known = rankGroups.flatMap((group) => group.rows.map(({ name }) => name));
  expect([...cells.map(({ row }) => row)].sort()).toEqual([...known].sort());
  expect(cells.reduce((sum, { runs }) => sum + runs, 0)).toBeGreaterThanOrEqual(1000);
  const lines = rows(text);
  for (const line of rows(confidenceTable(cells))) expect(lines).toContain(line);
  const hard = cells.filter(({ group }) => group === 'difficult on purpose');
  for (const { row, runs, right } of hard)
    expect(lines.some((line) => line.startsWith(`| ${row} | ${right} of ${runs} |`))).toBe(true);
});
