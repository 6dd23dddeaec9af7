// The bookkeeping of `npm run reproduce -- rank` on made-up answers, and that its instances are what their rows say.
import { describe, expect, test } from 'vitest';
import { rankGroups } from '../../bench/reproduce/rank-cases.js';
import { addUnevenNoise } from '../../bench/reproduce/rank-noise.js';
import {
  cellOf,
  confidenceTable,
  rankClaims,
  rankTable,
  reproduceRank,
  type RankAnswer,
} from '../../bench/reproduce/rank.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { denseNorm, relativeError } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';

const answer = (seed: number, isRight: boolean, confidence: RankAnswer['confidence'] = 'sure'): RankAnswer => ({
  seed,
  isRight,
  confidence,
  found: 'rank 2 of 3',
  cpuSeconds: seed / 1000,
});

const rowName = 'a row';
const cellWith = (group: string, wrong: number, runs: number) =>
  cellOf(
    group,
    rowName,
    Array.from({ length: runs }, (_, k) => answer(1000 + k, k >= wrong, k < wrong ? 'fair' : 'sure')),
  );

test('a cell counts what is right, by confidence, and keeps the misses with their seeds', () => {
  const cell = cellWith('noise alone', 2, 10);
  expect([cell.right, cell.runs, cell.byConfidence]).toEqual([8, 10, { fair: [0, 2], sure: [8, 8] }]);
  expect(cell.misses.map(({ seed }) => seed)).toEqual([1000, 1001]);
  expect(cell.meanCpuSeconds).toBeCloseTo(1.0045, 12);
  expect(rankTable([cell])).toContain('8 of 10');
  expect(confidenceTable([cell, cell])).toMatch(/sure +\| 16 +\| 16 +\| 100.0 %/);
  expect(confidenceTable([cell, cell])).toMatch(/fair +\| 4 +\| 0 +\| 0.0 %/);
});

test('a claim holds up to the misses that its group accepts, and names them', () => {
  const claim = (group: string, wrong: number, runs: number) => rankClaims([cellWith(group, wrong, runs)])[0];
  expect(claim('random components', 2, 480)?.holds).toBe(true);
  expect(claim('random components', 3, 480)?.holds).toBe(false);
  expect(claim('random components', 1, 48)?.holds).toBe(false);
  expect(claim('noise that is not white', 1, 80)?.holds).toBe(false);
  expect(claim('noise that is not white', 1, 80)?.measured).toContain(`${rowName}#1000`);
  expect(rankClaims([])).toEqual([]);
});

test('a row that is named is measured, and one of its seeds; an unknown one is refused', async () => {
  using backend = openCpu();
  const circumstances = { backend, quick: false, seeds: 1, log: () => undefined };
  const { cells, claims } = await reproduceRank(circumstances, '5×60×60, noise alone#1001');
  expect(cells.map(({ row, runs, right }) => [row, runs, right])).toEqual([['5×60×60, noise alone', 1, 1]]);
  expect(claims).toHaveLength(1);
  await expect(reproduceRank(circumstances, 'no such row')).rejects.toThrow('5×60×60');
});

describe('instances', () => {
  test('the rows have names of their own, and the instances the shape and noise of their names', () => {
    const rows = rankGroups.flatMap((group) => group.rows);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    for (const { name, draw } of rows) {
      if (/^(100|200|400)/.test(name)) continue;
      const { tensor, truth } = draw(1000, 3);
      expect(name.startsWith(tensor.shape.join('×')), name).toBe(true);
      const told = /(?:noise|,) (\d+\.?\d*) %/.exec(name)?.[1];
      const rank = truth.weights.length;
      if (told === undefined) {
        expect(rank, name).toBe(0);
        continue;
      }
      const level = Number(told) / 100;
      // The truth misses the noise, relative to the tensor with it; the noise is independent of the truth, to 1 / √cells.
      expect(Math.abs(relativeError(truth, tensor) - level / Math.sqrt(1 + level ** 2)), name).toBeLessThan(
        0.02 * level + 1e-15,
      );
    }
  });

  const { tensor } = plantedCp({ shape: [20, 20, 50], rank: 1, seed: 1 });
  const noiseOf = (kind: Parameters<typeof addUnevenNoise>[1]): Float64Array => {
    const noisy = addUnevenNoise(tensor, kind, { level: 0.5, seed: 2 });
    return Float64Array.from(noisy.data, (value, at) => value - tensor.data[at]!);
  };
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('noise of every kind has the size that was asked for', () => {
    for (const kind of [{ kind: 't3' }, { kind: 'unequal' }, { kind: 'memory', memory: 0.9 }] as const) {
      expect(denseNorm({ shape: tensor.shape, data: noiseOf(kind) }) / denseNorm(tensor)).toBeCloseTo(0.5, 12);
    }
  });

  test('heavy tails, unequal slices, and a memory along the last mode', () => {
    const unit = (values: Float64Array): number[] => {
      const size = euclideanNorm(values) / Math.sqrt(values.length);
      return Array.from(values, (value) => value / size);
    };
    // Of 20,000 normals none is beyond 6; t with 3 degrees of freedom has a probability of 5e-4 there, at this variance.
    expect(unit(noiseOf({ kind: 't3' })).filter((value) => Math.abs(value) > 6).length).toBeGreaterThan(3);
    const squares = unit(noiseOf({ kind: 'unequal' })).map((value) => value ** 2);
    const slices = Array.from({ length: 20 }, (_, i) => meanOf(squares.slice(i * 1000, (i + 1) * 1000)));
    expect(Math.max(...slices) / Math.min(...slices)).toBeGreaterThan(5);
    const values = unit(noiseOf({ kind: 'memory', memory: 0.5 }));
    const products = values.flatMap((value, at) => (at % 50 === 0 ? [] : [value * values[at - 1]!]));
    // The mean of 19,600 products, of a variance below 2 each: 0.01 per standard deviation.
    expect(Math.abs(meanOf(products) - 0.5)).toBeLessThan(0.04);
  });
});
