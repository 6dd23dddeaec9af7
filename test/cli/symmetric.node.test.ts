// Symmetric tensors and archives on the command line: generate, decompose --symmetric and match, and FILE.npz:NAME.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestAsymmetry, symmetricToKruskal, type Matrix } from '../../src/index.js';
import { kruskalToJson, readNpy, writeNpy } from '../../src/io/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import fixtures from '../data/npz/fixtures.json';
import { callCli } from '../support/call-cli.js';
import { root } from '../support/project-files.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-symmetric-'));
const at = (...names: string[]) => join(folder, ...names);
const cli = (words: string) => callCli(words.split(' '), { cwd: folder });
const { truth } = plantedSymmetric({ order: 3, dim: 7, rank: 3, seed: 6 });

beforeAll(() => {
  writeFileSync(at('several.npz'), Buffer.from(fixtures.several.npz, 'base64'));
  writeFileSync(at('one.npz'), Buffer.from(fixtures['one, compressed'].npz, 'base64'));
  writeFileSync(at('factors.json'), JSON.stringify(kruskalToJson(symmetricToKruskal(truth))));
  writeFileSync(at('rounded.npy'), writeNpy(roundedTensor(truth.weights, truth.vectors)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function json(words: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await cli(`${words} --json`);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}
const decompose = (words: string) => json(`decompose ${words} --backend cpu`);

describe('decompose --symmetric', () => {
  test('finds the rank and the components that were planted', async () => {
    await json('generate symmetric --dim 8 --rank 4 --seed 1 --out exact.npy');
    const found = await decompose('exact.npy --symmetric --out exact');
    expect(found).toMatchObject({ algorithm: 'staged', rank: 4, stop: 'converged' });
    expect(found['relativeError']).toBeLessThan(1e-9);
    expect(readdirSync(at('exact')).sort()).toEqual(['result.json', 'vectors.npy', 'weights.npy']);
    expect(readNpy(readFileSync(at('exact', 'vectors.npy'))).shape).toEqual([4, 8]);
    expect(JSON.parse(readFileSync(at('exact', 'result.json'), 'utf8'))).toMatchObject({
      input: 'exact.npy',
      shape: [8, 8, 8],
      order: 3,
      dim: 8,
    });
    expect((await json('match exact exact.truth.json'))['score']).toBeGreaterThan(1 - 1e-9);
  });

  test('finds them under noise, and nothing of the noise', async () => {
    await json('generate symmetric --order 4 --dim 6 --rank 3 --noise 0.01 --seed 2 --out noisy.npy');
    const found = await decompose('noisy.npy --symmetric --out noisy');
    expect(found).toMatchObject({ rank: 3, stop: 'converged' });
    expect((await json('match noisy noisy.truth.json'))['score']).toBeGreaterThan(0.98);
  });

  test('packs float32 entries that differ by roundings, and factors that make a symmetric tensor', async () => {
    const { shape, data } = readNpy(readFileSync(at('rounded.npy')));
    expect(largestAsymmetry({ shape, data: Float64Array.from(data as Float32Array) }).difference).toBeGreaterThan(0);
    const found = await decompose('rounded.npy --symmetric --rank 3 --tolerance 1e-6');
    expect(found).toMatchObject({ algorithm: 'staged', rank: 3 });
    expect(found['relativeError']).toBeLessThan(1e-6);
    expect(await decompose('factors.json --symmetric')).toMatchObject({ algorithm: 'staged', rank: 3 });
  });

  test('reports the symmetric form', async () => {
    const { stdout } = await cli('decompose rounded.npy --symmetric --rank 3 --tolerance 1e-6 --backend cpu');
    expect(stdout).toMatch(/^input +rounded\.npy: symmetric, order 3, dim 7, 84 distinct entries$/m);
  });
});

test('the example of the document of the command line does what it says', async () => {
  const readme = readFileSync(join(root, 'docs', 'command-line.md'), 'utf8');
  const lines = [...readme.matchAll(/^npm run --silent polyadic -- (.+?) +# (.+)$/gm)];
  const outputs: string[] = [];
  for (const [, words = ''] of lines) {
    const { code, stdout, stderr } = await cli(words);
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    outputs.push(stdout);
  }
  const comments = lines.map(([, , comment]) => comment);
  const first = comments.indexOf('and tensor.truth.json');
  expect(outputs[first]).toContain('tensor.truth.json');
  expect(comments[first + 1]).toBe('finds that the rank is 4');
  expect(outputs[first + 1]).toMatch(/^algorithm +staged, rank 4 /m);
  const score = Number(/^factor match score (\S+)/.exec(outputs[first + 2] ?? '')?.[1]);
  expect(comments[first + 2]).toBe(`factor match score ${score.toFixed(4)}`);
});

test('a .npz file gives its only array, or the one that is named', async () => {
  expect(await decompose('one.npz --rank 2')).toMatchObject({ algorithm: 'compressed', rank: 2 });
  expect(await decompose('several.npz:b --rank 1 --out b')).toMatchObject({ rank: 1 });
  expect(JSON.parse(readFileSync(at('b', 'result.json'), 'utf8'))).toMatchObject({ shape: [2, 3, 4] });
});

/** Σ_r w_r u_i u_j u_k in float32, each product from left to right: permuted entries differ in the last bits. */
function roundedTensor(weights: Float64Array, { columns: dim, data: u }: Matrix) {
  const { fround } = Math;
  const entry = (i: number, j: number, k: number): number =>
    weights.reduce((sum, weight, r) => {
      const [a = 0, b = 0, c = 0] = [i, j, k].map((index) => fround(u[r * dim + index] ?? NaN));
      return fround(sum + fround(fround(fround(fround(weight) * a) * b) * c));
    }, 0);
  const data = Float32Array.from({ length: dim ** 3 }, (_, offset) =>
    entry(Math.floor(offset / dim ** 2), Math.floor(offset / dim) % dim, offset % dim),
  );
  return { shape: [dim, dim, dim], data };
}
