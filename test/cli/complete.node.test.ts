// `polyadic complete` as its users see it: every kind of file, hidden cells predicted, pictures, reports, JSON, files.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { indexAt, psnr, toDense } from '../../src/index.js';
import { kruskalFromJson, readNpy, readPng, readTns, writeNpy, writePng } from '../../src/io/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { callCli } from '../support/call-cli.js';
import type { Finished } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-complete-'));
const at = (...names: string[]) => join(folder, ...names);
const cli = (words: string) => callCli(words.split(' '), { cwd: folder });
const numbers = (name: string) => readNpy(readFileSync(at(name)));
const fast = '--starts 2 --backend cpu';

interface Summary {
  relativeError: number;
  rank: number;
  loss: string;
  files: string[];
  heldOut: { count: number; relativeError: number; medianError: number; psnr?: number; psnrOfMeanFill?: number } | null;
}

const keys =
  'relativeError errorFloor rank width stop advice starts steps seconds backend adapter algorithm loss seed files heldOut'.split(
    ' ',
  );

/** The one JSON object that a successful run prints; notices alone are on stderr. */
function parsed({ code, stdout, stderr }: Finished, notices = ''): Summary {
  expect({ code, stderr }).toEqual({ code: 0, stderr: notices });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Summary;
}

/** A sky and a lit square, each changing evenly over the picture: four components without negative numbers. */
const picture = { shape: [24, 32, 3], data: new Float64Array(24 * 32 * 3) };
for (let p = 0; p < picture.data.length; p++) {
  const [y = 0, x = 0, channel = 0] = indexAt(p, picture.shape);
  const lit = x >= 8 && x < 16 && y >= 6 && y < 14;
  const colors = lit ? [250 - 2 * x, 200, 60 + 3 * y] : [120 + 4 * y, 150 + 2 * y, 230 - 3 * y];
  picture.data[p] = colors[channel] ?? NaN;
}

const planted = plantedObserved({ shape: [9, 8, 7], rank: 2, seed: 1, share: 0.6 });
const whole = toDense(planted.truth);

beforeAll(async () => {
  const { code } = await cli('generate observed --shape 9x8x7 --rank 2 --seed 1 --share 0.6 --quiet --out planted.tns');
  expect(code).toBe(0);
  const words = 'generate observed --shape 9x8x7 --rank 2 --seed 1 --share 0.6 --quiet --out gaps/';
  expect((await cli(words)).code).toBe(0);
  writeFileSync(at('planted.tns.gz'), gzipSync(readFileSync(at('planted.tns'))));
  writeFileSync(at('picture.png'), writePng(picture));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('complete', () => {
  test(
    'finds planted components in coordinates, and predicts the cells that it hid',
    { timeout: 180_000 },
    async () => {
      const summary = parsed(await cli(`complete planted.tns --hide 0.2 --seed 3 ${fast} --json --out deep/result`));
      expect(Object.keys(summary)).toEqual(keys);
      expect(summary).toMatchObject({ rank: 2, loss: 'l2' });
      // Both fit to the last digits; an error of the factors grows little on the way to a cell.
      expect(summary.relativeError).toBeLessThan(1e-9);
      expect(summary.heldOut).toMatchObject({ count: Math.round(0.2 * planted.target.count) });
      expect(summary.heldOut?.relativeError).toBeLessThan(1e-8);
      expect(summary.heldOut?.medianError).toBeLessThan(1e-8);
      const names = [
        'result.json',
        'weights.npy',
        'factor-0.npy',
        'factor-1.npy',
        'factor-2.npy',
        'completed.npy',
        'std.npy',
      ];
      expect(summary.files).toEqual(names.map((name) => join('deep', 'result', name)));
      expect(readdirSync(at('deep', 'result')).sort()).toEqual(names.sort());
      const match = await cli('match deep/result planted.truth.json --json');
      expect((JSON.parse(match.stdout) as { score: number }).score).toBeGreaterThan(0.999999);
      const record = JSON.parse(readFileSync(at('deep', 'result', 'result.json'), 'utf8')) as object;
      expect(record).toMatchObject({ input: 'planted.tns', shape: [9, 8, 7], heldOut: summary.heldOut, notices: [] });
    },
  );

  test(
    'completes an array with gaps: known cells as given, to the bit, the others predicted',
    { timeout: 180_000 },
    async () => {
      expect(parsed(await cli(`complete gaps/observed.npy --rank 2 ${fast} --json --out filled`)).heldOut).toBeNull();
      const given = numbers('gaps/observed.npy');
      const completed = numbers('filled/completed.npy');
      expect(completed.shape).toEqual([9, 8, 7]);
      const known = readTns(readFileSync(at('planted.tns')));
      expect(Array.from(given.data, Number).filter((value) => !Number.isNaN(value))).toEqual(Array.from(known.values));
      completed.data.forEach((value, i) => {
        if (Number.isNaN(given.data[i])) expect(Math.abs(Number(value) - (whole.data[i] ?? NaN))).toBeLessThan(1e-8);
        else expect(value).toBe(given.data[i]);
      });
    },
  );

  test(
    'draws from the posterior: means over the draws, their spread, and the chains',
    { timeout: 180_000 },
    async () => {
      const words = 'generate observed --shape 9x8x7 --rank 2 --seed 1 --share 0.6 --noise 0.2 --quiet --out noisy/';
      expect((await cli(words)).code).toBe(0);
      const few = '--warm-up 300 --burn-in 300 --max-steps 1100 --width 3 --seed 1';
      const summary = parsed(
        await cli(`complete noisy/observed.npy --bayesian ${few} ${fast} --hide 0.1 --json --out drawn`),
      );
      expect(summary).toMatchObject({ rank: 2, algorithm: 'bayesian', starts: { count: 2 } });
      expect(summary.heldOut?.relativeError).toBeLessThan(0.4);
      const std = numbers('drawn/std.npy');
      expect(std.shape).toEqual([9, 8, 7]);
      expect(std.data.every((value) => Number(value) > 0)).toBe(true);
      // Known cells are as given, with their noise.
      const completed = numbers('drawn/completed.npy');
      const given = numbers('noisy/observed.npy');
      const far = whole.data.filter(
        (value, i) =>
          Number.isNaN(given.data[i]) && Math.abs(Number(completed.data[i]) - value) > 3 * Number(std.data[i]),
      );
      expect(far.length).toBeLessThan(0.05 * whole.data.length);
      const both = await cli('complete gaps/observed.npy --bayesian --algorithm completion');
      expect(both.code).toBe(2);
      expect(both.stderr).toMatch(/--bayesian or --algorithm, got both/);
      const other = await cli('complete gaps/observed.npy --algorithm variational --sampler svgd');
      expect(other.code).toBe(2);
      expect(other.stderr).toMatch(/--sampler with .*bayesian/);
      const unused = await cli('complete gaps/observed.npy --bayesian --tolerance 0.1');
      expect(unused).toMatchObject({ code: 2, stdout: '' });
      expect(unused.stderr).toMatch(/expected no --tolerance with bayesian/);
    },
  );

  test('reads gzip, and reports to people', { timeout: 180_000 }, async () => {
    const { code, stdout, stderr } = await cli(`complete planted.tns.gz --hide 0.1 --rank 2 ${fast}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^input +planted\.tns\.gz: 272 known entries in 9 × 8 × 7, 54 % of its cells$/m);
    expect(stdout).toMatch(/^algorithm +variational, rank 2, seed 0$/m);
    expect(stdout).toMatch(/^loss +l2\nheld out +30 entries: relative error [\d.e-]+, median [\d.e-]+$/m);
    const quiet = await cli(`complete planted.tns.gz --rank 2 --max-steps 50 --quiet ${fast}`);
    expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('reads labels, and tells of repeated cells and of slices without any', { timeout: 180_000 }, async () => {
    // value = (row + 1)(column + 1), rank 1; one cell twice, 0.5 to both sides; a third person who rated nothing.
    const rows = ['ann', 'bob'].flatMap((user, i) =>
      [0, 1, 2, 3].map((item) => `${user},${item},${(i + 1) * (item + 1)}`),
    );
    const text = ['user,item,stars', ...rows, 'bob,1,3.5', 'bob,1,4.5'].join('\n');
    writeFileSync(at('stars.csv'), text);
    const run = await cli(`complete stars.csv --shape 3x4 --rank 1 --max-steps 200 ${fast} --json --out stars`);
    const notices = [
      '2 of 10 entries repeat a cell; each counts, and the cell gets their mean',
      '1 of 3 slices of mode 0 without a known cell (2): nothing tells of them, so do not trust what is predicted there',
    ];
    parsed(run, notices.map((notice) => `polyadic: stars.csv: ${notice}\n`).join(''));
    expect(JSON.parse(readFileSync(at('stars', 'result.json'), 'utf8'))).toMatchObject({
      shape: [3, 4],
      modes: ['user', 'item'],
      value: 'stars',
      known: { cells: 8, share: 8 / 12 },
      labels: [['ann', 'bob'], null],
      notices,
    });
    const { data } = numbers('stars/completed.npy');
    expect(Array.from(data, Number).slice(0, 8)).toEqual([1, 2, 3, 4, 2, 4, 6, 8]);
  });

  test('takes marks of missing cells, and other losses in the units of the data', { timeout: 180_000 }, async () => {
    // Counts 2^(i + j + k), rates of rank 1; the masked cell holds nonsense.
    const counts = Float64Array.from(
      { length: 64 },
      (_, i) => 2 ** indexAt(i, [4, 4, 4]).reduce((sum, one) => sum + one),
    );
    const mask = new Uint8Array(64);
    counts[21] = 1e6;
    mask[21] = 1;
    writeFileSync(at('counts.npy'), writeNpy({ shape: [4, 4, 4], data: counts }));
    writeFileSync(at('mask.npy'), writeNpy({ shape: [4, 4, 4], data: mask }));
    const words = `complete counts.npy --missing mask.npy --loss poisson --rank 1 --seed 1 ${fast} --json --out counts`;
    expect(parsed(await cli(words))).toMatchObject({ rank: 1, loss: 'poisson' });
    // The Poisson fit of counts of rank 1 is exact; what is left is how far the run went.
    expect(Math.abs(Number(numbers('counts/completed.npy').data[21]) - 8)).toBeLessThan(0.05);
    const { weights } = kruskalFromJson(JSON.parse(readFileSync(at('counts', 'result.json'), 'utf8')));
    expect(Array.from(weights).every((weight) => weight > 0)).toBe(true);
  });

  test('completes a picture with 70 % of its pixels hidden, better than means do', { timeout: 240_000 }, async () => {
    const words = `complete picture.png --hide 0.7 --rank 4 ${fast} --json --out picture`;
    const { heldOut, files } = parsed(await cli(words));
    expect(files.slice(-3)).toEqual(['std.npy', 'completed.png', 'given.png'].map((name) => join('picture', name)));
    const [completed, given] = ['completed.png', 'given.png'].map((name) => readPng(readFileSync(at('picture', name))));
    const hidden = Array.from({ length: 24 * 32 }, (_, p) => p).filter((p) => given?.data[3 * p + 2] === 0);
    expect(hidden).toHaveLength(Math.round(0.7 * 24 * 32));
    expect(heldOut?.count).toBe(3 * hidden.length);
    for (let i = 0; i < picture.data.length; i++) {
      const isHidden = hidden.includes(Math.floor(i / 3));
      expect(given?.data[i]).toBe(isHidden ? 0 : picture.data[i]);
      if (!isHidden) expect(completed?.data[i]).toBe(picture.data[i]);
    }
    // 10 dB are a tenth of the squared error; rounding to whole numbers moves the PSNR by less than 1 dB below 45.
    expect(heldOut?.psnr).toBeGreaterThan((heldOut?.psnrOfMeanFill ?? NaN) + 10);
    const seen = psnr(completed ?? picture, picture);
    expect(seen).toBeGreaterThan(Math.min(45, heldOut?.psnr ?? NaN) - 1);
  });

  test('takes marks of the missing pixels of a picture', { timeout: 180_000 }, async () => {
    const mask = Uint8Array.from({ length: 24 * 32 }, (_, p) => (p % 5 === 2 ? 1 : 0));
    writeFileSync(at('pixels.npy'), writeNpy({ shape: [24, 32], data: mask }));
    const words = 'complete picture.png --missing pixels.npy --rank 2 --max-steps 50 --starts 1 --backend cpu --json';
    expect(parsed(await cli(`${words} --out masked`)).heldOut).toBeNull();
    const { data } = readPng(readFileSync(at('masked', 'given.png')));
    expect(Array.from(data)).toEqual(Array.from(picture.data, (value, i) => (mask[Math.floor(i / 3)] ? 0 : value)));
  });

  test('leaves out a completed tensor that is too large, and says so', { timeout: 180_000 }, async () => {
    // 216 values: what they say does not matter here.
    await cli('generate observed --shape 600x600x600 --rank 1 --share 1e-6 --quiet --out large.tns');
    const run = await cli(`complete large.tns --rank 1 --max-steps 50 --starts 1 --backend cpu --json --out large`);
    expect(run.stderr).toMatch(/^polyadic: large\.tns: completed\.npy is left out: it would have 216,000,000 cells/m);
    expect(readdirSync(at('large')).includes('completed.npy')).toBe(false);
    expect(readdirSync(at('large'))).toHaveLength(5);
  });
});
