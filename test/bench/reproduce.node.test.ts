// The parts of `npm run reproduce`, with tiny settings: what is measured, what is claimed, and that figures show it.
import { describe, expect, test } from 'vitest';
import { measureSuccess, needs, reproduceBeyondLazy } from '../../bench/reproduce/beyond-lazy.js';
import type { SuccessCell } from '../../bench/reproduce/beyond-lazy-cells.js';
import {
  absoluteSum,
  distance,
  fitDiagonal,
  leastSquaresFit,
  offRowSpace,
  sparseRegression,
} from '../../bench/reproduce/diagonal-network.js';
import { dataSet, pixels, readDigits } from '../../bench/reproduce/digits.js';
import { drawSvg } from '../../bench/reproduce/figure.js';
import {
  kernelRichClaims,
  measureCompletion,
  measureFixed,
  measureNetwork,
} from '../../bench/reproduce/kernel-rich.js';
import type { CompletionCell, NetworkCell } from '../../bench/reproduce/kernel-rich-cells.js';
import { completionFigure, networkFigure } from '../../bench/reproduce/kernel-rich-figures.js';
import { measureSpace, movementOf } from '../../bench/reproduce/lazy.js';
import { residualFigure, thresholdFigure } from '../../bench/reproduce/lazy-figures.js';
import { parseOptions } from '../../bench/reproduce/options.js';
import { measureRank, measureRanks, rankToFit } from '../../bench/reproduce/rank-of-data.js';
import type { RankCell } from '../../bench/reproduce/rank-of-data-cells.js';
import { claimTable } from '../../bench/reproduce/reproduction.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import type { SymmetricKruskal } from '../../src/index.js';

const marksIn = (svg: string, kind: string): number => svg.split(`aria-roledescription="${kind}"`).length - 1;

describe('the lazy regime', () => {
  const space = measureSpace(3, 4, 3);

  test('order 3, d = 4: five directions reach every target, four leave a part of each', () => {
    expect(space.threshold).toBe(5);
    expect(space.first).toEqual([5, 5, 5]);
    const residualAt = (width: number): number => space.curve.find((one) => one.width === width)?.residual ?? NaN;
    expect(residualAt(4)).toBeGreaterThan(1e-2);
    expect(residualAt(6)).toBeLessThan(1e-5);
  });

  test('the figures hold a point a measurement, their labels, and the rule at the threshold', async () => {
    const residual = await drawSvg(residualFigure([space]));
    expect(residual.startsWith('<svg')).toBe(true);
    expect(marksIn(residual, 'point')).toBe(space.curve.length);
    expect(marksIn(residual, 'rule mark')).toBe(1);
    for (const label of ['directions m / threshold', '‖target − projection‖ / ‖target‖', 'order 3']) {
      expect(residual).toContain(label);
    }
    const threshold = await drawSvg(thresholdFigure([space, measureSpace(3, 5, 2)]));
    expect(marksIn(threshold, 'point')).toBe(5);
    expect(threshold).toContain('dimension d');
  });

  test('movement is the mean distance of the directions, whatever their order and the sign they are written with', () => {
    const at = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
    const model = (weights: number[], ...vectors: number[][]): SymmetricKruskal => ({
      order: 3,
      weights: Float64Array.from(weights),
      vectors: { rows: vectors.length, columns: 2, data: Float64Array.from(vectors.flat()) },
    });
    const start = model([5, -5], at(0), at(1));
    const end = model(
      [7, -4],
      at(1.2).map((x) => -x),
      at(0.1).map((x) => -2 * x),
    );
    const chord = (angle: number): number => 2 * Math.sin(angle / 2);
    expect(movementOf(start, model([7, -4], at(0.1), at(1.2)))).toBeCloseTo((chord(0.1) + chord(0.2)) / 2, 12);
    expect(movementOf(start, { ...end, weights: Float64Array.of(4, -7) })).toBeCloseTo(
      (chord(0.1) + chord(0.2)) / 2,
      12,
    );
  });
});

describe('beyond the lazy regime', () => {
  const input = { order: 3, dim: 6, rank: 2, restart: true };

  test('a cell counts successes, and names the seeds that failed with what they left', async () => {
    using backend = openCpu();
    const enough = await measureSuccess(backend, { ...input, width: 4 }, 2);
    expect([enough.successes, enough.failures]).toEqual([2, []]);
    expect(enough.steps?.median).toBeLessThanOrEqual(enough.steps?.most ?? NaN);
    // One component cannot be two.
    const few = await measureSuccess(backend, { ...input, width: 1 }, 2);
    expect(few.successes).toBe(0);
    expect(few.failures.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(few.failures[0]?.relativeError).toBeGreaterThan(0.1);
    expect(backend.liveBuffers).toBe(0);
  });

  test('what is needed is the least width from which on all cells are solved', () => {
    const cell = (width: number, successes: number): SuccessCell => ({
      kind: 'success',
      ...input,
      width,
      seeds: 20,
      successes,
      failures: [],
      steps: undefined,
      seconds: 0,
    });
    const widthOf = (...cells: SuccessCell[]): number | undefined => needs(cells)[0]?.width;
    expect(widthOf(cell(2, 20), cell(3, 18), cell(4, 19), cell(6, 20))).toBe(4);
    expect(widthOf(cell(6, 20), cell(2, 20))).toBe(2);
    expect(widthOf(cell(2, 20), cell(4, 18))).toBeUndefined();
  });

  test('quick, one seed: claims about every group, a figure of each kind', async () => {
    using backend = openCpu();
    const { claims, cells, figures } = await reproduceBeyondLazy({
      backend,
      quick: true,
      seeds: 1,
      log: () => undefined,
    });
    expect(claims).toHaveLength(2);
    expect(cells).toHaveLength(9);
    const norms = await drawSvg(figures['norms'] ?? expect.fail('no figure of norms'));
    // Eight components, and the dashed lines of the four hidden ones.
    expect([marksIn(norms, 'line mark'), marksIn(norms, 'rule mark')]).toEqual([8, 4]);
    expect(await drawSvg(figures['width'] ?? expect.fail('no figure of widths'))).toContain(
      'beyond lazy, 4 hidden components',
    );
  });
});

describe('the kernel and the rich regime', () => {
  const problem = sparseRegression(0);
  const zero = new Float64Array(100);

  test('a projection on the row space keeps rows, and loses what is orthogonal to them', () => {
    const row = problem.design.data.slice(0, 100);
    expect(offRowSpace(problem, row)).toBeLessThan(1e-12);
    const fit = leastSquaresFit(problem);
    expect(offRowSpace(problem, fit)).toBeLessThan(1e-12);
    // The least-squares fit is the projection of the truth.
    expect(
      offRowSpace(
        problem,
        problem.truth.map((x, i) => x - fit[i]!),
      ),
    ).toBeCloseTo(1, 12);
  });

  test.each([2, 3])('depth %i: from the least-squares fit to the sparse one as the start shrinks', (depth) => {
    const fits = [3, 0.3, 0.05].map((scale) => fitDiagonal(problem, { depth, scale, maxSteps: 60_000 }));
    const errors = fits.map(({ weights }) => distance(weights, problem.truth) / distance(problem.truth, zero));
    const norms = fits.map(({ weights }) => absoluteSum(weights) / absoluteSum(problem.truth));
    const nearest = leastSquaresFit(problem);
    expect(distance(fits[0]?.weights ?? zero, nearest) / distance(nearest, zero)).toBeLessThan(1e-3);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(norms).toEqual(norms.toSorted((a, b) => b - a));
    expect(errors[2]).toBeLessThan(errors[0]! / 3);
    // The optimality of the limit, on the way of gradient flow; its steps are finite, and 0.77 of a random vector is outside.
    for (const { integral } of fits) expect(offRowSpace(problem, integral)).toBeLessThan(0.1);
  });

  test('on the designs of another implementation, what that one found', () => {
    const { error, l1 } = measureFixed({ depth: 2, scale: 0.3, maxSteps: 60_000 });
    // Its figures have three digits.
    expect(Math.abs(error - 0.669)).toBeLessThan(0.0006);
    expect(Math.abs(l1 - 1.91)).toBeLessThan(0.006);
  });

  const networksOf = (maxSteps: number): NetworkCell[] =>
    [2, 3].flatMap((depth) =>
      [3, 0.1].map((scale) => ({
        ...measureNetwork({ depth, scale, maxSteps }, 2),
        fixed: { error: 0.5, l1: 1, numpy: { error: 0.5, l1: 1 } },
      })),
    );

  test('claims fail where descent has not arrived, and where another implementation differs', () => {
    const failing = kernelRichClaims(networksOf(200), []).filter(({ holds }) => !holds);
    expect(failing.map(({ claim }) => claim)).toEqual([
      'depth 2, α = 0.1: the rich regime',
      'depth 3, α = 0.1: the rich regime',
      'the deeper network is rich from larger α on',
      'errors over 2 other designs, 4 cells',
    ]);
    const off = networksOf(1).map((cell) => ({
      ...cell,
      fixed: { error: 0.6, l1: 1.05, numpy: { error: 0.5, l1: 1 } },
    }));
    const fixed = kernelRichClaims(off, []).filter(({ claim }) => claim.includes('fixed designs'));
    expect(fixed.map(({ measured, holds }) => [measured, holds])).toEqual([
      ['within 20.0 %', false],
      ['within 5.0 %', true],
    ]);
  });

  test('the figures hold a point a cell', async () => {
    const network = await drawSvg(networkFigure(networksOf(10)));
    expect(marksIn(network, 'point')).toBe(8);
    expect(network).toContain('scale α of the start');
    const one = { value: 0.5, quartiles: [0.4, 0.6] as const, samples: 1 };
    const cell = (scale: number): CompletionCell => ({
      kind: 'completion',
      scale,
      seeds: 1,
      reconstruction: one,
      zeroFill: one,
      trainError: one,
      components: one,
      steps: one,
    });
    const completion = await drawSvg(completionFigure([cell(0.5), cell(0.1), cell(0.02)]));
    expect(marksIn(completion, 'point')).toBe(3);
    expect(completion).toContain('standard deviation of the first factor entries');
  });

  test('a start that cancels itself knows nothing of unknown cells, and a large one learns nothing', async () => {
    using backend = openCpu();
    const { reconstruction, zeroFill, trainError } = await measureCompletion(backend, 0.5, 1);
    expect(trainError.value).toBeLessThan(2e-3);
    expect(reconstruction.value).toBeGreaterThan(0.95 * zeroFill.value);
  });
});

describe('rank as a measure of data', () => {
  const digits = readDigits();
  const size = { train: 1500, test: 500 };
  const real = dataSet(digits, 'digits', 1, size);
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

  test('ten thousand images of two values, a tenth of them the digit that counts', () => {
    expect(digits.images).toHaveLength(10_000 * pixels);
    expect(new Set(digits.images)).toEqual(new Set([0, 1]));
    expect(new Set(digits.labels).size).toBe(10);
    expect(sum(real.train.values) / size.train).toBeCloseTo(0.1, 1);
    expect(real.variance).toBeCloseTo(0.09, 1);
    // Ones are thin: an image of 1 has the least ink.
    const ink = (digit: number): number => {
      const images = Array.from(digits.labels.keys()).filter((image) => digits.labels[image] === digit);
      return (
        sum(images.map((image) => sum(digits.images.subarray(image * pixels, (image + 1) * pixels)))) / images.length
      );
    };
    expect(ink(1)).toBeLessThan(0.6 * ink(0));
  });

  test('random labels are the same labels on the same images, random images as dense as the real ones', () => {
    const labels = dataSet(digits, 'random labels', 1, size);
    expect(labels.train.indices.every((index, at) => index === real.train.indices[at])).toBe(true);
    expect(labels.train.values).not.toEqual(real.train.values);
    expect(sum(labels.train.values) + sum(labels.test.values)).toBe(sum(real.train.values) + sum(real.test.values));
    const images = dataSet(digits, 'random images', 1, size);
    expect(images.train.values).toEqual(real.train.values);
    const got = sum(images.train.indices);
    const expected = sum(digits.images) * (size.train / 10_000);
    expect(Math.abs(got / expected - 1)).toBeLessThan(0.01);
  });

  test('rank 1 learns the digits, and not random labels', { timeout: 60_000 }, async () => {
    using backend = openCpu();
    const fit = { rank: 1, seed: 1, batchSize: 250, steps: 300 };
    const learned = await measureRank(backend, real, fit);
    expect(learned.train).toBeLessThan(learned.variance / 3);
    expect(learned.test).toBeLessThan(learned.variance / 3);
    const guessed = await measureRank(backend, dataSet(digits, 'random labels', 1, size), fit);
    expect(guessed.test).toBeGreaterThan(0.95 * guessed.variance);
    expect(backend.liveBuffers).toBe(0);
  });

  test('a tiny run: seven claims, and a figure with both panels and what the paper has', async () => {
    using backend = openCpu();
    const plan = { train: 200, test: 100, batchSize: 100, steps: 4, ranks: [1, 2], repeats: 1 };
    const { claims, cells, figures } = await measureRanks(backend, plan, () => undefined);
    expect(claims).toHaveLength(7);
    expect(cells).toHaveLength(6);
    const errors = await drawSvg(figures['errors'] ?? expect.fail('no figure of errors'));
    expect(marksIn(errors, 'line mark')).toBe(6);
    expect(marksIn(errors, 'circle')).toBe(12);
    for (const label of ['train images', 'test images', 'random labels']) expect(errors).toContain(label);
  });

  test('the rank that fits is the least one below the share of the variance', () => {
    const cell = (rank: number, train: number): RankCell => ({
      kind: 'digits',
      rank,
      train,
      test: 1,
      variance: 0.1,
      runs: [],
    });
    const cells = [cell(5, 0.01), cell(1, 0.05), cell(3, 0.02)];
    expect(rankToFit(cells, 'digits', 0.25)).toBe(3);
    expect(rankToFit(cells, 'digits', 0.5)).toBe(1);
    expect(rankToFit(cells, 'digits', 0.05)).toBeUndefined();
    expect(rankToFit(cells, 'random labels', 0.5)).toBeUndefined();
  });
});

test('claims make a table with aligned columns that says which ones hold', () => {
  const lines = claimTable([
    { claim: 'a', paper: 'long enough', measured: '1', holds: true },
    { claim: 'b', paper: 'x', measured: '2', holds: false },
  ]).split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toBe('| a     | long enough | 1        | yes   |');
  expect(lines[3]).toBe('| b     | x           | 2        | NO    |');
});

test('options: names, seeds, and one line for what is wrong', () => {
  expect(parseOptions(['lazy', '--quick'])).toMatchObject({ names: ['lazy'], quick: true, seeds: 4, backend: 'cpu' });
  expect(parseOptions(['--grid'])).toMatchObject({ names: ['beyond-lazy'], grid: true, seeds: 100 });
  expect(parseOptions(['--seeds', '7']).seeds).toBe(7);
  expect(() => parseOptions(['deep'])).toThrow(/expected a name of lazy, beyond-lazy, staged.*got deep/);
  expect(() => parseOptions(['--seeds', '0'])).toThrow('expected --seeds to be an integer ≥ 1, got 0');
});
