// A run that is killed and goes on ends with the bits of one that was not; a file of another run is refused.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpy } from '../../src/io/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { cliFile, runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, shape: readonly number[], seed: number): void => {
  const { tensor } = plantedCp({ shape, rank: 5, noise: 0.3, seed });
  writeFileSync(join(folder, name), writeNpy(tensor));
};
write('tensor.npy', [30, 28, 26], 1);
write('other.npy', [30, 28, 26], 2);
write('small.npy', [6, 5, 4], 1);
writeFileSync(join(folder, 'cube.npy'), writeNpy({ shape: [2, 2, 2], data: Float64Array.of(1, 2, 2, 4, 2, 4, 4, 8) }));

const run = (line: string) => runCli(line.split(' '), { cwd: folder });
const als = '--rank 8 --algorithm als --backend cpu --tolerance 0 --finish none --max-steps 300 --quiet';
const resultOf = (name: string): Buffer[] =>
  ['weights.npy', 'factor-0.npy', 'factor-1.npy', 'factor-2.npy'].map((file) => readFileSync(join(folder, name, file)));

/** Killed as soon as the file is there; the signal that ended it. */
function killedAtCheckpoint(line: string, file: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [cliFile, ...line.split(' ')], { cwd: folder, stdio: 'ignore' });
  const watcher = watch(folder, () => {
    if (existsSync(join(folder, file))) child.kill('SIGKILL');
  });
  return new Promise((resolve) =>
    child.on('close', (_, signal) => {
      watcher.close();
      resolve(signal);
    }),
  );
}

test('als that is killed and resumed ends with the same bits', async () => {
  const line = `decompose tensor.npy ${als} --checkpoint run.checkpoint`;
  expect(await run(`decompose tensor.npy ${als} --out straight`)).toMatchObject({ code: 0, stderr: '' });
  expect(await killedAtCheckpoint(`${line} --out killed`, 'run.checkpoint')).toBe('SIGKILL');
  const { step } = JSON.parse(readFileSync(join(folder, 'run.checkpoint'), 'utf8')) as { step: number };
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(300);
  expect(existsSync(join(folder, 'killed'))).toBe(false);
  expect(await run(`${line} --resume --out resumed`)).toMatchObject({ code: 0, stderr: '' });
  expect(resultOf('resumed')).toEqual(resultOf('straight'));
  const { history } = JSON.parse(readFileSync(join(folder, 'resumed/result.json'), 'utf8')) as {
    history: { step: number }[];
  };
  expect(history[0]?.step).toBe(step);
  expect(readdirSync(folder).filter((name) => name.startsWith('.run.checkpoint'))).toEqual([]);

  const refused: [string, RegExp][] = [
    [line, /expected a new file, got run\.checkpoint, which exists\. Add --resume/],
    [`${line} --resume --seed 1`, /expected the checkpoint of a run with this tensor and these options/],
    [`${line.replace('tensor', 'other')} --resume`, /expected the checkpoint of a run with this tensor/],
    [line.replace('run.checkpoint', 'other.npy --resume'), /other\.npy: expected a file of --checkpoint/],
  ];
  for (const [words, message] of refused) {
    const { code, stderr } = await run(words);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(message);
  }
});

test('the file is there with --resume or not: the first run begins at the start', async () => {
  const line = 'decompose small.npy --rank 2 --algorithm als --checkpoint deep/run.json --resume --json --quiet';
  const first = await run(line);
  const second = await run(line);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const errorOf = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { relativeError: number }).relativeError;
  expect(errorOf(second)).toBe(errorOf(first));
});

test('another algorithm begins anew at its model, and says so', async () => {
  const line = 'decompose small.npy --rank 3 --checkpoint model.json --resume --json';
  const first = await run(line);
  expect(first.code).toBe(0);
  const second = await run(line);
  expect(second.code).toBe(0);
  expect(second.stderr).toMatch(/the state of compressed is more than a model.*began anew, at the model that it had/);
  expect(JSON.parse(second.stdout)).toMatchObject({ rank: 3 });
});

test.each([
  ['decompose small.npy --checkpoint a.json', /expected --rank with --checkpoint/],
  ['decompose small.npy --resume', /expected --resume with --checkpoint FILE/],
  ['decompose cube.npy --symmetric --algorithm staged --checkpoint a.json', /can begin at a model/],
])('%s is refused in one line', async (line, message) => {
  const { code, stderr } = await run(line);
  expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  expect(stderr).toMatch(message);
  expect(existsSync(join(folder, 'a.json'))).toBe(false);
});
