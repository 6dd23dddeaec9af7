// Priors of rows that are like their neighbors: every update raises the bound, what is learned is the most likely, and it helps where it
// should.
import { describe, expect, test } from 'vitest';
import { decompose, observed, predictEntries, type ObservedTarget } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { entriesOf } from '../../src/variational/entries.js';
import { constantModel, modelOf, wideModel } from '../../src/variational/model.js';
import { learnSmoothPrior, withSmoothModes } from '../../src/variational/smooth-rows.js';
import { sweep } from '../../src/variational/sweep.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';

const shape = [24, 20, 6] as const;
const rank = 2;

interface Problem {
  readonly target: ObservedTarget;
  /** Indices and values of the cells that are not known, without noise. */
  readonly cells: Uint32Array;
  readonly values: Float64Array;
}

/** Waves in two modes, random numbers in the third; 10 % of noise. */
function problemOf(seed: number, share: number): Problem {
  const random = randomStream(seed);
  const factors = shape.map((rows, mode) =>
    Array.from({ length: rank }, () => {
      const waves = 0.5 + random.uniform();
      const phase = random.uniform();
      return Array.from({ length: rows }, (_, i) =>
        mode === 2 ? random.normal() : Math.sin(2 * Math.PI * ((waves * i) / rows + phase)),
      );
    }),
  );
  const all: number[][] = [];
  shape.forEach((rows, mode) => {
    const before = mode === 0 ? [[]] : all.splice(0);
    for (const index of before) for (let i = 0; i < rows; i++) all.push([...index, i]);
  });
  const values = all.map((index) =>
    Array.from({ length: rank }, (_, r) =>
      index.reduce((product, i, mode) => product * factors[mode]![r]![i]!, 1),
    ).reduce((sum, value) => sum + value),
  );
  const size = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  const isKnown = all.map(() => random.uniform() < share);
  const known = Array.from(isKnown.keys()).filter((cell) => isKnown[cell]);
  const unknown = Array.from(isKnown.keys()).filter((cell) => !isKnown[cell]);
  return {
    target: observed(
      shape,
      known.flatMap((cell) => all[cell]!),
      known.map((cell) => values[cell]! + 0.1 * size * random.normal()),
    ),
    cells: Uint32Array.from(unknown.flatMap((cell) => all[cell]!)),
    values: Float64Array.from(unknown, (cell) => values[cell]!),
  };
}

test('no sweep lowers the evidence', () => {
  const entries = finished(entriesOf(problemOf(1, 0.2).target));
  const start = finished(wideModel(entries, 6, randomStream(2), constantModel(entries)));
  const model = withSmoothModes(start, [0, 1]);
  const evidence = Array.from({ length: 30 }, () => finished(sweep(entries, model, 0)).evidence);
  for (let k = 1; k < evidence.length; k++) {
    // Sums of 600 values and of 300 numbers of rows, of size |evidence| at most.
    const rounding = 1000 * Number.EPSILON * Math.abs(evidence[k]!);
    expect(evidence[k]! - evidence[k - 1]!).toBeGreaterThan(-rounding);
  }
  expect(evidence.at(-1)).toBeGreaterThan(evidence[0]! + 100);
});

describe('what is learned', () => {
  const rows = 50;
  /** −2 log p of the rows but for a constant, as learnSmoothPrior says it, with these v and q. */
  function minusTwoLog(means: Float64Array, variance: number, precision: number): number {
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      const value = 1 / variance + precision * (2 - 2 * Math.cos((Math.PI * i) / rows));
      const step = i > 0 ? means[i]! - means[i - 1]! : 0;
      sum += means[i]! ** 2 / variance + precision * step ** 2 - Math.log(value);
    }
    return sum;
  }

  test.each([0.1, 1, 30])('v and q are the most likely where steps have the precision %d', (stiffness) => {
    const random = randomStream(7);
    const means = new Float64Array(rows);
    for (let i = 0; i < rows; i++) means[i] = 0.9 * (means[i - 1] ?? 0) + random.normal() / Math.sqrt(stiffness);
    const start = modelOf([rows], [means], 1, 1);
    const mode = withSmoothModes(start, [0]).modes[0]!;
    const squares = means.reduce((sum, value) => sum + value ** 2, 0);
    let learned = NaN;
    for (let round = 0; round < 2000; round++) learned = learnSmoothPrior(mode, rows, 0, squares, 1e-12);
    const variance = mode.priorVariances[0]!;
    const precision = mode.stepPrecisions?.[0] ?? NaN;
    expect(learned / minusTwoLog(means, variance, precision)).toBeCloseTo(1, 10);
    for (const [ofVariance, ofPrecision] of [
      [1.01, 1],
      [0.99, 1],
      [1, 1.01],
      [1, 0.99],
    ] as const)
      expect(minusTwoLog(means, variance * ofVariance, precision * ofPrecision)).toBeGreaterThan(learned);
  });
});

describe('smooth', () => {
  const smooth = { kind: 'variational', smooth: [0, 1] } as const;

  test('the planted rank, and better predictions than without it', async () => {
    for (const seed of casesOf([1, 2, 3], 1)) {
      const { target, cells, values } = problemOf(seed, 0.12);
      const errorOf = async (algorithm: 'variational' | typeof smooth): Promise<[number, number]> => {
        const { kruskal, rank } = await decompose(target, { algorithm, backend: 'cpu', seed });
        const found = predictEntries(kruskal, cells);
        return [rank, values.reduce((sum, value, e) => sum + (value - found[e]!) ** 2, 0)];
      };
      const [found, error] = await errorOf(smooth);
      const [, without] = await errorOf('variational');
      expect([seed, found]).toEqual([seed, rank]);
      expect(error).toBeLessThan(0.9 * without);
    }
  });

  test('rows without a value lie between their neighbors', async () => {
    const { target } = problemOf(1, 1);
    const isGone = (e: number): boolean => [9, 10].includes(target.indices[3 * e]!);
    const all = Array.from(target.values.keys());
    const kept = all.filter((e) => !isGone(e) && (e * e) % 11 < 5);
    const cellsOf = (entries: readonly number[]): number[] =>
      entries.flatMap((e) => Array.from(target.indices.subarray(3 * e, 3 * e + 3)));
    const known = observed(
      shape,
      cellsOf(kept),
      kept.map((e) => target.values[e]!),
    );
    const result = await decompose(known, { algorithm: smooth, backend: 'cpu' });
    const gone = all.filter(isGone);
    const found = predictEntries(result.kruskal, cellsOf(gone));
    const sumOf = (value: (e: number, at: number) => number): number =>
      gone.reduce((sum, e, at) => sum + value(e, at) ** 2, 0);
    // Of noise alone a tenth is left.
    expect(Math.sqrt(sumOf((e, at) => target.values[e]! - found[at]!) / sumOf((e) => target.values[e]!))).toBeLessThan(
      0.2,
    );
    expect([result.rank, result.stop]).toEqual([rank, 'converged']);
  });

  test('the rank that is given is the rank at most', async () => {
    const { target } = problemOf(1, 0.3);
    const { rank: found } = await decompose(target, { algorithm: smooth, rank: 1, backend: 'cpu' });
    expect(found).toBeLessThanOrEqual(1);
  });

  test('of a rank that the values cannot have, as many components as they can', async () => {
    const { target } = problemOf(1, 0.1);
    const { rank: found, advice } = await decompose(target, { algorithm: smooth, rank: 100, backend: 'cpu' });
    expect(found).toBeGreaterThanOrEqual(rank);
    expect(advice).not.toContain('too few to look for one');
  });

  test('noise alone has no component', async () => {
    const { target } = problemOf(1, 0.3);
    const random = randomStream(5);
    const noise = observed(
      shape,
      target.indices,
      target.values.map(() => random.normal()),
    );
    expect((await decompose(noise, { algorithm: smooth, backend: 'cpu' })).rank).toBe(0);
  });

  test('the same bits for the same seed', async () => {
    const { target } = problemOf(2, 0.1);
    const run = () => decompose(target, { algorithm: smooth, backend: 'cpu', seed: 3 });
    expect((await run()).kruskal).toEqual((await run()).kruskal);
  });

  test('modes are counted as the caller does, also where one has size 1', async () => {
    const { target } = problemOf(1, 0.2);
    const indices = Array.from({ length: target.count }, (_, e) => [0, ...target.indices.subarray(3 * e, 3 * e + 3)]);
    const long = observed([1, ...shape], indices.flat(), target.values);
    const { rank: found } = await decompose(long, { algorithm: { ...smooth, smooth: [1, 2] }, backend: 'cpu' });
    expect(found).toBe(rank);
  });

  test.each([
    [{ smooth: [3] }, {}, 'variational: expected smooth to be modes from 0 to 2, got 3. Change smooth.'],
    [{ smooth: [0, 0] }, {}, 'variational: expected smooth to be a list of different modes, got [0,0]. Change smooth.'],
    [
      { smooth: [0], loss: 'studentT' },
      {},
      'variational: expected smooth with loss l2 and without nonnegative, got another loss or nonnegative. Leave one of them out.',
    ],
    [
      { smooth: [0] },
      { nonnegative: true },
      'variational: expected smooth with loss l2 and without nonnegative, got another loss or nonnegative. Leave one of them out.',
    ],
  ] as const)('%o with %o is refused', async (options, others, message) => {
    const { target } = problemOf(1, 0.2);
    const algorithm = { kind: 'variational', ...options } as const;
    await expect(decompose(target, { algorithm, ...others, backend: 'cpu' })).rejects.toThrow(message);
  });
});
