// What the command line writes where it cannot be written, and names that would move the cursor of a terminal.
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeNpy } from '../../src/io/index.js';
import { callCli } from '../support/call-cli.js';
import { cliFile } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = writeNpy({ shape: [3, 4, 2], data: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)) });
writeFileSync(join(folder, 'good.npy'), bytes);

/** A device that has no room for anything. */
const full = '/dev/full';

test
  .runIf(existsSync(full))
  .each(['help', 'decompose good.npy --rank 1', 'decompose good.npy --rank 1 --json', 'info --json'])(
  'polyadic %s > /dev/full ends with one line',
  (words) => {
    const stdout = openSync(full, 'w');
    const { status, stderr } = spawnSync(process.execPath, [cliFile, ...words.split(' ')], {
      cwd: folder,
      stdio: ['ignore', stdout, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(stdout);
    expect(stderr).toMatch(
      /^polyadic: expected output that can be written, got ENOSPC[^\n]*\. Free some space, or write elsewhere\.\n$/,
    );
    expect(status).toBe(1);
  },
);

const evil = '\x1b]0;title\x07\x1b[31m\x9b2J\nname';

test('control characters of names reach no terminal', async () => {
  writeFileSync(join(folder, `${evil}.npy`), bytes);
  writeFileSync(join(folder, `${evil}.csv`), `a${evil.replace('\n', '')},b,value\nx\x1b[5m,y,1\nz,w\x07,2\nx,w,3\n`);
  for (const words of [
    ['decompose', `${evil}.npy`, '--rank', '1', '--out', `${evil}-out`],
    ['decompose', `${evil}.csv`, '--rank', '1'],
    ['decompose', `${evil}.txt`],
    ['ranks', `${evil}.npy`],
    [evil],
    ['decompose', `--${evil}`],
    ['match', `${evil}-out`, `${evil}-out`],
    ['match', evil, evil],
  ]) {
    const { stdout, stderr } = await callCli(words, { cwd: folder });
    expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(`${stdout}${stderr}`).not.toBe('');
  }
});

test('a file that is too large is refused by its size', async () => {
  writeFileSync(join(folder, 'large.npy'), '');
  // Sparse: it takes no room.
  truncateSync(join(folder, 'large.npy'), 3 * 2 ** 30);
  const { code, stderr } = await callCli(['decompose', 'large.npy'], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'polyadic: large.npy: expected a file of at most 2 GiB, got one of 3221225472 bytes. Save part of it, or its numbers in fewer bytes.\n',
  );
});
