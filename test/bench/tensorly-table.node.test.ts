// The table beside TensorLy in the documents is that of the record.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tensorlyTable, type Measured } from '../../bench/peers/tensorly-table.js';
import { root } from '../support/project-files.js';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** How columns are aligned is not compared. */
const lines = (text: string): string[] =>
  text.split('\n').map((line) => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-'));

test('docs/performance.md shows every line of the record', () => {
  const { measured } = JSON.parse(read('bench/results/tensorly-2026-11-30.json')) as { measured: Measured[] };
  const document = lines(read('docs/performance.md'));
  const table = lines(tensorlyTable(measured));
  expect(table).toHaveLength(2 + measured.length);
  for (const line of table) expect(document).toContain(line);
});
