// The parts of `npm run reproduce`, with tiny settings: what is measured, what is claimed, and that figures show it.
import { describe, expect, test } from 'vitest';
import { measureSuccess, needs, reproduceBeyondLazy, type SuccessCell } from '../../bench/reproduce/beyond-lazy.js';
import { drawSvg } from '../../bench/reproduce/figure.js';
import { measureSpace, movementOf } from '../../bench/reproduce/lazy.js';
import { residualFigure, thresholdFigure } from '../../bench/reproduce/lazy-figures.js';
import { parseOptions } from '../../bench/reproduce/options.js';
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
      ...{ kind: 'success', ...input, width, seeds: 20, successes, failures: [], steps: undefined, seconds: 0 },
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
