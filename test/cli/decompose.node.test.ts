// `polyadic decompose`, `match` and `info` as their users see them: reports, JSON, files, exit codes, signals.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zeroNotices } from '../../src/cli/run.js';
import { factorMatchScore, toDense, type Decomposition } from '../../src/index.js';
import { kruskalFromJson, kruskalToJson, readNpy, writeNpy } from '../../src/io/index.js';
import { orthogonal, plantedCp } from '../../src/problems/index.js';
import { callCli } from '../support/call-cli.js';
import { cliFile, interruptCli, runCli, runProcess, type Finished } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-cli-'));
const at = (...names: string[]) => join(folder, ...names);
const { truth } = plantedCp({ shape: [7, 6, 5], rank: 2, seed: 3 });
const symmetric = orthogonal({ order: 3, dim: 6, rank: 2, seed: 1 }).truth;
const cli = (words: string) => callCli(words.split(' '), { cwd: folder });
/** In a process of its own, whose environment says more. */
const cliWith = (env: Record<string, string>, words: string) => runCli(words.split(' '), { cwd: folder, env });
const cpu = '--backend cpu';

const summaryKeys =
  'relativeError errorFloor rank width stop advice starts steps seconds backend adapter algorithm loss seed files'.split(
    ' ',
  );

interface Summary {
  relativeError: number;
  rank: number;
  width: number;
  stop: string;
  steps: number;
  backend: string;
  algorithm: string;
  files: string[];
  rankChoice?: object;
}

/** The one JSON object that a successful run prints; nothing but notices elsewhere. */
function parsed({ code, stdout, stderr }: Finished, notices = ''): Summary {
  expect({ code, stderr }).toEqual({ code: 0, stderr: notices });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Summary;
}

beforeAll(() => {
  const { shape, data } = toDense(truth);
  writeFileSync(at('tensor.npy'), writeNpy({ shape, data }));
  writeFileSync(at('factors.json'), JSON.stringify(kruskalToJson(truth)));
  writeFileSync(at('symmetric.json'), JSON.stringify(kruskalToJson(symmetric)));
  const noise = Float64Array.from({ length: 60 ** 3 }, (_, i) => Math.sin(i * i));
  writeFileSync(at('long.npy'), writeNpy({ shape: [60, 60, 60], data: noise }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('nonnegative and fixed factors', () => {
  const { tensor } = plantedCp({ shape: [8, 7, 6], rank: 2, seed: 5, noise: 0.05 });
  beforeAll(() => {
    writeFileSync(at('signed.npy'), writeNpy({ shape: tensor.shape, data: tensor.data }));
    const negative = tensor.data.map((value) => -1 - Math.abs(value));
    writeFileSync(at('below.npy'), writeNpy({ shape: tensor.shape, data: negative }));
  });

  const resultOf = (folderName: string) =>
    JSON.parse(readFileSync(at(folderName, 'result.json'), 'utf8')) as Summary & {
      kktResidual: number;
      notices: string[];
      factors: number[][][];
    };

  const hasNegative = (factor: number[][]): boolean => factor.some((row) => row.some((value) => value < 0));

  test.each([
    ['decompose signed.npy --rank 2 --nonnegative --out kept-all', 'kept-all', [0, 1, 2]],
    ['decompose --nonnegative signed.npy --rank 2 --out kept-first', 'kept-first', [0, 1, 2]],
    ['decompose --nonnegative 1,2 signed.npy --rank 2 --out kept-two', 'kept-two', [1, 2]],
    ['decompose signed.npy --rank 2 --out kept-one --nonnegative=1', 'kept-one', [1]],
  ])('%s', async (words, out, modes) => {
    const { code, stdout, stderr } = await cli(`${words} ${cpu}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^KKT residual +\d/m);
    const { factors, kktResidual } = resultOf(out);
    // √(2 · tolerance) times an error of 1 at most.
    expect(kktResidual).toBeLessThan(Math.sqrt(2e-9));
    const negative = factors.flatMap((factor, mode) => (hasNegative(factor) ? [mode] : []));
    expect(negative).toEqual([0, 1, 2].filter((mode) => !modes.includes(mode)));
  });

  test('--fixed keeps the factors of --init', async () => {
    await cli(`decompose signed.npy --rank 2 --out free ${cpu}`);
    const words = `decompose signed.npy --fixed 0,2 --init free --nonnegative 1 --out fixed ${cpu}`;
    const { code, stderr } = await cli(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const free = resultOf('free');
    const fixed = resultOf('fixed');
    for (const mode of [0, 2]) expect(fixed.factors[mode]).toEqual(free.factors[mode]);
    expect(hasNegative(fixed.factors[1]!)).toBe(false);
  });

  test('negative data have no nonnegative model, in words', async () => {
    const { code, stdout } = await cli(`decompose below.npy --nonnegative ${cpu}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/No entry is positive/);
    expect(stdout).toMatch(/^notices +the model is zero .* Leave out --nonnegative/m);
  });

  test.each([
    ['--nonnegative=x', 'expected modes such as 0,2 after --nonnegative, got x'],
    ['--nonnegative x', 'expected modes such as 0,2 after --nonnegative, got x'],
    ['-- --nonnegative x', 'expected INPUT, got signed.npy --nonnegative x.'],
    ['--nonnegative 5', 'expected --nonnegative to be true, false or a list of different modes from 0 to 2, got [5]'],
    ['--fixed 0', 'expected init with fixed, got none'],
    ['--nonnegative --algorithm als', 'als: expected no nonnegative, got it. Only '],
  ])('%s is refused', async (words, message) => {
    const { code, stderr } = await cli(`decompose signed.npy ${words}`);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each(['decompose', 'complete'])('%s --nonnegative x INPUT names the option', async (command) => {
    const { code, stderr } = await cli(`${command} --nonnegative x signed.npy`);
    expect(code).toBe(2);
    expect(stderr).toContain('expected modes such as 0,2 after --nonnegative, got x');
  });
});

test('entries with coordinates are a sparse tensor: what is not listed is 0, what is listed twice adds up', async () => {
  const { shape, data } = toDense(truth);
  const lines = Array.from(data, (value, cell) => {
    const index = [Math.floor(cell / 30), Math.floor(cell / 5) % 6, cell % 5].map((k) => k + 1).join(' ');
    return `${index} ${value / 4}\n${index} ${(3 * value) / 4}\n`;
  });
  writeFileSync(at('sparse.tns'), lines.join(''));
  const twice = 'polyadic: sparse.tns: 210 of 420 entries repeat a cell; their values are added up\n';
  const { relativeError } = parsed(await cli(`decompose sparse.tns --rank 2 --json --out sparse ${cpu}`), twice);
  expect(relativeError).toBeLessThan(1e-8);
  const found = kruskalFromJson(JSON.parse(readFileSync(at('sparse', 'result.json'), 'utf8')));
  expect(factorMatchScore(found, truth)).toBeGreaterThan(0.999);
  expect(shape).toEqual([7, 6, 5]);
});

test('finds the rank where none is given, and says what starts came to', async () => {
  const { code, stdout } = await cli(`decompose tensor.npy ${cpu}`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^algorithm +compressed, rank 2, seed 0$/m);
  expect(stdout).toMatch(/^stop +converged/m);
  expect(stdout).toMatch(/^rank +rank 2 \(sure\)$/m);
  expect(stdout).toMatch(/^ranks +rank +error/m);
  expect(stdout).toMatch(/^ +2\* /m);
  const { rankChoice } = parsed(await cli(`decompose tensor.npy ${cpu} --json`));
  expect(rankChoice).toMatchObject({ rank: 2, confidence: 'sure', verdict: 'rank 2' });
});

test('takes zeros and numbers whose squares no float holds', async () => {
  const { shape, data } = toDense(truth);
  writeFileSync(at('zeros.npy'), writeNpy({ shape, data: data.map(() => 0) }));
  writeFileSync(at('huge.npy'), writeNpy({ shape, data: data.map((value) => value * 1e160) }));
  expect(parsed(await cli(`decompose zeros.npy --rank 2 --json --quiet --out zeros ${cpu}`))).toMatchObject({
    relativeError: 0,
    rank: 0,
    stop: 'converged',
  });
  const huge = parsed(await cli(`decompose huge.npy --rank 2 --json ${cpu}`));
  expect(huge.relativeError).toBeLessThan(1e-12);
  expect((await cli(`decompose huge.npy --rank 2 ${cpu}`)).stdout).toMatch(/^norm +[\d.]+e\+160$/m);
  expect((await cli('match zeros zeros')).code).toBe(0);
});

describe('decompose', () => {
  test('prints the pinned keys as JSON and writes a result that is the truth', async () => {
    const summary = parsed(await cli(`decompose tensor.npy --rank 2 --seed 1 ${cpu} --json --out made/here`));
    expect(Object.keys(summary)).toEqual(summaryKeys);
    expect(summary).toMatchObject({ rank: 2, width: 2, stop: 'converged', backend: 'cpu', algorithm: 'compressed' });
    expect(summary.relativeError).toBeLessThan(1e-6);
    const names = ['result.json', 'weights.npy', 'factor-0.npy', 'factor-1.npy', 'factor-2.npy'];
    expect(summary.files).toEqual(names.map((name) => join('made', 'here', name)));
    expect(readdirSync(at('made', 'here')).sort()).toEqual(names.sort());
    expect(readdirSync(at('made'))).toEqual(['here']);
    const model = kruskalFromJson(JSON.parse(readFileSync(at('made', 'here', 'result.json'), 'utf8')));
    expect(factorMatchScore(model, truth)).toBeGreaterThan(0.9999);
    const factor = readNpy(readFileSync(at('made', 'here', 'factor-1.npy')));
    expect(factor.shape).toEqual([6, 2]);
    expect(factor.data).toEqual('factors' in model ? model.factors[1]?.data : undefined);
  });

  test('reports to people: input, backend, algorithm, stop, error, weights', async () => {
    const { code, stdout, stderr } = await cli(`decompose tensor.npy --rank 2 ${cpu}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^input +tensor\.npy: dense 7 × 6 × 5, 210 entries$/m);
    expect(stdout).toMatch(/^backend +cpu, float64 on the CPU: asked for by name$/m);
    expect(stdout).toMatch(/^algorithm +compressed, rank 2, seed 0$/m);
    expect(stdout).toMatch(/^stop +converged after \d+ steps, [\d.]+ s$/m);
    expect(stdout).toMatch(/^relative error +\d/m);
    expect(stdout).not.toContain('\x1b');
  });

  test('keeps to ASCII where the locale does, and paints only when asked to', async () => {
    const { stdout } = await cliWith({ LC_ALL: 'C', FORCE_COLOR: '1' }, `decompose tensor.npy --rank 2 ${cpu}`);
    expect(stdout).toContain('7 x 6 x 5');
    expect(stdout).toContain('\x1b[');
    expect(Array.from(stdout).every((letter) => letter.charCodeAt(0) < 128)).toBe(true);
    expect((await cliWith({ LC_ALL: 'C', NO_COLOR: '1' }, 'decompose --help')).stdout).toContain('factor-0.npy ...');
  });

  test('says what to do when the steps run out, and nothing when told to be quiet', async () => {
    const { code, stdout } = await cli(`decompose tensor.npy --algorithm als --rank 2 --max-steps 2 --starts 1 ${cpu}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/stepLimit after \d+ steps/);
    expect(stdout).toContain('Raise --max-steps');
    expect(await cli(`decompose tensor.npy --rank 2 --quiet ${cpu}`)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('takes a factored input: staged or vanilla on a symmetric one, compressed on a general one', async () => {
    const vanilla = parsed(
      await cli(
        `decompose symmetric.json --algorithm vanilla --width 8 --init-scale 0.2 ${cpu} --json --out symmetric`,
      ),
    );
    expect(vanilla).toMatchObject({ algorithm: 'vanilla', width: 8, stop: 'converged' });
    expect(vanilla.relativeError).toBeLessThan(1.1e-2);
    expect(readdirSync(at('symmetric')).sort()).toEqual(['result.json', 'vectors.npy', 'weights.npy']);
    const usual = parsed(await cli(`decompose symmetric.json ${cpu} --json`));
    expect(usual).toMatchObject({ algorithm: 'staged', stop: 'converged' });
    const general = parsed(await cli(`decompose factors.json --rank auto ${cpu} --json`));
    expect(general).toMatchObject({ algorithm: 'compressed', rank: 2, files: [] });
    expect(general.relativeError).toBeLessThan(1e-12);
  });

  test('replaces an earlier result, whole', async () => {
    mkdirSync(at('again'));
    parsed(await cli(`decompose tensor.npy --rank 3 --max-steps 5 ${cpu} --json --out again`));
    parsed(await cli(`decompose symmetric.json --max-steps 5 ${cpu} --json --force --out again/`));
    expect(readdirSync(at('again')).sort()).toEqual(['result.json', 'vectors.npy', 'weights.npy']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('gives the same numbers for the same seed', async () => {
    const run = async () => parsed(await cli(`decompose tensor.npy --rank 2 --seed 7 ${cpu} --json`));
    const { relativeError, steps } = await run();
    const second = await run();
    expect(second).toMatchObject({ relativeError, steps });
  });

  test('stops at Ctrl-C with what there is', async () => {
    const words =
      'decompose long.npy --algorithm als --rank 8 --tolerance 0 --max-steps 1000000 --json --out stopped --backend cpu';
    const { code, stdout, stderr } = await interruptCli(words.split(' '), { cwd: folder });
    expect(stderr).toBe('polyadic: stopping with what there is; again to quit at once\n');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ stop: 'aborted' });
    expect(existsSync(at('stopped', 'result.json'))).toBe(true);
  });

  test('a run that was stopped before it found anything says nothing of the values', () => {
    const empty = { kruskal: { weights: new Float64Array(1), factors: [] } } as unknown as Decomposition;
    expect(zeroNotices({ ...empty, stop: 'aborted' })).toEqual([]);
    expect(zeroNotices({ ...empty, stop: 'converged' })).toHaveLength(1);
  });

  test('fails in one line and with exit code 1 where webgpu is asked for and there is no adapter', async () => {
    const nowhere = { VK_DRIVER_FILES: '/nonexistent', VK_ICD_FILENAMES: '/nonexistent' };
    const words = 'decompose tensor.npy --rank 2 --json --out none --backend';
    const { code, stdout, stderr } = await cliWith(nowhere, `${words} webgpu`);
    if (code === 0) {
      console.log('skipped: this machine has an adapter that no variable hides');
      return;
    }
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^polyadic: expected a WebGPU adapter [^\n]*got none: [^\n]*\. Use --backend cpu[^\n]*\n$/);
    expect(existsSync(at('none'))).toBe(false);
    expect(parsed(await cliWith(nowhere, `${words} auto`))).toMatchObject({ backend: 'cpu' });
  });
});

describe('match', () => {
  test('scores results, whatever their form', async () => {
    parsed(await cli(`decompose tensor.npy --rank 2 ${cpu} --json --out matched`));
    const { code, stdout } = await cli('match matched factors.json --json');
    const match = JSON.parse(stdout) as { score: number; permutation: number[]; perComponent: number[] };
    expect(code).toBe(0);
    expect(Object.keys(match)).toEqual(['score', 'permutation', 'perComponent']);
    expect(match.score).toBeGreaterThan(0.9999);
    expect(match.permutation.toSorted()).toEqual([0, 1]);
    expect((await cli('match matched matched/result.json')).stdout).toMatch(/^factor match score 1\.000000/);
  });

  test('refuses tensors of two shapes', async () => {
    const { code, stderr } = await cli('match factors.json symmetric.json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^polyadic: .*\[7, 6, 5\] and \[6, 6, 6\].*\n$/);
  });
});

describe('around it', () => {
  test('info tells the backend, why, and the versions', async () => {
    const { code, stdout, stderr } = await cli('info');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^versions +polyadic \d+\.\d+\.\d+, node [\d.]+, webgpu/m);
    expect(stdout).toMatch(/^auto +takes (cpu|webgpu): /m);
    expect(stdout).toMatch(/^cpu +float64 on the CPU/m);
    const json = JSON.parse((await cli('info --backend cpu --json')).stdout) as { chosen: object; others: object[] };
    expect(json).toMatchObject({ chosen: { backend: 'cpu', precision: 64 }, others: [] });
  });

  test('info --self-test compares every operation with float64', async () => {
    const { code, stdout } = await cli('info --self-test --backend cpu');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^self-test +all \d+ operations agree with float64/m);
    expect(stdout).toMatch(/^mttkrpDense +0\.0e\+0$/m);
    const { selfTest } = JSON.parse((await cli('info --self-test --backend cpu --json')).stdout) as {
      selfTest: object[];
    };
    expect(selfTest[0]).toEqual({ operation: 'columnNorms', error: 0, passed: true });
  });

  test('help and version', async () => {
    expect((await cli('--help')).stdout).toMatch(
      /decompose INPUT [\s\S]*ranks INPUT [\s\S]*complete INPUT [\s\S]*generate KIND [\s\S]*match A B [\s\S]*info /,
    );
    expect((await cli('match --help')).stdout).toContain('Usage: polyadic match A B [options]');
    expect((await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('ends quietly when nobody reads on', async () => {
    const command = `"${process.execPath}" "${cliFile}" decompose --help | head -n 1`;
    const { code, stdout, stderr } = await runProcess('bash', ['-o', 'pipefail', '-c', command]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'CP decomposition of a tensor in a file.\n',
      stderr: '',
    });
  });

  test('runs by npm, with nothing of npm around the JSON', async () => {
    const words = ['run', '--silent', 'polyadic', '--', 'decompose', at('tensor.npy'), '--rank', '2', '--json'];
    const { code, stdout } = await runProcess('npm', words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rank: 2 });
  });
});
