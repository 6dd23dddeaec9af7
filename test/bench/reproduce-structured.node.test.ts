// The bookkeeping of `npm run reproduce -- structured` on made-up answers, and that its instances are what their rows say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../bench/bundle.js';
import { realTensors } from '../../bench/reproduce/real-tensors.js';
import { halves, structuredCells, type Half, type StructuredCell } from '../../bench/reproduce/structured-cases.js';
import {
  kindTable,
  qualityTable,
  reproduceStructured,
  structuredClaims,
  type Quality,
  type StructuredAnswer,
} from '../../bench/reproduce/structured.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { denseNorm } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';

const answer = (confidence: StructuredAnswer['confidence'], quality: Quality): StructuredAnswer => ({
  group: 'planted',
  kind: 'a kind',
  name: 'a cell#1',
  rank: 2,
  confidence,
  quality,
  about: 'of 3',
  cpuSeconds: 0.5,
});

const repeat = (count: number, ...given: Parameters<typeof answer>): StructuredAnswer[] =>
  Array.from({ length: count }, () => answer(...given));

test('answers are counted by kind, confidence and quality', () => {
  const answers = [...repeat(3, 'sure', 'right'), ...repeat(2, 'open', 'honest'), answer('fair', 'wrong')];
  expect(kindTable(answers)).toMatch(/a kind +\| 3 +\| 2 +\| 1 +\| 0.50/);
  expect(qualityTable(answers)).toMatch(/planted +\| sure +\| 3 +\| 3 +\| 0 +\| 0/);
  expect(qualityTable(answers)).toMatch(/planted +\| fair +\| 1 +\| 0 +\| 0 +\| 1/);
});

test('each claim holds up to its limit', () => {
  const holds = (...answers: StructuredAnswer[]): boolean[] => structuredClaims(answers).map((claim) => claim.holds);
  expect(holds(...repeat(9, 'sure', 'right'), answer('fair', 'wrong'))).toEqual([true, true, true]);
  expect(holds(...repeat(8, 'sure', 'right'), answer('fair', 'wrong'))).toEqual([false, true, true]);
  expect(holds(...repeat(99, 'sure', 'right'), answer('sure', 'wrong'))).toEqual([true, false, true]);
  expect(holds(...repeat(19, 'good', 'right'), answer('good', 'wrong'))).toEqual([true, true, true]);
  expect(holds(...repeat(18, 'good', 'right'), answer('good', 'wrong'))).toEqual([true, true, false]);
  expect(structuredClaims([])).toEqual([]);
});

describe('cells', () => {
  function cell(name: string): StructuredCell {
    const found = structuredCells.find((one) => one.name === name);
    return found ?? expect.fail(`no cell ${name}`);
  }

  test('13 kinds in 4 shapes and 3 sizes, each named once', () => {
    expect(structuredCells).toHaveLength(13 * 4 * 3);
    expect(new Set(structuredCells.map(({ name }) => name)).size).toBe(structuredCells.length);
  });

  test('an added residual has the norm that is asked for; the same seed gives the same bits', () => {
    const { name, draw } = cell('t3, 8×60×20, 5 %');
    const { tensor, ranks } = draw(1);
    const { tensor: clean } = plantedCp({ shape: [8, 60, 20], rank: ranks[0], seed: 1 });
    const residual = { ...tensor, data: tensor.data.map((value, at) => value - clean.data[at]!) };
    expect(denseNorm(residual) / denseNorm(clean)).toBeCloseTo(0.05, 12);
    expect(cell(name).draw(1).tensor.data).toEqual(tensor.data);
    expect(draw(3).tensor.data).not.toEqual(tensor.data);
  });

  test.each([0.2, 1, 10])('counts are whole numbers of mean %f', (mean) => {
    const { data } = cell(`counts, 8×60×20, mean ${mean}`).draw(1).tensor;
    expect(data.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    // The variance of a mean of n counts is mean / n: five deviations.
    const total = Array.from(data).reduce((sum, value) => sum + value, 0);
    expect(Math.abs(total / data.length - mean)).toBeLessThan(5 * Math.sqrt(mean / data.length));
  });

  test('every rank from 1 to 5 is planted, and effects allow for the components that they add', () => {
    const ranksOf = (kind: string, seed: number) => cell(`${kind}, 8×60×20, 5 %`).draw(seed).ranks;
    const drifting = [0, 2, 4, 6, 8].map((seed) => ranksOf('drift', seed));
    expect(drifting.map(([min]) => min).sort()).toEqual([1, 2, 3, 4, 5]);
    for (const [min, max] of drifting) expect(max).toBe(min + 2);
    const [rank, saturated] = ranksOf('saturation', 0);
    expect(saturated).toBe(rank + (rank * (rank + 1)) / 2);
    const [peaks, shifted] = ranksOf('shifted peaks', 0);
    expect(shifted).toBe(2 * peaks);
  });
});

test('7 real tensors are for development, 7 unseen, 49 fresh', () => {
  const counts = halves.map((half) => realTensors.filter((one) => one.half === half).length);
  expect(counts).toEqual([7, 7, 49]);
});

test('every real tensor has a name of its own, under which a script fetches it', () => {
  const scripts = ['real_data.py', 'real_fresh.py'].map((name) =>
    readFileSync(join(root, 'bench/reproduce', name), 'utf8'),
  );
  const fetched = scripts.flatMap((text) => Array.from(text.matchAll(/^ {4}"(\w+)":/gm), ([, name]) => name));
  expect(realTensors.map(({ name }) => name).sort()).toEqual(fetched.sort());
  expect(new Set(fetched).size).toBe(fetched.length);
});

test('a cell that is named is measured with seeds of its half; an unknown one is refused', async () => {
  using backend = openCpu();
  const circumstances = { backend, quick: false, seeds: 1, log: () => undefined };
  const measure = (half: Half, only: string) => reproduceStructured(circumstances, { half, only });
  const only = 'unequal cells, 8×60×20, 1 %';
  const { cells, claims } = await measure('development', only);
  expect(cells.map(({ name, quality }) => [name, quality])).toEqual([[`${only}#0`, 'right']]);
  expect(claims).toHaveLength(3);
  await expect(measure('unseen', 'no such cell')).rejects.toThrow('no such cell');
  // The fresh ones are real tables alone.
  await expect(measure('fresh', only)).rejects.toThrow(only);
});
