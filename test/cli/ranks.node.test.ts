// `polyadic ranks`: the table and the verdict that decompose prints, alone, as a report or as JSON.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kruskalToJson, writeNpy } from '../../src/io/index.js';
import { orthogonal, plantedCp } from '../../src/problems/index.js';
import { callCli } from '../support/call-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-ranks-'));
const cli = (words: string) => callCli(words.split(' '), { cwd: folder });

beforeAll(() => {
  const { tensor } = plantedCp({ shape: [14, 15, 16], rank: 3, noise: 0.1, seed: 1 });
  writeFileSync(join(folder, 'tensor.npy'), writeNpy(tensor));
  const symmetric = orthogonal({ order: 3, dim: 6, rank: 2, seed: 1 }).truth;
  writeFileSync(join(folder, 'symmetric.json'), JSON.stringify(kruskalToJson(symmetric)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the report has the verdict and the table of decompose', async () => {
  const { code, stdout, stderr } = await cli('ranks tensor.npy');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('rank            rank 3 (sure)\n');
  expect(stdout).toContain('dense 14 × 15 × 16, 3,360 entries');
  const whole = await cli('decompose tensor.npy');
  const table = (text: string): string[] => {
    const lines = text.split('\n');
    const from = lines.findIndex((line) => line.startsWith('ranks '));
    return lines.slice(from, from + 2);
  };
  expect(table(stdout)[1]).toMatch(/3\*/);
  expect(table(stdout)).toEqual(table(whole.stdout));
});

test('JSON is the choice of the rank, one object', async () => {
  const { code, stdout } = await cli('ranks tensor.npy --json --max-rank 2 --seed 4');
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as { rank: number; confidence: string; seed: number; candidates: object[] };
  expect(found).toMatchObject({ confidence: 'open', seed: 4 });
  expect(found.candidates).toHaveLength(2);
});

test('what cannot be is refused in one line', async () => {
  const refused = async (words: string): Promise<string> => {
    const { code, stdout, stderr } = await cli(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };
  expect(await refused('ranks symmetric.json')).toMatch(/expected a dense tensor, got a symmetric one\. .*\n$/);
  expect(await refused('ranks tensor.npy --max-rank 0')).toContain(
    'expected --max-rank to be an integer from 1, got 0',
  );
  expect(await refused('ranks tensor.npy --rank 3')).toContain('expected a known option');
});
