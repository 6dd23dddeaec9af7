// The table of the cpu backend in the documents is that of the record.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BenchRecord } from '../../bench/record.js';
import { reportTable } from '../../bench/report.js';
import { root } from '../support/project-files.js';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** How columns are aligned is not compared. */
const rowsOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-'));

test('docs/performance.md shows every line of the record', () => {
  const record = JSON.parse(read('bench/results/cpu-chromium-2026-11-30.json')) as BenchRecord;
  const document = rowsOf(read('docs/performance.md'));
  const table = rowsOf(reportTable(record));
  expect(record.failures).toEqual([]);
  expect(table.length).toBeGreaterThan(2);
  for (const line of table) expect(document).toContain(line);
});
