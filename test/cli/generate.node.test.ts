// `polyadic generate`: the files hold what they say, nothing is overwritten, and what it writes is read by the other commands.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { denseNorm, factorMatchScore, largestAsymmetry, relativeError, toDense } from '../../src/index.js';
import { kruskalFromJson, npyToDense, npyToObserved, readNpy, readTns } from '../../src/io/index.js';
import { orthogonal, plantedCp, plantedObserved, plantedSymmetric } from '../../src/problems/index.js';
import { subtract } from '../../src/tensor/dense.js';
import { callCli } from '../support/call-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-generate-'));
const at = (...names: string[]) => join(folder, ...names);
const cli = (words: string) => callCli(words.split(' '), { cwd: folder });
const tensorIn = (name: string) => {
  const { shape, data } = npyToDense(readNpy(readFileSync(at(name))));
  return { shape, data };
};
const truthIn = (name: string) => kruskalFromJson(JSON.parse(readFileSync(at(name), 'utf8')));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function generate(words: string): Promise<unknown> {
  const { code, stdout, stderr } = await cli(`generate ${words} --json`);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

describe('generate', () => {
  test('symmetric: entries that are symmetric to the bit, with noise of the norm asked for, and the truth', async () => {
    const summary = await generate('symmetric --dim 6 --rank 8 --noise 0.25 --seed 3 --out made/deep/noisy.npy');
    const files = ['noisy.npy', 'noisy.truth.json'].map((name) => join('made', 'deep', name));
    expect(summary).toEqual({
      kind: 'symmetric',
      shape: [6, 6, 6],
      rank: 8,
      noise: 0.25,
      seed: 3,
      files: files.map((path) => ({ path, bytes: statSync(at(path)).size })),
    });
    expect(readdirSync(at('made', 'deep')).sort()).toEqual(['noisy.npy', 'noisy.truth.json']);
    const { truth } = plantedSymmetric({ order: 3, dim: 6, rank: 8, seed: 3 });
    expect(truthIn(files[1] ?? '')).toEqual(truth);
    const tensor = tensorIn(files[0] ?? '');
    const signal = toDense(truth);
    expect(largestAsymmetry(tensor).difference).toBe(0);
    // Norms over 216 entries and a rounding of 1.25/0.25 per entry, as in test/problems/noise.test.ts.
    const level = denseNorm(subtract(tensor, signal)) / denseNorm(signal);
    expect(Math.abs(level / 0.25 - 1)).toBeLessThan((4 * (216 / 2 + 1) + 2 * 5) * 2 ** -53);
  });

  test('takes the options of each kind', async () => {
    await generate('symmetric --order 4 --dim 5 --rank 3 --cosine 0.5 --weight-range 2,4 --signs positive --out a.npy');
    const a = plantedSymmetric({
      order: 4,
      dim: 5,
      rank: 3,
      seed: 0,
      cosine: 0.5,
      weightRange: [2, 4],
      mixedSigns: false,
    });
    expect(truthIn('a.truth.json')).toEqual(a.truth);
    await generate('orthogonal --dim 5 --rank 3 --ratio 2 --signs mixed --seed 4 --out b.npy');
    const b = orthogonal({ order: 3, dim: 5, rank: 3, ratio: 2, mixedSigns: true, seed: 4 });
    expect(truthIn('b.truth.json')).toEqual(b.truth);
    await generate('cp --shape 6x5x4 --rank 2 --cosine 0.5 --weights 2,-1 --noise 0.1 --seed 5 --out c.npy');
    const c = plantedCp({ shape: [6, 5, 4], rank: 2, collinearity: 0.5, weights: [2, -1], noise: 0.1, seed: 5 });
    expect(truthIn('c.truth.json')).toEqual(c.truth);
    expect(tensorIn('c.npy')).toEqual(c.tensor);
  });

  test('writes components alone as .json: nothing is formed, so that sizes may be large', async () => {
    await generate('symmetric --order 8 --dim 200 --rank 2 --out large.json');
    const { truth } = plantedSymmetric({ order: 8, dim: 200, rank: 2, seed: 0 });
    expect(truthIn('large.json')).toEqual(truth);
    expect(truthIn('large.truth.json')).toEqual(truth);
  });

  test('observed: some entries, as an array with gaps or as coordinates, and the truth', async () => {
    const words = 'observed --shape 7x6x5 --rank 2 --share 0.3 --noise 0.1 --corrupt 0.05 --seed 6 --weights 2,1';
    const options = { shape: [7, 6, 5], rank: 2, share: 0.3, noise: 0.1, corrupt: 0.05, seed: 6, weights: [2, 1] };
    const { target, truth } = plantedObserved(options);
    expect(await generate(`${words} --out coordinates.tns`)).toMatchObject({ kind: 'observed', entries: 63, rank: 2 });
    const read = readTns(readFileSync(at('coordinates.tns')));
    expect(read).toEqual({ shape: [7, 6, 5], indices: target.indices, values: target.values });
    await generate(`${words} --out array.npy`);
    expect(npyToObserved(readNpy(readFileSync(at('array.npy'))))).toEqual(target);
    expect(truthIn('array.truth.json')).toEqual(truth);
    await generate('observed --shape 9999x9999x9999 --rank 1 --share 1e-9 --out never-formed.tns');
    expect(readTns(readFileSync(at('never-formed.tns'))).values).toHaveLength(1000);
  });

  test('names the files after the kind in a folder, one that exists or one with a slash', async () => {
    mkdirSync(at('there'));
    await generate('orthogonal --dim 4 --rank 2 --out there');
    await generate('cp --shape 3,4 --rank 1 --out new/');
    expect(readdirSync(at('there')).sort()).toEqual(['orthogonal.npy', 'orthogonal.truth.json']);
    expect(readdirSync(at('new')).sort()).toEqual(['cp.npy', 'cp.truth.json']);
  });

  test('reports to people, or says nothing', async () => {
    const { code, stdout, stderr } = await cli('generate cp --shape 30x20x10 --rank 3 --noise 0.5 --out told.npy');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^tensor +cp, 30 × 20 × 10, 3 components, noise 0\.5, seed 0$/m);
    expect(stdout).toMatch(/^written +told\.npy \(48,128 bytes\)\n +told\.truth\.json \([\d,]+ bytes\)$/m);
    const quiet = await cli('generate cp --shape 3x2 --rank 1 --quiet --out untold.npy');
    expect(quiet).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('overwrites neither a tensor nor a truth', async () => {
    writeFileSync(at('mine.npy'), 'mine');
    writeFileSync(at('yours.truth.json'), 'yours');
    for (const [name, taken] of [
      ['mine', 'mine.npy'],
      ['yours', 'yours.truth.json'],
    ]) {
      const { code, stdout, stderr } = await cli(`generate cp --shape 3x2 --rank 1 --out ${name}.npy`);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(
        `polyadic: --out: expected a new file, got ${taken}, which exists. Name another, or remove it.\n`,
      );
    }
    expect(readFileSync(at('mine.npy'), 'utf8') + readFileSync(at('yours.truth.json'), 'utf8')).toBe('mineyours');
    expect([existsSync(at('mine.truth.json')), existsSync(at('yours.npy'))]).toEqual([false, false]);
  });

  test('gives decompose and match what they need', async () => {
    await generate('cp --shape 8x7x6 --rank 3 --noise 0.01 --seed 2 --out chain.npy');
    const found = await cli('decompose chain.npy --rank 3 --seed 1 --backend cpu --json --out chain');
    const { relativeError: error } = JSON.parse(found.stdout) as { relativeError: number };
    // No worse than the truth, which the best fit cannot be.
    expect(error).toBeLessThanOrEqual(relativeError(truthIn('chain.truth.json'), tensorIn('chain.npy')));
    const match = await cli('match chain chain.truth.json --json');
    const { score } = JSON.parse(match.stdout) as { score: number };
    expect(score).toBe(factorMatchScore(truthIn(join('chain', 'result.json')), truthIn('chain.truth.json')));
    expect(score).toBeGreaterThan(0.98);
  });
});
