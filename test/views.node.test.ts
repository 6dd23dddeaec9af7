// What it takes to add a view to the demo: a folder with view.ts, settings.ts and job.ts, a row in demo/views/views.ts and its jobs in
// demo/worker/jobs.ts. Every view there is has these, and no other file of the demo names one.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobs } from '../demo/worker/jobs.js';
import { views } from '../demo/views/views.js';
import { projectFiles, root } from './support/project-files.js';

const tables = ['demo/views/views.ts', 'demo/worker/jobs.ts'];
const names = Object.keys(views);

test.each(names)('%s: three files, and named by the two tables alone', (name) => {
  const folder = `demo/views/${name}`;
  expect(['view.ts', 'settings.ts', 'job.ts'].filter((file) => !existsSync(join(root, folder, file)))).toEqual([]);
  const imported = new RegExp(`['"](\\.\\./|\\./)*(views/)?${name}/`);
  const naming = projectFiles(['demo'], /\.(ts|html|css)$/)
    .filter((file) => !file.startsWith(`${folder}/`))
    .filter((file) => imported.test(readFileSync(join(root, file), 'utf8')));
  expect(naming).toEqual(tables);
});

test.each(names)('%s: its job runs in the worker', async (name) => {
  expect(Object.keys(jobs)).toContain(name);
  expect(await jobs[name as keyof typeof jobs]()).toBeInstanceOf(Function);
});
