// Files of MATLAB and Tensor Toolbox on the command line: arrays of a .mat by name, texts of every kind, components out and in again.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import fixtures from '../data/mat/fixtures.json';
import { readKtensor, writeToolboxTensor } from '../../src/io/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-toolbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = (line: string) => runCli(line.split(' '), { cwd: folder });
const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
write('one.mat', Buffer.from(fixtures['one, compressed'].mat, 'base64'));
write('several.mat', Buffer.from(fixtures['single, vector, scalar'].mat, 'base64'));
const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1 });
write('dense.tns', writeToolboxTensor(tensor));

test('arrays of a .mat by name', async () => {
  expect((await run('decompose one.mat --rank 2')).stdout).toMatch(/^input +one\.mat: dense 4 × 3 × 2/m);
  expect((await run('decompose several.mat:single --rank 2')).stdout).toMatch(/dense 4 × 3 × 2/);
  const { code, stderr } = await run('decompose several.mat');
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /several\.mat: expected one array, got 3 \(single, vector, scalar\)\. Name one, as in several\.mat:single/,
  );
});

test('a tensor called .tns, its components as a ktensor, and a run that begins there', async () => {
  const first = await run('decompose dense.tns --rank 2 --ktensor model.tns --json');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(first.stdout)).toMatchObject({ rank: 2, files: ['model.tns'] });
  expect(readKtensor(readFileSync(join(folder, 'model.tns'))).factors.map(({ rows }) => rows)).toEqual([6, 5, 4]);
  expect((await run('match model.tns model.tns')).stdout).toMatch(/^factor match score 1\.000000/);
  const again = await run('decompose dense.tns --algorithm als --init model.tns --json');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect((JSON.parse(again.stdout) as { relativeError: number }).relativeError).toBeLessThan(1e-6);
  expect((await run('decompose dense.tns --rank 2 --ktensor -')).stdout).toMatch(/^ktensor\n3\n6 5 4\n2\n/);
});
