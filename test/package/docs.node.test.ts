// The pages that `npm run docs` makes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../support/project-files.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('documents and reference become pages, without a dead link', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/node/docs.ts', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).not.toMatch(/warning|error/);
  expect(status).toBe(0);
  const page = (path: string): string => readFileSync(join(folder, path), 'utf8');
  expect(page('functions/index.decompose.html')).toContain('Finds the rank-one components');
  const headings = readdirSync(join(root, 'docs')).map((name) => readFileSync(join(root, 'docs', name), 'utf8'));
  for (const [, heading] of headings.map((text) => /^# (.+)$/m.exec(text) ?? []))
    expect(page('modules.html'), 'the list of documents').toContain(heading);
  // A default and a range of an option, from its table.
  expect(page('documents/Options_of_the_algorithms.html')).toMatch(
    /<code>initScale<\/code>.*a number above 0.*0\.001/s,
  );
});
