// The bookkeeping of `npm run reproduce -- calibration` on made-up outcomes: what counts as wrong, said and right, and that the
// yardsticks of the families are those of what was planted.
import { describe, expect, test } from 'vitest';
import { drawOf, type Family } from '../../bench/reproduce/calibration-draw.js';
import { clearRanks, poorAbove } from '../../bench/reproduce/calibration-rank.js';
import { isSaid, qualityOf, type Answer, type Truth } from '../../bench/reproduce/calibration-verdict.js';
import {
  calibrationClaims,
  calibrationTable,
  cellOf,
  families,
  measure,
  reproduceCalibration,
  type Case,
} from '../../bench/reproduce/calibration.js';
import { mixture } from '../../bench/reproduce/mixture.js';
import { parseOptions } from '../../bench/reproduce/options.js';
import { seedsTo } from '../../bench/reproduce/reproduction.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { factored, InputError, type SymmetricKruskal } from '../../src/index.js';

const answer = (error: number, rank: number, rest: Partial<Answer> = {}): Answer => ({
  error,
  rank,
  stop: 'converged',
  starts: { count: 4, agreeing: 4, compared: 'models' },
  ...rest,
});

describe('verdicts', () => {
  test('said: converged, and all starts agree', () => {
    const starts = { count: 4, agreeing: 3, compared: 'models' } as const;
    expect(isSaid(answer(0, 1))).toBe(true);
    expect(isSaid(answer(0, 1, { starts }))).toBe(false);
    expect(isSaid(answer(0, 1, { stop: 'stalled' }))).toBe(false);
    expect(isSaid(answer(0, 1, { starts: { ...starts, count: 3 } }))).toBe(true);
  });

  test('without noise, only an exact answer with no more than the planted components is right', () => {
    const truth: Truth = { kind: 'exact', rank: 3 };
    expect(qualityOf(answer(1e-8, 3), truth)).toBe('right');
    expect(qualityOf(answer(1e-15, 2), truth)).toBe('right');
    expect(qualityOf(answer(1.1e-8, 3), truth)).toBe('wrong error');
    expect(qualityOf(answer(1e-15, 4), truth)).toBe('wrong rank');
    expect(qualityOf(answer(NaN, 3), truth)).toBe('wrong error');
  });

  test('with noise, an error up to ten times the best, a rank between the bounds, and nothing clearly missing', () => {
    const truth: Truth = { kind: 'noisy', best: 0.01, ranks: [2, 3], poorAbove: 0.015 };
    expect(qualityOf(answer(0.01, 2), truth)).toBe('right');
    expect(qualityOf(answer(0.015, 3), truth)).toBe('right');
    expect(qualityOf(answer(0.02, 3), truth)).toBe('poor');
    expect(qualityOf(answer(0.1, 3), truth)).toBe('poor');
    expect(qualityOf(answer(0.11, 3), truth)).toBe('wrong error');
    expect(qualityOf(answer(NaN, 3), truth)).toBe('wrong error');
    expect(qualityOf(answer(0.01, 1), truth)).toBe('wrong rank');
    expect(qualityOf(answer(0.01, 4), truth)).toBe('wrong rank');
  });

  test('of noise alone, no rank is right', () => {
    expect(qualityOf(answer(1, 0), { kind: 'noise' })).toBe('right');
    expect(qualityOf(answer(0.9, 1), { kind: 'noise' })).toBe('wrong rank');
  });
});

describe('how many components stand clearly above the noise', () => {
  // Orthonormal components: what a model misses is the energy of those that it lacks.
  const truth = (...weights: number[]): SymmetricKruskal => ({
    order: 3,
    weights: Float64Array.from(weights),
    vectors: {
      rows: weights.length,
      columns: weights.length,
      data: Float64Array.from({ length: weights.length ** 2 }, (_, at) => Number(at % (weights.length + 1) === 0)),
    },
  });
  const clear = (model: SymmetricKruskal, bound: number) => {
    const energy = ({ weights }: SymmetricKruskal): number => weights.reduce((sum, weight) => sum + weight ** 2, 0);
    return clearRanks(model, bound, (start) => ({ model: start, missed: energy(model) - energy(start) }));
  };

  test('all, some, or none; near the bound both are right, and a right model may miss what is unclear', () => {
    expect(clear(truth(1, 1, 1), 0.1)).toEqual({ ranks: [3, 3], unclear: 0 });
    expect(clear(truth(1, 0.01, 1), 0.1).ranks).toEqual([2, 2]);
    const near = clear(truth(1, 0.3, 1), 0.1);
    expect(near.ranks).toEqual([2, 3]);
    expect(near.unclear).toBeCloseTo(0.09, 12);
    expect(clear(truth(0.3, 0.3), 0.1).ranks).toEqual([0, 2]);
    expect(clear(truth(0.01), 0.1).ranks).toEqual([0, 0]);
    // Missing three times the bound beyond that is poor: 0.01 + (0.3 + 0.09) / 3².
    expect(poorAbove(0.1, 0.1, near, 3)).toBeCloseTo(Math.sqrt(0.01 + 0.39 / 9), 12);
  });
});

describe('families', () => {
  test('have names of their own, and are 1,000 instances or more by default', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    const instances = families.reduce((sum, { share }) => sum + Math.ceil(20 * share), 0);
    expect(instances).toBeGreaterThanOrEqual(1000);
  });

  test('draw the same instance from the same seed, another from another', () => {
    const numbers = (name: string, seed: number): number[] => {
      const draw = drawOf(name, seed);
      return [draw.integer(0, 1e9), draw.between(0, 1), draw.oneOf([1, 2, 3])];
    };
    expect(numbers('a', 1)).toEqual(numbers('a', 1));
    expect(numbers('a', 1)).not.toEqual(numbers('a', 2));
    expect(numbers('a', 1)).not.toEqual(numbers('b', 1));
  });

  const drawn = (name: string, seed: number) =>
    (families.find((family) => family.name === name) ?? expect.fail(`no family ${name}`)).draw(drawOf(name, seed));

  test.each(['dense/rank auto/weights equal, noise 0.1', 'symmetric/entries/orthogonal, noise 0.1'])(
    '%s: the best error is that of the noise, the rank what was planted',
    (name) => {
      for (const seed of seedsTo(4)) {
        const { truth, about } = drawn(name, seed);
        if (truth.kind !== 'noisy') return expect.fail('expected noise');
        const planted = Number(/rank (\d+)/.exec(about)?.[1]);
        expect(truth.ranks).toEqual([planted, planted]);
        expect(truth.best).toBeGreaterThan(0.01);
        expect(truth.best).toBeLessThan(0.1);
        expect(truth.poorAbove).toBeGreaterThan(truth.best);
      }
    },
  );

  test('a component of 1e-4 is below a noise of 1 %, the first one never', () => {
    for (const seed of seedsTo(6)) {
      const { truth, about } = drawn('dense/rank auto/weights 1 to 1e-4, noise 0.01', seed);
      if (truth.kind !== 'noisy') return expect.fail('expected noise');
      expect(truth.ranks[0]).toBeGreaterThanOrEqual(1);
      expect(truth.ranks[1]).toBeLessThan(Number(/rank (\d+)/.exec(about)?.[1]));
    }
  });

  test('a mixture knows the components of its cumulant', () => {
    const { whiteDirections, kurtoses, directions, mixingDirection } = mixture(3, 20_000, 1, ['uniform']);
    expect(kurtoses).toEqual(Float64Array.of(-1.2, -1.2, -1.2));
    seedsTo(3).forEach((j) => {
      const back = mixingDirection(whiteDirections.data.slice(3 * j, 3 * j + 3));
      back.forEach((entry, i) => expect(entry).toBeCloseTo(directions.data[3 * j + i]!, 10));
    });
  });
});

describe('counting', () => {
  const made = (outcome: Case['outcome'], said: boolean, seconds = 1): Case => ({
    family: 'some',
    seed: 3,
    about: 'a tensor',
    expected: 'rank 1',
    outcome,
    said,
    found: 'rank 2',
    seconds,
  });
  const some = [
    ...[made('right', true), made('right', true), made('right', false)],
    ...[made('poor', true), made('wrong rank', false), made('wrong error', true, 5)],
    ...[made('refused', false), made('failed', true)],
  ];

  test('a cell counts by outcome and by what was said, and keeps all that is not right and said', () => {
    const cell = cellOf('some', some);
    expect(cell).toMatchObject({ instances: 8, seconds: 12, slowest: 5, refused: 1, failed: 1 });
    expect(cell).toMatchObject({ right: [2, 1], poor: [1, 0], wrong: [2, 1] });
    expect(cell.cases).toEqual(some.slice(2));
    const lines = calibrationTable([cell, cell]).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[4]).toMatch(/^\| all +\| 16 +\| 4 +\| 2 +\| 2 +\| 0 +\| 4 +\| 2 +\| 2 +\| 24\.0 +\| 5\.0 +\|$/);
  });

  test('claims: at most two in a thousand wrong and said, or poor and said; refused ones do not count', () => {
    const cell = (wrong: number, poor: number, right: number, quiet = 0) =>
      cellOf('some', [
        ...seedsTo(wrong).map(() => made('wrong rank', true)),
        ...seedsTo(poor).map(() => made('poor', true)),
        ...seedsTo(right).map(() => made('right', true)),
        ...seedsTo(quiet).map(() => made('right', false)),
        ...seedsTo(500).map(() => made('refused', false)),
      ]);
    const holds = (...counts: Parameters<typeof cell>): boolean[] =>
      calibrationClaims([cell(...counts)]).map((claim) => claim.holds);
    expect(holds(2, 2, 996)).toEqual([true, true, true]);
    expect(holds(2, 0, 997)).toEqual([false, true, true]);
    expect(holds(0, 3, 1000)).toEqual([true, false, true]);
    expect(holds(0, 0, 10, 10)).toEqual([true, true, false]);
    expect(calibrationClaims([cell(1, 0, 999)])[0]?.measured).toBe('1 of 1000, 0 of them exceptions; 500 refused');
  });

  test('an InputError is refused, any other exception has failed', async () => {
    using backend = openCpu();
    const family = (error?: Error): Family => ({
      name: 'made up',
      share: 1,
      draw: () => ({
        target: factored({ order: 3, dim: 2, weights: [1], vectors: [1, 0] }),
        options: {},
        about: 'e∘e∘e',
        truth: { kind: 'exact', rank: 1 },
        errorOf: () => {
          if (error) throw error;
          return 0;
        },
      }),
    });
    expect(await measure(family(), 0, backend)).toMatchObject({ outcome: 'right', said: true });
    expect(await measure(family(new InputError('no')), 0, backend)).toMatchObject({ outcome: 'refused', said: false });
    expect(await measure(family(new Error('broken')), 0, backend)).toMatchObject({
      outcome: 'failed',
      said: true,
      found: 'Error: broken',
    });
    expect(backend.liveBuffers).toBe(0);
  });

  test('options: all families by default, or those asked for', () => {
    expect(parseOptions(['calibration'])).toMatchObject({ names: ['calibration'], only: '', seeds: 20 });
    expect(parseOptions(['calibration', '--only', 'dense/#3']).only).toBe('dense/#3');
  });

  test('a run takes the families that it is asked for, and the lines that it prints run one instance again', async () => {
    using backend = openCpu();
    const lines: string[] = [];
    const run = (only: string) =>
      reproduceCalibration({ backend, quick: true, seeds: 2, log: (line) => lines.push(line) }, only);
    const { cells, claims } = await run('symmetric/factored/orthogonal, ');
    expect(cells).toMatchObject([
      { family: 'symmetric/factored/orthogonal, signs', instances: 2 },
      { family: 'symmetric/factored/orthogonal, ratio', instances: 2 },
    ]);
    expect(claims).toHaveLength(3);
    const alone = await run('symmetric/factored/orthogonal#1');
    expect(alone.cells).toHaveLength(1);
    expect(alone.cells[0]).toMatchObject({ family: 'symmetric/factored/orthogonal', instances: 1 });
    await expect(run('nonsense')).rejects.toThrow("expected --only to be a part of a family's name, got nonsense");
  });
});
