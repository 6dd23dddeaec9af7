// What people type out of habit, and what they get: help and version in every spelling, letters for options, standard input and
// output, an earlier result that is not lost, a picture, a page, options from a file, completion of the shell.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { plantedCp } from '../../src/problems/index.js';
import { writeNpy } from '../../src/io/index.js';
import { cliFile, runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-habits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 2, seed: 1 });
const bytes = writeNpy(tensor);
writeFileSync(join(folder, 'tensor.npy'), bytes);
const run = (line: string) => runCli(line.split(' ').filter(Boolean), { cwd: folder });
const quickly = 'decompose tensor.npy -r 2';

const habits: [string, number, RegExp][] = [
  ['', 0, /^Finds the rank-one components[\s\S]*decompose INPUT/],
  ['help', 0, /^Finds the rank-one components/],
  ['-h', 0, /^Finds the rank-one components/],
  ['--help', 0, /^Finds the rank-one components/],
  ['help decompose', 0, /^CP decomposition of a tensor in a file\.[\s\S]*-r, --rank R\|auto[\s\S]*Examples:/],
  ['decompose -h', 0, /^CP decomposition of a tensor in a file\./],
  [
    'help complete',
    0,
    /--rank R\|auto +components at most; auto \(default\): as few as the data\s+pay for\n[\s\S]*--smooth[^-]*48 at most[\s\S]*\nLosses:\n\n  l2 {10}/,
  ],
  ['version', 0, /^\d+\.\d+\.\d+\n$/],
  ['-v', 0, /^\d+\.\d+\.\d+\n$/],
  ['--version', 0, /^\d+\.\d+\.\d+\n$/],
  ['examples', 0, /^unemployment +US unemployment.*\n$/],
  [`${quickly} --json`, 0, /^\{.*"rank":2/],
  ['completion bash', 0, /complete -o filenames -F _polyadic polyadic/],
  ['completion zsh', 0, /^#compdef polyadic/],
  ['completion fish', 0, /complete -c polyadic -n '__fish_seen_subcommand_from decompose' -l rank/],
];

test.each(habits)('polyadic %s', async (line, code, printed) => {
  const found = await run(line);
  expect(found).toMatchObject({ code, stderr: '' });
  expect(found.stdout).toMatch(printed);
});

const wrong: [string, RegExp][] = [
  ['help decompse', /Did you mean decompose\?/],
  ['completion tcsh', /expected a known shell \(bash, zsh, fish\), got tcsh/],
  [
    'examples unemploiment',
    /expected a known example \(unemployment\), got unemploiment\. Did you mean unemployment\?/,
  ],
  ['examples unemployment twice', /expected \[NAME\], got unemployment twice/],
  ['examples unemployment --known known.npy', /expected a known option/],
  [`${quickly} --config none.json`, /--config: expected a \.json file, got none\.json/],
];
test.each(wrong)('polyadic %s is refused in one line', async (line, message) => {
  const { code, stderr } = await run(line);
  expect(code).toBe(2);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(message);
});

test.each(['', 'decompose', 'ranks', 'complete', 'examples', 'generate', 'match', 'info', 'completion'])(
  'help %s fits 80 columns',
  async (command) => {
    const { stdout } = await run(`help ${command}`);
    // Examples are commands to copy, which are not broken.
    const prose = stdout.split('\n').filter((line) => !line.startsWith('  polyadic') && Array.from(line).length > 80);
    expect(prose).toEqual([]);
  },
);

describe('standard input and output', () => {
  const piped = (input: Uint8Array | string) =>
    spawnSync(process.execPath, [cliFile, 'decompose', '-', '-r', '2', '-o', '-'], {
      cwd: folder,
      input,
      encoding: 'utf8',
    });

  test('a .npy is told by its first bytes, and - as output prints the result', () => {
    const { status, stdout } = piped(bytes);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rank: 2, input: '-' });
  });

  test('entries with commas are a .csv', () => {
    const lines = ['i,j,k,value'];
    for (let at = 0; at < 120; at++) {
      lines.push(`${Math.floor(at / 20)},${Math.floor(at / 4) % 5},${at % 4},${tensor.data[at]}`);
    }
    const { status, stdout } = piped(lines.join('\n'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rank: 2 });
  });
});

test('- as the file of a picture or a page prints it', async () => {
  const picture = await run(`${quickly} --plot -`);
  expect(picture).toMatchObject({ code: 0, stderr: '' });
  expect(picture.stdout).toMatch(/^<svg [\s\S]*<\/svg>\n?$/);
  expect((await run(`${quickly} --html -`)).stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n?$/i);
  const both = await run(`${quickly} --html - -o -`);
  expect(both.code).toBe(2);
  expect(both.stderr).toMatch(/expected one output for standard output, got --out - and --html -/);
});

describe('completion in bash', () => {
  const completed = async (...words: string[]): Promise<string[]> => {
    const { stdout: script } = await run('completion bash');
    const line = words.map((word) => `'${word}'`).join(' ');
    const asked = `COMP_WORDS=(polyadic ${line}); COMP_CWORD=${words.length}; _polyadic; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', `${script}\n${asked}`], { cwd: folder, encoding: 'utf8' });
    return stdout.split('\n').filter(Boolean);
  };

  test.each([
    [['dec'], ['decompose']],
    [['decompose', '--ran'], ['--rank']],
    [['decompose', 'tens'], ['tensor.npy']],
    [['help', 'ra'], ['ranks']],
    [['completion', 'f'], ['fish']],
    [['generate', 'ob'], ['observed']],
    [['examples', 'un'], ['unemployment']],
  ])('%j', async (words, expected) => {
    expect(await completed(...words)).toEqual(expected);
  });
});

test('an earlier result is replaced only with --force', async () => {
  expect(await run(`${quickly} -o kept --quiet`)).toMatchObject({ code: 0 });
  const again = await run(`${quickly} -o kept --quiet`);
  expect(again.code).toBe(2);
  expect(again.stderr).toMatch(/got kept with an earlier result in it\. Add --force to replace it/);
  expect(await run(`${quickly} -o kept --quiet --force`)).toMatchObject({ code: 0 });
});

test('a picture and a page hold the components, with the names of the .json beside the file', async () => {
  writeFileSync(join(folder, 'named.npy'), bytes);
  const modes = ['sample', 'emission & <more>', 'excitation'];
  writeFileSync(join(folder, 'named.json'), JSON.stringify({ modes, labels: [['a', 'b', 'c', 'd', 'e', 'f']] }));
  const { code } = await run('decompose named.npy -r 2 --plot named.svg --html named.html --quiet');
  expect(code).toBe(0);
  const svg = readFileSync(join(folder, 'named.svg'), 'utf8');
  expect(svg).toMatch(/^<svg [\s\S]*component 2[\s\S]*sample[\s\S]*<title>a: /);
  expect(svg).toContain('emission &amp; &lt;more&gt;');
  const page = readFileSync(join(folder, 'named.html'), 'utf8');
  expect(page).toContain('emission &amp; &lt;more&gt;');
  expect(page).toContain('polyadic decompose named.npy -r 2');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
});

test('--config takes options from a file, and computes an earlier result again', async () => {
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ rank: 2, seed: 5 }));
  const { stdout } = await run('decompose tensor.npy --config run.json --json');
  expect(JSON.parse(stdout)).toMatchObject({ rank: 2, seed: 5 });
  await run(`${quickly} --seed 7 -o earlier --quiet`);
  const again = await run('decompose --config earlier/result.json');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toContain('the answer agrees with earlier/result.json: factor match score 1.0000');
  const typed = await run('decompose tensor.npy --config earlier/result.json --rank 1 --json');
  expect(JSON.parse(typed.stdout)).toMatchObject({ rank: 1, seed: 7 });
});
