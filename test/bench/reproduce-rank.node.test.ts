// The bookkeeping of `npm run reproduce -- rank` on made-up answers, and that its instances are what their rows say.
import { describe, expect, test } from 'vitest';
import { rankGroups } from '../../bench/reproduce/rank-cases.js';
import { distorted, type Distortion } from '../../bench/reproduce/rank-distortions.js';
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
import { denseNorm, relativeError, toDense } from '../../src/index.js';
import { plantedCp } from '../../src/problems/index.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';

const answer = (seed: number, isRight: boolean, confidence: RankAnswer['confidence'] = 'sure'): RankAnswer => ({
  seed,
  isRight,
  isForewarned: !isRight && seed % 2 === 0,
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
  expect([cell.right, cell.runs, cell.byConfidence]).toEqual([8, 10, { fair: [0, 1, 2], sure: [8, 0, 8] }]);
  expect(cell.misses.map(({ seed }) => seed)).toEqual([1000, 1001]);
  expect(cell.meanCpuSeconds).toBeCloseTo(1.0045, 12);
  expect(rankTable([cell])).toContain('8 of 10');
  expect(confidenceTable([cell, cell])).toMatch(/sure +\| 16 +\| 16 +\| 100.0 % +\| 0 +\| 0 +/);
  expect(confidenceTable([cell, cell])).toMatch(/fair +\| 4 +\| 0 +\| 0.0 % +\| 2 +\| 2 +/);
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
        expect(rank, name).toBe(name.includes('noise alone') ? 0 : 4);
        continue;
      }
      const level = Number(told) / 100;
      // The truth misses the noise, relative to the tensor with it; the noise is independent of the truth, to 1 / √cells. Of a fifth of the
      // cells the truth has more or less than a fifth of its energy: large values are few.
      expect(Math.abs(relativeError(truth, tensor) - level / Math.sqrt(1 + level ** 2)), name).toBeLessThan(
        (tensor.known ? 0.1 : 0.02) * level + 1e-15,
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
    for (const kind of [
      { kind: 't', freedom: 3 },
      { kind: 't', freedom: 2 },
      { kind: 'unequal' },
      { kind: 'unequalCells' },
      { kind: 'proportional' },
      { kind: 'memory', memory: 0.9 },
    ] as const) {
      expect(denseNorm({ shape: tensor.shape, data: noiseOf(kind) }) / denseNorm(tensor)).toBeCloseTo(0.5, 12);
    }
  });

  test('heavy tails, unequal slices, and a memory along the last mode', () => {
    const unit = (values: Float64Array): number[] => {
      const size = euclideanNorm(values) / Math.sqrt(values.length);
      return Array.from(values, (value) => value / size);
    };
    // Of 20,000 normals none is beyond 6; t with 3 degrees of freedom has a probability of 5e-4 there, at this variance.
    expect(unit(noiseOf({ kind: 't', freedom: 3 })).filter((value) => Math.abs(value) > 6).length).toBeGreaterThan(3);
    const squares = unit(noiseOf({ kind: 'unequal' })).map((value) => value ** 2);
    const slices = Array.from({ length: 20 }, (_, i) => meanOf(squares.slice(i * 1000, (i + 1) * 1000)));
    expect(Math.max(...slices) / Math.min(...slices)).toBeGreaterThan(5);
    const values = unit(noiseOf({ kind: 'memory', memory: 0.5 }));
    const products = values.flatMap((value, at) => (at % 50 === 0 ? [] : [value * values[at - 1]!]));
    // The mean of 19,600 products, of a variance below 2 each: 0.01 per standard deviation.
    expect(Math.abs(meanOf(products) - 0.5)).toBeLessThan(0.04);
  });

  test('deviations that differ from cell to cell, and in proportion to the values', () => {
    const noisy = noiseOf({ kind: 'proportional' });
    // Relative to the values they are Gaussian of one size: their fourth moment is 3 squares of the second, to √(96 / 20000) at most.
    const relative = Array.from(noisy, (value, at) => value / tensor.data[at]!);
    const second = meanOf(relative.map((value) => value ** 2));
    expect(Math.abs(meanOf(relative.map((value) => value ** 4)) / second ** 2 / 3 - 1)).toBeLessThan(0.2);
    // Log-uniform variances from 0.16 to 6.25: E v² / (E v)² = (6.25 + 0.16) ln 39.06 / (2 (6.25 − 0.16)) = 1.93.
    const uneven = Array.from(noiseOf({ kind: 'unequalCells' }));
    const kurtosis = meanOf(uneven.map((value) => value ** 4)) / meanOf(uneven.map((value) => value ** 2)) ** 2;
    expect(Math.abs(kurtosis / (3 * 1.93) - 1)).toBeLessThan(0.2);
  });

  const problem = { shape: [20, 12, 30], rank: 3, seed: 5 };
  /** What the planted components miss, relative to the tensor. */
  const missed = (distortion: Distortion): number => {
    const { tensor: given, truth } = distorted(distortion, problem);
    return relativeError(truth, given);
  };

  test('counts are whole numbers with the planted tensor as their mean', () => {
    for (const mean of [0.2, 10]) {
      const { tensor: counts, truth } = distorted({ kind: 'counts', mean }, problem);
      expect(counts.data.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
      const planted = toDense(truth).data;
      expect(meanOf(Array.from(planted))).toBeCloseTo(mean, 10);
      // (x − μ)² / μ has the mean 1 and, for μ from 0.02 up, a variance below 2 + 1 / 0.02: 4 deviations of the mean of 7,200.
      const chi = meanOf(
        Array.from(counts.data, (value, at) => (planted[at]! > 0.02 ? (value - planted[at]!) ** 2 / planted[at]! : 1)),
      );
      expect(Math.abs(chi - 1)).toBeLessThan(4 * Math.sqrt(52 / 7200));
    }
  });

  test('interactions have the size that was asked for, and a rank of one has none', () => {
    // Beside 1 % noise of the tensor with them.
    const expected = Math.sqrt(0.1 ** 2 + 0.01 ** 2);
    const { tensor: given, truth } = distorted({ kind: 'interaction', level: 0.1 }, problem);
    const norm = denseNorm(toDense(truth));
    expect(Math.abs((relativeError(truth, given) * denseNorm(given)) / norm / expected - 1)).toBeLessThan(0.02);
    const { tensor: alone, truth: one } = distorted({ kind: 'interaction', level: 0.1 }, { ...problem, rank: 1 });
    expect(relativeError(one, alone)).toBeLessThan(0.0101);
  });

  test('peaks that do not drift are a CP model, those that do are none', () => {
    expect(missed({ kind: 'drift', cells: 0 })).toBeLessThan(0.0101);
    expect(missed({ kind: 'drift', cells: 2 })).toBeGreaterThan(0.05);
  });

  test('saturation takes a third of the largest cell and little of small ones', () => {
    const { tensor: given, truth } = distorted({ kind: 'saturation' }, problem);
    const clean = toDense(truth).data;
    const largest = clean.indexOf(Math.max(...clean));
    // Noise of 1 % of the norm is 1 % of a root mean square cell, which is below the largest: five deviations.
    expect(Math.abs(given.data[largest]! / clean[largest]! - 2 / 3)).toBeLessThan(0.05);
    const small = clean.findIndex((value) => value < 0.1 * clean[largest]! && value > 0.05 * clean[largest]!);
    expect(Math.abs(given.data[small]! - clean[small]! / (1 + clean[small]! / (2 * clean[largest]!)))).toBeLessThan(
      0.05 * clean[largest]!,
    );
  });
});
