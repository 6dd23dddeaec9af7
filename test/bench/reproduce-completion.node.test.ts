// The completion and corruption parts of `npm run reproduce`, with tiny settings: the problems, what is measured, what is claimed.
import { describe, expect, test } from 'vitest';
import { measureScale, reproductionOf, type DefaultCell } from '../../bench/reproduce/completion.js';
import { typicalRun, type ScaleCell } from '../../bench/reproduce/completion-cells.js';
import { completionProblem } from '../../bench/reproduce/completion-problems.js';
import { corruptionClaims, measureCorruption } from '../../bench/reproduce/corruption.js';
import type { CorruptionCell } from '../../bench/reproduce/corruption-cells.js';
import { drawSvg } from '../../bench/reproduce/figure.js';
import { spread } from '../../bench/figures.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { denseNorm, predict, toDense, type ObservedTarget } from '../../src/index.js';

const marksIn = (svg: string, kind: string): number => svg.split(`aria-roledescription="${kind}"`).length - 1;
const small = { shape: [6, 6, 6], rank: 2, count: 130, measured: false } as const;

describe('problems', () => {
  test('a tensor of norm 1, its entries, and what zeros in the unknown cells leave', () => {
    const { target, truth, zeroFill, tolerance } = completionProblem(small, 1);
    const tensor = toDense(truth);
    expect(denseNorm(tensor)).toBeCloseTo(1, 12);
    expect(target.count).toBe(130);
    const { indices } = target as ObservedTarget;
    const filled = tensor.data.slice();
    target.values.forEach((value, e) => {
      const cell = [0, 1, 2].reduce((at, k) => 6 * at + indices[3 * e + k]!, 0);
      expect(value).toBeCloseTo(tensor.data[cell]!, 12);
      filled[cell] = 0;
    });
    expect(zeroFill).toBeCloseTo(denseNorm({ shape: small.shape, data: filled }), 12);
    // A residual of 1e-4 in every entry has the mean square 1e-8.
    expect((1e-4 * Math.sqrt(130)) / Math.hypot(...target.values)).toBeCloseTo(tolerance, 12);
  });

  test('measurements are inner products with Gaussian tensors', () => {
    const { target, truth } = completionProblem({ ...small, count: 400, measured: true }, 1);
    predict(truth, target).forEach((value, j) => expect(value).toBeCloseTo(target.values[j]!, 10));
    // Of a tensor of norm 1 and 216 cells: normal numbers, whose mean square is 1 / 216 within 5 · √(2 / 400) of itself.
    const square = target.values.reduce((sum, value) => sum + value * value, 0) / 400;
    expect(Math.abs(216 * square - 1)).toBeLessThan(5 * Math.sqrt(2 / 400));
  });

  test('corruption changes its share of the entries, and not what zero fill means', () => {
    const right = completionProblem(small, 1);
    const wrong = completionProblem(small, 1, 0.1);
    const changed = right.target.values.filter((value, e) => value !== wrong.target.values[e]);
    expect(changed).toHaveLength(13);
    expect(wrong.zeroFill).toBe(right.zeroFill);
  });
});

describe('completion', () => {
  const setting = { name: 'small', ...small, width: 36, scales: [], learningRate: 1e-2 };
  const problem = { ...completionProblem(small, 1), tolerance: 1e-2 };

  test('a smaller start comes closer, with fewer components', { timeout: 60_000 }, async () => {
    using backend = openCpu();
    const cells: ScaleCell[] = [];
    for (const scale of [0.1, 0.02])
      cells.push(await measureScale(backend, setting, problem, { scale, bound: 0.1 }, 2));
    const [large, tiny] = cells as [ScaleCell, ScaleCell];
    expect(tiny.reconstruction.value).toBeLessThan(large.reconstruction.value / 5);
    expect(tiny.components.value).toBeLessThan(large.components.value / 2);
    for (const run of cells.flatMap(({ runs }) => runs)) {
      expect(run.converged).toBe(true);
      expect(run.trainError).toBeLessThanOrEqual(problem.tolerance);
      expect(run.arrivals).toEqual(run.arrivals.toSorted((a, b) => a - b));
      expect(run.history.at(-1)?.step).toBe(run.steps);
    }
    const { claims, figures } = reproductionOf(cells);
    expect(claims).toHaveLength(5);
    expect(claims[0]?.holds).toBe(true);
    const errors = await drawSvg(figures['errors'] ?? expect.fail('no figure of errors'));
    expect(marksIn(errors, 'point')).toBe(4);
    expect(marksIn(errors, 'rule mark')).toBe(2);
    const norms = await drawSvg(figures['norms'] ?? expect.fail('no figure of norms'));
    expect(marksIn(norms, 'line mark')).toBe(16);
    expect(backend.liveBuffers).toBe(0);
  });

  const run = (reconstruction: number, components: number, arrivals: readonly number[]) => ({
    seed: 0,
    converged: true,
    steps: 1,
    seconds: 1,
    trainError: 0,
    reconstruction,
    components,
    arrivals,
    history: [],
  });
  const cell = (scale: number, ...runs: ReturnType<typeof run>[]): ScaleCell => ({
    kind: 'scale',
    setting: 'some',
    scale,
    bound: 0.1,
    zeroFill: 0.9,
    runs,
    reconstruction: spread(runs.map(({ reconstruction }) => reconstruction)),
    components: spread(runs.map(({ components }) => components)),
  });
  const apart = [1, 2, 3, 4, 5];

  test('claims hold for what the paper says, and fail for anything else', () => {
    const holds = (...cells: (ScaleCell | DefaultCell)[]): boolean[] =>
      reproductionOf(cells).claims.map((claim) => claim.holds);
    expect(holds(cell(0.05, run(0.09, 9, apart)), cell(0.01, run(0.05, 5, apart)))).toEqual(Array(5).fill(true));
    // Errors that rise, one above its bound, too many components, two at once.
    expect(holds(cell(0.05, run(0.09, 9, apart)), cell(0.01, run(0.2, 7, [1, 2, 2, 3])))).toEqual([
      ...[false, true, false],
      ...[false, false],
    ]);
    const given = { kind: 'default', setting: 'some', agreeing: 5, trainError: 0, seconds: 1 } as const;
    expect(holds({ ...given, rank: 5, reconstruction: 1e-9 })).toEqual([true]);
    expect(holds({ ...given, rank: 6, reconstruction: 1e-9 })).toEqual([false]);
    expect(holds({ ...given, rank: 5, reconstruction: 1e-3 })).toEqual([false]);
  });

  test('medians forgive one spurious component, and the run that is drawn is the one of the median', () => {
    const some = cell(0.01, run(1.5, 6, apart), run(0.004, 5, apart), run(0.005, 5, apart));
    expect(reproductionOf([some]).claims.every((claim) => claim.holds)).toBe(true);
    expect(typicalRun(some)?.reconstruction).toBe(0.005);
  });
});

describe('corruption', () => {
  test('a tiny run: a claim a loss and two of the defaults, a line a run', { timeout: 60_000 }, async () => {
    using backend = openCpu();
    const plan = { ...small, width: 12, corrupt: 0.1, scale: 0.05, steps: 200, inits: 1 };
    const { claims, cells, figures } = await measureCorruption(backend, plan, () => undefined);
    expect(claims).toHaveLength(5);
    const runs = (cells as CorruptionCell[]).slice(0, 3).flatMap((cell) => cell.runs);
    expect(runs).toHaveLength(3);
    for (const { least, chosen, final, history, chosenStep } of runs) {
      expect(least).toBeLessThanOrEqual(Math.min(chosen, final));
      const state = history.find(({ step }) => step === chosenStep);
      expect(state?.reconstruction).toBe(chosen);
      expect(state?.heldOut).toBe(Math.min(...history.map(({ heldOut }) => heldOut)));
      expect(history.at(-1)?.step).toBe(200);
    }
    const errors = await drawSvg(figures['errors'] ?? expect.fail('no figure of errors'));
    expect([marksIn(errors, 'line mark'), marksIn(errors, 'point')]).toEqual([3, 3]);
  });

  test('claims: squares dip and rise, the others recover', () => {
    const cell = (loss: CorruptionCell['loss'], least: number, chosen: number, final: number): CorruptionCell => ({
      kind: 'corruption',
      loss,
      zeroFill: 0.9,
      runs: [],
      least: spread([least]),
      chosen: spread([chosen]),
      final: spread([final]),
    });
    const holds = (...cells: CorruptionCell[]): boolean[] => corruptionClaims(cells, []).map((claim) => claim.holds);
    expect(holds(cell('l2', 0.8, 0.8, 6), cell('huber', 0.03, 0.04, 0.2), cell('l1', 0.01, 0.01, 0.01))).toEqual([
      ...[true, true, true],
    ]);
    expect(holds(cell('l2', 0.8, 0.8, 1), cell('l2', 0.95, 1, 6), cell('huber', 0.03, 0.06, 0.03))).toEqual([
      ...[false, false, false],
    ]);
  });
});
