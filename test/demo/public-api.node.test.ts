// The page is built on the public API alone, as any other web app: its views and its worker import the library's entry points and
// nothing inside.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, root } from '../support/project-files.js';

const entries = ['src/index.js', 'src/io/index.js', 'src/problems/index.js'];

test('views, shell, plots, worker and examples import entry points of the library only', () => {
  const files = projectFiles(['demo'], /\.ts$/).filter((file) => /^demo\/(\w+\/|main\.ts)/.test(file));
  expect(files.length).toBeGreaterThan(30);
  const found = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)].map(([, specifier = '']) => specifier);
    return specifiers
      .map((specifier) => posix.join(posix.dirname(file), specifier))
      .filter((to) => to.startsWith('src/'));
  });
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter((to) => !entries.includes(to))).toEqual([]);
});
