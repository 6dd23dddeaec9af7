// Completion by variational inference under losses other than squared errors, and with nonnegative factors: exact beside gross errors, as
// good as maximum likelihood from the truth for counts and for zeros and ones.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  factorMatchScore,
  lossOf,
  observed,
  predictEntries,
  relativeError,
  type Kruskal,
  type LossName,
  type ObservedTarget,
  type VariationalOptions,
} from '../../src/index.js';
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { observedView } from '../../src/handles/views/observed-view.js';
import { plantedObserved } from '../../src/problems/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';

const expectAll = (right: readonly boolean[]): void => expect(right.every(Boolean), right.join()).toBe(true);
/** Data may favor another answer once in a while: of 20 seeds that is allowed for one. */
const expectNearlyAll = (right: readonly boolean[]): void =>
  expect(right.filter(Boolean).length, right.join()).toBeGreaterThanOrEqual(0.95 * right.length);

const twenty = Array.from({ length: 20 }, (_, seed) => seed);
const seeds = twenty.slice(0, 10);

type VariationalLoss = NonNullable<VariationalOptions['loss']>;

const run = (target: ObservedTarget, loss: VariationalLoss, seed: number, options = {}) =>
  decompose(target, { algorithm: { kind: 'variational', loss }, backend: 'cpu', seed, ...options });

describe.each(['huber', 'studentT'] as const)('%s', (loss) => {
  test('a tenth of the values grossly wrong, the others exact: the rank, the tensor, and how many are wrong', async () => {
    for (const seed of casesOf(seeds, 2)) {
      const { target, truth, wrong } = plantedObserved({
        shape: [14, 13, 12],
        rank: 3,
        share: 0.35,
        corrupt: 0.1,
        seed,
      });
      const { rank, stop, advice, starts, kruskal } = await run(target, loss, seed);
      expect([seed, rank, stop, starts.agreeing]).toEqual([seed, 3, 'converged', 2]);
      expect(relativeError(kruskal, truth)).toBeLessThan(1e-9);
      expect(advice).toBe(
        `The model fits ${target.count - wrong.length} of the ${target.count} values exactly; the other ${wrong.length} are taken for wrong.`,
      );
    }
  });

  test('with noise it errs little more than least squares of the values that are right', async () => {
    const noise = 0.05;
    const { target, truth, wrong } = plantedObserved({ ...noisy, noise, corrupt: 0.1, seed: 100 });
    const right = observedWithout(target, wrong);
    const best = finished(polishedSampled(observedView(right), truth)).kruskal;
    const { rank, kruskal } = await run(target, loss, 1);
    expect(rank).toBe(3);
    // Huber's loss lets a tenth of the values pull as strongly as 1.345 standard deviations; Student's t lets them go.
    const limit = loss === 'huber' ? 2 : 1.1;
    expect(relativeError(kruskal, truth)).toBeLessThan(limit * relativeError(best, truth));
  });
});

const noisy = { shape: [14, 13, 12], rank: 3, share: 0.35 };

function observedWithout({ shape, indices, values }: ObservedTarget, left: Uint32Array): ObservedTarget {
  const kept = Array.from(values.keys()).filter((e) => !left.includes(e));
  return observed(
    shape,
    Uint32Array.from(kept.flatMap((e) => Array.from(indices.subarray(3 * e, 3 * e + 3)))),
    Float64Array.from(kept, (e) => values[e]!),
  );
}

test('a beta that is given stays what it is, in the units of the values', async () => {
  const { target, truth } = plantedObserved({ ...noisy, corrupt: 0.1, seed: 1 });
  const of = (factor: number) =>
    decompose(
      observed(
        target.shape,
        target.indices,
        target.values.map((value) => factor * value),
      ),
      {
        algorithm: { kind: 'variational', loss: 'huber', lossParameter: 1e-3 * factor },
        backend: 'cpu',
      },
    );
  const one = await of(1);
  const many = await of(1000);
  expect(relativeError(one.kruskal, truth)).toBeLessThan(1e-2);
  expect(many.rank).toBe(one.rank);
  expect(many.relativeError).toBeCloseTo(one.relativeError, 9);
});

/** A number of components, the factors of which `draw` fills, scaled so that predictions vary by `spread` (about 0, or have it as mean). */
function planted(draw: (random: RandomStream) => number, seed: number, components: number, spread: number) {
  const shape = [16, 15, 14];
  const random = randomStream(1000 + seed, 7);
  const factors = shape.map((rows) => ({
    rows,
    columns: components,
    data: Float64Array.from({ length: rows * components }, () => draw(random)),
  }));
  const cells = Array.from({ length: 16 * 15 * 14 }, (_, c) => [Math.floor(c / 210), Math.floor(c / 14) % 15, c % 14]);
  const unit: Kruskal = { weights: new Float64Array(components).fill(1), factors };
  const values = predictEntries(unit, cells.flat());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  const isRate = factors.every(({ data }) => data.every((value) => value > 0));
  const truth: Kruskal = { weights: unit.weights.map(() => spread / (isRate ? mean : deviation)), factors };
  return { shape, cells, truth, random };
}

/** Knuth's method, for small rates. */
function poissonDraw(rate: number, random: RandomStream): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-rate); count++) product *= random.uniform();
  return count;
}

const withOffset = ({ weights, factors }: Kruskal, offset: number): Kruskal => ({
  weights: Float64Array.of(...weights, offset),
  factors: factors.map(({ rows, columns, data }) => ({
    rows,
    columns: columns + 1,
    data: Float64Array.from({ length: rows * (columns + 1) }, (_, at) => {
      const r = at % (columns + 1);
      return r < columns ? data[Math.floor(at / (columns + 1)) * columns + r]! : 1;
    }),
  })),
});

interface Counted {
  readonly loss: Extract<LossName, VariationalLoss>;
  readonly rank: number;
  readonly truthOf: (seed: number) => ReturnType<typeof planted>;
}

const counted: readonly Counted[] = [
  // Rates of mean 5.
  { loss: 'poisson', rank: 3, truthOf: (seed) => planted((random) => -Math.log(random.uniform()), seed, 3, 5) },
  // Rates about e^{log 4 ± 0.5}; the offset is a component.
  {
    loss: 'poissonLog',
    rank: 4,
    truthOf: (seed) => {
      const given = planted((random) => 2 * random.uniform() - 1, seed, 3, 0.5);
      return { ...given, truth: withOffset(given.truth, Math.log(4)) };
    },
  },
  { loss: 'bernoulliLogit', rank: 2, truthOf: (seed) => planted((random) => random.normal(), seed, 2, 2.5) },
];

test.each(counted)(
  '$loss: the rank, and means as good as those of maximum likelihood from the truth',
  async (problem) => {
    const { loss, rank, truthOf } = problem;
    const { mean } = lossOf(loss);
    const successes: boolean[] = [];
    for (const seed of casesOf(seeds, 1)) {
      const { shape, cells, truth, random } = truthOf(seed);
      const means = predictEntries(truth, cells.flat()).map(mean);
      const values = means.map((rate) =>
        loss === 'bernoulliLogit' ? Number(random.uniform() < rate) : poissonDraw(rate, random),
      );
      const isKnown = Array.from(values, () => random.uniform() < 0.6);
      const known = cells.filter((_, c) => isKnown[c]);
      const hidden = cells.flatMap((cell, c) => (isKnown[c] ? [] : cell));
      const target = observed(
        shape,
        known.flat(),
        values.filter((_, c) => isKnown[c]!),
      );
      const right = means.filter((_, c) => !isKnown[c]!);
      const errorOf = (model: Kruskal): number =>
        Math.hypot(...predictEntries(model, hidden).map((prediction, at) => mean(prediction) - right[at]!));
      const nonnegative = loss === 'poisson';
      const likely = finished(polishedSampled(observedView(target), truth, { loss, nonnegative, maxSteps: 300 }));
      const result = await run(target, loss, seed);
      const isRight = result.rank === rank && result.stop === 'converged';
      successes.push(isRight && errorOf(result.kruskal) < 1.1 * errorOf(likely.kruskal));
      if (nonnegative) expect(result.kruskal.factors.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
    }
    expectAll(successes);
  },
);

test('bounds and few values: a fit without a prior is not vouched for', async () => {
  const { target } = plantedObserved({ shape: [40, 50], rank: 2, share: 0.3, noise: 0.1, seed: 1 });
  const shifted = observed(
    target.shape,
    target.indices,
    target.values.map((value) => value + 5),
  );
  const { stop, advice } = await decompose(shifted, { algorithm: 'variational', nonnegative: true });
  expect(stop).toBe('stalled');
  expect(advice).toContain('a fit within bounds, which has no prior');
});

describe('nonnegative factors', () => {
  const shape = [24, 23, 22];
  const half = (seed: number, noise: number) => {
    const random = randomStream(2000 + seed, 9);
    const factors = shape.map((rows) => ({
      rows,
      columns: 3,
      data: Float64Array.from({ length: 3 * rows }, () => Math.abs(random.normal())),
    }));
    const truth: Kruskal = { weights: Float64Array.of(1, 1, 1), factors };
    const cells = Array.from({ length: 24 * 23 * 22 }, (_, c) => [
      Math.floor(c / 506),
      Math.floor(c / 22) % 23,
      c % 22,
    ]);
    const known = cells.filter(() => random.uniform() < 0.5).flat();
    const values = predictEntries(truth, known);
    const level = noise * Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    return {
      truth,
      target: observed(
        shape,
        known,
        values.map((value) => value + level * random.normal()),
      ),
    };
  };

  test('half of the cells, 5 % noise', async () => {
    const successes: boolean[] = [];
    for (const seed of casesOf(twenty, 1)) {
      const { truth, target } = half(seed, 0.05);
      const { rank, stop, kruskal, kktResidual, posterior } = await decompose(target, {
        nonnegative: true,
        seed,
        backend: 'cpu',
      });
      expect([seed, rank, stop]).toEqual([seed, 3, 'converged']);
      expect(kruskal.factors.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
      successes.push(factorMatchScore(kruskal, truth) >= 0.99);
      expect(kktResidual).toBeLessThan(1e-6);
      // Of a model without bounds it would be, and of another mean.
      expect(posterior).toBeUndefined();
    }
    expectNearlyAll(successes);
  });

  test('of some modes, without noise', async () => {
    const { truth, target } = half(1, 0);
    const signed = truth.factors.map((factor, mode) =>
      mode === 1 ? { ...factor, data: factor.data.map((value, at) => (at % 3 === 0 ? -value : value)) } : factor,
    );
    const values = predictEntries({ ...truth, factors: signed }, target.indices);
    const of = observed(shape, target.indices, values);
    const some = await decompose(of, { nonnegative: [0, 2], seed: 1, backend: 'cpu' });
    expect([some.rank, some.stop]).toEqual([3, 'converged']);
    expect([0, 2].every((mode) => some.kruskal.factors[mode]!.data.every((value) => value >= 0))).toBe(true);
    expect(relativeError(some.kruskal, { ...truth, factors: signed })).toBeLessThan(1e-9);
    // Of all modes it cannot be so.
    const all = await decompose(of, { nonnegative: true, seed: 1, backend: 'cpu' });
    expect(all.stop).toBe('stalled');
    expect(all.advice).toMatch(/Without bounds 3 components .* more than noise explains/);
  });
});

test.each<[VariationalLoss, number, RegExp]>([
  [
    'poisson',
    -2,
    /variational: expected counts or other numbers from 0 .* with loss poisson, got -2 for observation 1, entry \(1, 0\)\./,
  ],
  ['poissonLog', -0.5, /with loss poissonLog, got -0.5 for observation 1, entry \(1, 0\)/],
  ['bernoulliLogit', 2, /expected zeros and ones with loss bernoulliLogit, got 2 for observation 1, entry \(1, 0\)/],
])('%s of %d is refused, and the entry named', async (loss, value, message) => {
  await expect(run(observed([2, 2], [0, 0, 1, 0, 1, 1], [1, value, 0]), loss, 0)).rejects.toThrow(message);
});

test('options that do not go together are refused in one line', async () => {
  const target = observed([2, 2], [0, 0, 1, 0, 1, 1], [1, 0, 0]);
  const algorithm = { kind: 'variational', loss: 'studentT', lossParameter: 1 } as const;
  await expect(decompose(target, { algorithm })).rejects.toThrow(
    /expected lossParameter with loss huber only, got it with loss studentT/,
  );
  const l1 = { kind: 'variational', loss: 'l1' as 'l2' } as const;
  await expect(decompose(target, { algorithm: l1 })).rejects.toThrow(
    /expected a known value of loss \(l2, huber, .*\), got l1/,
  );
});
