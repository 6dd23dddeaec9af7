// From many components to the few that the observations ask for: exact data give exactly their rank, noise and gross errors do not
// add to it, held-out observations speak against what lies off the observed ones.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../../src/analysis/match.js';
import { predict } from '../../../src/analysis/predict.js';
import { compactCp, type CompactCpOptions } from '../../../src/compaction/cp/compact-cp.js';
import { isNoWorse } from '../../../src/compaction/cp/held-out-losses.js';
import { mergeCp } from '../../../src/compaction/cp/merge-cp.js';
import { rankChoice } from '../../../src/compaction/cp/rank-choice.js';
import { removalOrder } from '../../../src/compaction/cp/removal-order.js';
import { sampledView } from '../../../src/handles/views/sampled-view.js';
import { InputError } from '../../../src/errors.js';
import { plantedObserved, type PlantedObservedOptions } from '../../../src/problems/index.js';
import { randomStream } from '../../../src/random/stream.js';
import { holdOut, type SampledTarget } from '../../../src/targets/hold-out.js';
import { sensing } from '../../../src/targets/sensing.js';
import type { Kruskal } from '../../../src/tensor/kruskal.js';
import { fixSigns, normalize } from '../../../src/tensor/normalize.js';
import { overParametrized, perturbed, randomKruskal, scaled, together } from './models.js';
import { finished } from '../../../src/yield.js';

const rootMeanSquare = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

/** Planted entries, a tenth of them held out, and an over-parametrized model near the truth. */
function problem(options: PlantedObservedOptions) {
  const { target, truth } = plantedObserved(options);
  const { train, held } = holdOut(target, { share: 0.1, seed: 3 });
  if (!held) throw new Error('expected entries to hold out');
  return { target, train, held, truth, model: overParametrized(truth, randomStream(options.seed)) };
}

describe.each([
  { shape: [10, 9, 8], rank: 3, share: 0.5 },
  { shape: [25, 8, 5], rank: 2, share: 0.5 },
  { shape: [7, 6, 5, 6], rank: 4, share: 0.4 },
])('shape $shape, rank $rank', (planted) => {
  test.each([1, 2])('exact entries give exactly their rank, seed %d', (seed) => {
    const { target, train, held, truth, model } = problem({ ...planted, seed });
    const runs: CompactCpOptions[] = [{}, { rank: planted.rank }, { rank: planted.rank + 2 }];
    const results = [...runs.map((options) => compactCp(target, model, options)), compactCp(train, model, { held })];
    for (const { kruskal, rank, relativeError, pruned, merged, removed } of results) {
      expect(rank).toBe(planted.rank);
      expect(kruskal.weights.length).toBe(rank);
      expect(relativeError).toBeLessThan(1e-10);
      expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.999);
      expect(pruned + merged + removed).toBe(model.weights.length - rank);
      // Of 50 tiny components of norm 0.5 %, some may be twice as large by chance.
      expect(pruned).toBeGreaterThan(25);
    }
  });

  test.each([0.01, 0.1])('noise of %f does not add components', (noise) => {
    const { target, train, held, truth, model } = problem({ ...planted, seed: 5, noise });
    for (const result of [compactCp(train, model, { held }), compactCp(target, model)]) {
      expect(result.rank).toBe(planted.rank);
      // The fit takes up noise in p of N dimensions, √(p/N) of it, where the observed entries are concerned; half as much again for
      // chance, and for what is held out.
      const numbers = planted.rank * planted.shape.reduce((sum, size) => sum + size - 1, 1);
      const clean = predict(truth, train);
      const residual = predict(result.kruskal, train).map((prediction, e) => prediction - clean[e]!);
      expect(rootMeanSquare(residual) / rootMeanSquare(clean)).toBeLessThan(
        1.5 * noise * Math.sqrt(numbers / train.count),
      );
    }
  });
});

describe.each(['l2', 'l1', 'huber'] as const)('loss %s', (loss) => {
  const { target, train, held, truth, model } = problem({ shape: [10, 9, 8], rank: 3, share: 0.5, seed: 1 });
  const compacted = (size: number, given: SampledTarget, held?: SampledTarget) => {
    const resized = (one: SampledTarget) => ({ ...one, values: one.values.map((value) => value * size) });
    const start = { ...model, weights: model.weights.map((weight) => weight * size) };
    return compactCp(resized(given), start, {
      loss,
      ...(held ? { held: resized(held) } : {}),
      ...(loss === 'huber' ? { lossParameter: 0.1 * size } : {}),
    });
  };
  const all = compacted(1, target);
  const some = compacted(1, train, held);

  test.each([1e160, 1e-160])('values of size %d are compacted as those of size 1 are', (size) => {
    for (const [far, near] of [
      [compacted(size, target), all],
      [compacted(size, train, held), some],
    ] as const) {
      expect(far.rank).toBe(near.rank);
      // A few roundings, where the fit is exact.
      expect(far.relativeError).toBeLessThan(1.01 * near.relativeError + 1e-14);
      const weights = far.kruskal.weights.map((weight) => weight / size);
      expect(factorMatchScore({ ...far.kruskal, weights }, truth)).toBeGreaterThan(0.999);
    }
  });
});

test.each(['l1', 'huber'] as const)('gross errors in a tenth of the entries do not add components under %s', (loss) => {
  const { target, train, held, truth, model } = problem({
    shape: [12, 10, 9],
    rank: 3,
    share: 0.6,
    seed: 4,
    corrupt: 0.1,
  });
  const lossParameter = loss === 'huber' ? 0.05 * rootMeanSquare(predict(truth, target)) : undefined;
  const options = { loss, ...(lossParameter ? { lossParameter } : {}) };
  for (const { rank, kruskal } of [compactCp(train, model, { ...options, held }), compactCp(target, model, options)]) {
    expect(rank).toBe(3);
    expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.99);
  }
});

test('a component that is large where nothing is observed goes', () => {
  const shape = [10, 9, 8];
  const rank = 2;
  const { target, truth } = plantedObserved({ shape, rank, share: 0.4, seed: 8 });
  const { train, held } = holdOut(target, { share: 0.1, seed: 1 });
  // e_1 ∘ e_1 ∘ (whatever of the last mode is not observed there), twice as large as the truth.
  const blank = Array.from(shape, (size) => new Float64Array(size));
  blank[0]![1] = blank[1]![1] = 1;
  const open = Array.from({ length: 8 }, (_, k) => k).filter(
    (k) =>
      !Array.from({ length: train.count }, (_, e) => e).some((e) =>
        [1, 1, k].every((i, m) => train.indices[3 * e + m] === i),
      ),
  );
  expect(open.length).toBeGreaterThan(0);
  open.forEach((k) => (blank[2]![k] = 1));
  const spurious: Kruskal = {
    weights: Float64Array.of(2),
    factors: blank.map((data) => ({ rows: data.length, columns: 1, data })),
  };
  const { kruskal, removed } = compactCp(
    train,
    together([perturbed(truth, 0.05, randomStream(2)), spurious]),
    held ? { held } : {},
  );
  expect(removed).toBe(1);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-9);
});

test('nonnegative factors stay so', () => {
  const random = randomStream(12);
  const free = randomKruskal([10, 9, 8], 3, 1, random);
  const truth = {
    ...free,
    factors: free.factors.map((f) => ({ ...f, data: f.data.map((value) => Math.max(value, 0)) })),
  };
  const { target: cells } = plantedObserved({ shape: [10, 9, 8], rank: 1, share: 0.6, seed: 3 });
  const target = { ...cells, values: predict(truth, cells) };
  const { kruskal, rank, relativeError } = compactCp(target, overParametrized(truth, random), { nonnegative: true });
  expect(kruskal.factors.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
  expect(rank).toBe(3);
  expect(relativeError).toBeLessThan(1e-6);
});

test('the rank asked for is an upper bound, whatever it leaves unexplained', () => {
  const { target, model } = problem({ shape: [10, 9, 8], rank: 3, share: 0.5, seed: 1 });
  const { rank, relativeError } = compactCp(target, model, { rank: 2 });
  expect(rank).toBe(2);
  expect(relativeError).toBeGreaterThan(0.1);
});

test('measurements are compacted like entries', () => {
  const shape = [6, 5, 4];
  const random = randomStream(4);
  const truth = randomKruskal(shape, 2, 1, random);
  const blank = sensing(shape, random.fillNormal(new Float64Array(80 * 120)), new Float64Array(80));
  const target = { ...blank, values: predict(truth, blank) };
  const { kruskal, rank } = compactCp(target, overParametrized(truth, random));
  expect(rank).toBe(2);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-9);
});

test('the result is in canonical form, and arguments are checked', () => {
  const { target, model } = problem({ shape: [10, 9, 8], rank: 3, share: 0.5, seed: 1 });
  const { kruskal } = compactCp(target, model);
  expect([...kruskal.weights]).toEqual([...kruskal.weights].sort((a, b) => b - a));
  fixSigns(kruskal).factors.forEach(({ data }, mode) => expect(data).toEqual(kruskal.factors[mode]!.data));
  expect(() => compactCp(target, model, { rank: 0 })).toThrow(InputError);
  expect(() => compactCp(target, model, { mergeCosine: 2 })).toThrow(InputError);
  expect(() => compactCp(target, model, { tolerance: -1 })).toThrow(InputError);
  expect(() => compactCp(target, scaled(model, NaN))).toThrow(/finite/);
  expect(() => compactCp(target, randomKruskal([10, 9, 7], 2, 1, randomStream(1)))).toThrow(InputError);
});

describe('the stages', () => {
  test('merging: what lies together becomes one of the sum of the weights, twins of opposite sign cancel', () => {
    const random = randomStream(6);
    const one = normalize(randomKruskal([8, 7, 6], 1, 1, random));
    const other = normalize(randomKruskal([8, 7, 6], 1, 1, random));
    const twin = {
      ...one,
      factors: one.factors.map((f, mode) => ({ ...f, data: f.data.map((v) => (mode < 2 ? -v : v)) })),
    };
    const merged = mergeCp(together([scaled(one, 0.75), other, scaled(twin, 0.5)]), 0.95);
    expect(merged.weights.length).toBe(2);
    // Two flipped columns are no flip of the component.
    expect(factorMatchScore(merged, together([scaled(one, 1.25), other]))).toBeGreaterThan(1 - 1e-12);
    const cancelled = mergeCp(together([one, scaled(one, -1)]), 0.95);
    expect(cancelled.weights.length).toBe(1);
    expect(Math.abs(cancelled.weights[0]!)).toBeLessThan(1e-14);
  });

  test('the price of components is what least squares of the weights loses', () => {
    const { target, truth } = plantedObserved({ shape: [8, 7, 6], rank: 3, share: 0.5, seed: 2 });
    const removals = finished(removalOrder(sampledView(target), truth, 'l2', 0));
    const parts = [0, 1, 2].map((c) =>
      predict({ ...truth, weights: truth.weights.map((weight, r) => (r === c ? weight : 0)) }, target),
    );
    const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, e) => sum + value * b[e]!, 0);
    // The last one that goes takes everything with it.
    expect(removals[2]!.growth).toBeCloseTo(inner(target.values, target.values) / target.count, 8);
    // What is left of a component beside the two others, by Gram and Schmidt.
    const alone = [0, 1, 2].map((c) => {
      const [a, b] = [0, 1, 2].filter((r) => r !== c).map((r) => parts[r]!) as [Float64Array, Float64Array];
      const onA = (v: Float64Array) => v.map((value, e) => value - (inner(v, a) / inner(a, a)) * a[e]!);
      const rest = onA(parts[c]!);
      const second = onA(b);
      const left = rest.map((value, e) => value - (inner(rest, second) / inner(second, second)) * second[e]!);
      return inner(left, left) / target.count;
    });
    expect(removals[0]!.growth).toBeCloseTo(Math.min(...alone), 10);
    expect(removals[0]!.component).toBe(alone.indexOf(Math.min(...alone)));
  });

  test('no worse: within two standard errors of the paired differences, gross errors aside', () => {
    const random = randomStream(17);
    const count = 400;
    const errors = random.fillNormal(new Float64Array(count)).map((error, e) => (e % 10 === 0 ? 50 : error));
    const heldOutLosses = (shift: number) => ({
      score: 0,
      losses: errors.map((error, e) => (error + shift * Math.cos(e)) ** 2),
    });
    expect(isNoWorse(heldOutLosses(0), heldOutLosses(0), 'l2')).toBe(true);
    expect(isNoWorse(heldOutLosses(0), heldOutLosses(1), 'l2')).toBe(true);
    // ½·shift² more on average: many standard errors, 2·shift/√(2·count), but for those of the fifty times larger errors.
    expect(isNoWorse(heldOutLosses(1), heldOutLosses(0), 'l2')).toBe(false);
  });

  test('the shortest description: a component must reduce the description length', () => {
    const scale = { best: 0, simplest: 1 };
    const { choose } = rankChoice({ entries: 400, numbers: 20 }, 'l2', 0, scale);
    const at = (components: number, loss: number) => ({ components, loss, heldOut: undefined });
    // 20 numbers cost 20·ln 400 = 120 of 400·ln(ratio), and a few for the free dimensions.
    expect(choose([at(3, 0.009), at(2, 0.01), at(1, 0.5)]).components).toBe(2);
    expect(choose([at(3, 0.005), at(2, 0.01), at(1, 0.5)]).components).toBe(3);
    // Exact fits: the smallest, unless it has as many numbers as there are entries.
    expect(choose([at(4, 1e-30), at(3, 1e-28), at(2, 0.01)]).components).toBe(3);
    expect(choose([at(20, 1e-30), at(2, 0.01), at(1, 0.5)]).components).toBe(2);
  });
});
