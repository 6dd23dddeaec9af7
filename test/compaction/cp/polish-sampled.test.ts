// The float64 finish of a completion: exact data are met to rounding, the loss never rises whatever it is, robust losses find the
// truth behind gross errors, and what the observations do not determine stays where it was.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../../src/analysis/match.js';
import { predict } from '../../../src/analysis/predict.js';
import {
  polishSampled,
  type PolishSampledOptions,
  type PolishSampledReport,
} from '../../../src/compaction/cp/polish-sampled.js';
import { sampledView } from '../../../src/handles/views/sampled-view.js';
import { lossNames, lossOf, type LossName } from '../../../src/losses/losses.js';
import { plantedObserved } from '../../../src/problems/index.js';
import { randomStream } from '../../../src/random/stream.js';
import type { SampledTarget } from '../../../src/targets/hold-out.js';
import { observed } from '../../../src/targets/observed.js';
import { sensing } from '../../../src/targets/sensing.js';
import type { Kruskal } from '../../../src/tensor/kruskal.js';
import { matrix } from '../../../src/tensor/matrix.js';
import { stackFactors, unstackFactors } from '../../../src/tensor/stacked.js';
import { perturbed, randomKruskal } from './models.js';
import { reportsOf } from '../../support/pauses.js';

function last(target: SampledTarget, start: Kruskal, options?: PolishSampledOptions): PolishSampledReport {
  const reports = [...reportsOf(polishSampled(sampledView(target), start, options))];
  return reports[reports.length - 1]!;
}

const rootMeanSquare = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);

test.each([
  { shape: [9, 8, 7], rank: 3, share: 0.5 },
  { shape: [30, 8, 5], rank: 2, share: 0.4 },
  { shape: [6, 5, 4, 5], rank: 3, share: 0.4 },
  // More than 600 unknowns: by conjugate gradients.
  { shape: [120, 50, 40], rank: 3, share: 0.02 },
])('exact entries of shape $shape, rank $rank, are met to rounding', ({ shape, rank, share }) => {
  const { target, truth } = plantedObserved({ shape, rank, share, seed: 2 });
  const { relativeError, kruskal, stop, step } = last(target, perturbed(truth, 0.2, randomStream(5)));
  expect(stop).toBe('converged');
  expect(relativeError).toBeLessThan(1e-10);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-9);
  // From 20 % away Gauss-Newton converges quadratically.
  expect(step).toBeLessThan(15);
});

test.each(['dense', 'kruskal'] as const)('exact %s measurements are met to rounding', (kind) => {
  const shape = [6, 5, 4];
  const rank = 2;
  const count = 60;
  const random = randomStream(8);
  const truth = randomKruskal(shape, rank, 1, random);
  const normals = (length: number): Float64Array => random.fillNormal(new Float64Array(length));
  const measurements =
    kind === 'dense'
      ? normals(count * 120)
      : { factors: shape.map((size) => matrix(count, size, normals(count * size))) };
  const blank = sensing(shape, measurements, new Float64Array(count));
  const target = { ...blank, values: predict(truth, blank) };
  const { relativeError, kruskal } = last(target, perturbed(truth, 0.2, random));
  expect(relativeError).toBeLessThan(1e-10);
  expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-9);
});

/** Observations that the loss takes, from a model of rank 2: counts, binaries, or the model's own entries with gross errors. */
function drawn(name: LossName): { target: SampledTarget; start: Kruskal } {
  const random = randomStream(21);
  const positive = name === 'poisson';
  // Log-rates and logits small enough for the least loss to be at finite factors.
  const weight = name === 'bernoulliLogit' || name === 'poissonLog' ? 10 : 20;
  const model = randomKruskal([8, 7, 6], 2, weight, random);
  const truth = positive
    ? { ...model, factors: model.factors.map((f) => ({ ...f, data: f.data.map(Math.abs) })) }
    : model;
  const { target: once } = plantedObserved({ shape: [8, 7, 6], rank: 1, share: 0.6, seed: 3 });
  // A few zeros and ones are told apart without error by logits without bound: many of every cell are not.
  const times = Array.from({ length: name === 'bernoulliLogit' ? 20 : 1 }, () => [...once.indices]).flat();
  const cells = observed(once.shape, times, new Float64Array(times.length / 3));
  const { mean, domain } = lossOf(name);
  const values = predict(truth, cells).map((prediction, e) => {
    if (name === 'bernoulliLogit') return random.uniform() < mean(prediction) ? 1 : 0;
    if (!domain.holds(-1)) return Math.round(mean(prediction));
    return prediction + (e % 10 === 0 ? 5 * random.sign() : 0.01 * random.normal());
  });
  return { target: { ...cells, values }, start: perturbed(truth, 0.5, random) };
}

describe.each(lossNames)('loss %s', (loss) => {
  const { target, start } = drawn(loss);
  const nonnegative = loss === 'poisson';
  const lossParameter = lossOf(loss).parameter ? 0.1 : 0;
  const reports = [
    ...reportsOf(
      polishSampled(sampledView(target), start, { loss, lossParameter, nonnegative, tolerance: 1e-10, maxSteps: 200 }),
    ),
  ];
  const { value: phi, derivative } = lossOf(loss);
  const meanAt = (model: Kruskal): number =>
    predict(model, target).reduce((sum, p, e) => sum + phi(p, target.values[e]!, lossParameter), 0) / target.count;

  test('never rises, falls a good deal, and is the mean over the observations', () => {
    const means = reports.map((report) => report.loss);
    means.slice(1).forEach((mean, step) => expect(mean).toBeLessThan(means[step]!));
    // The start is 50 % away in every column.
    expect(means[0]! - means[means.length - 1]!).toBeGreaterThan(0.01 * Math.abs(means[0]!));
    const { kruskal, loss: mean } = reports[reports.length - 1]!;
    // A sum of some 200 terms.
    expect(Math.abs(meanAt(kruskal) - mean)).toBeLessThan(200 * Number.EPSILON * (1 + Math.abs(mean)));
  });

  // A loss with a kink is not differentiable at its minimum.
  test.runIf(!lossOf(loss).hasKink)('ends where the gradient vanishes, by central differences of the loss', () => {
    const { kruskal, stop } = reports[reports.length - 1]!;
    expect(stop).toBe('converged');
    const x = stackFactors([kruskal]);
    const shift = 1e-5;
    const slopes = Array.from(x, (value, n) => {
      if (nonnegative && value === 0) return 0;
      const at = (by: number): number => {
        const [model = kruskal] = unstackFactors(target.shape, 2, x.with(n, value + by));
        return meanAt(model);
      };
      return (at(shift) - at(-shift)) / (2 * shift);
    });
    // Of the natural size of a slope: the spread of φ′ at the end, times the other modes' vectors of about 20^{2/3}, by √count.
    const natural = rootMeanSquare(
      predict(kruskal, target).map((p, e) => derivative(p, target.values[e]!, lossParameter)),
    );
    expect(Math.max(...slopes.map(Math.abs))).toBeLessThan(1e-3 * 20 ** (2 / 3) * Math.max(natural, 1e-2));
  });
});

test.each([
  { loss: 'l1', beta: 0 },
  { loss: 'huber', beta: 0.05 },
] as const)('$loss finds the truth behind gross errors in a tenth of the entries', ({ loss, beta }) => {
  const rank = 3;
  const share = 0.1;
  const { target, truth } = plantedObserved({ shape: [12, 10, 9], rank, share: 0.7, seed: 6, corrupt: share });
  const clean = predict(truth, target);
  const parameter = beta * rootMeanSquare(clean);
  const start = perturbed(truth, 0.1, randomStream(7));
  const { kruskal } = last(target, start, { loss, ...(beta ? { lossParameter: parameter } : {}), maxSteps: 200 });
  // At the minimum good residuals r/β balance the signs of the wrong ones: r is −β times the projection of share·count signs on the
  // tangent space, of p of count dimensions, of norm √(p·share), blown up where the wrong ones do not count, 1 / (1 − share); twice
  // that for chance. For l1 β is where its curvature is cut off: a millionth of |prediction| + |value| (losses/l1.ts).
  const unknowns = rank * (12 + 10 + 9 - 2);
  const width = loss === 'huber' ? parameter : 2e-6 * Math.max(...target.values.map(Math.abs));
  const bound = (2 * width * Math.sqrt((unknowns * share) / target.count)) / (1 - share);
  const residual = predict(kruskal, target).map((prediction, e) => prediction - clean[e]!);
  expect(rootMeanSquare(residual)).toBeLessThan(bound);
  // Squared errors follow the gross ones.
  const squared = predict(last(target, start).kruskal, target).map((prediction, e) => prediction - clean[e]!);
  expect(rootMeanSquare(squared)).toBeGreaterThan(20 * bound);
});

describe('what the observations leave open', () => {
  test('a row without entries stays where it was, up to the balance of the modes', () => {
    const { target, truth } = plantedObserved({ shape: [6, 5, 4], rank: 2, share: 0.7, seed: 4 });
    const rows = Array.from({ length: target.count }, (_, e) => e).filter((e) => target.indices[3 * e] !== 2);
    const without = observed(
      target.shape,
      rows.flatMap((e) => [...target.indices.subarray(3 * e, 3 * e + 3)]),
      rows.map((e) => target.values[e]!),
    );
    const start = perturbed(truth, 0.1, randomStream(3));
    const { kruskal, relativeError } = last(without, start);
    expect(relativeError).toBeLessThan(1e-10);
    const [before, after] = [start, kruskal].map(({ factors }) => factors[0]!.data.subarray(4, 6)) as [
      Float64Array,
      Float64Array,
    ];
    after.forEach((value, c) => {
      expect(value).not.toBe(0);
      // Balancing scales a column by the change of its norm, some tenth here.
      expect(Math.abs(value / before[c]! - 1)).toBeLessThan(0.25);
    });
  });

  test('a row with fewer entries than components is fitted, and finite', () => {
    const shape = [3, 4, 4];
    const { target } = plantedObserved({ shape: [2, 4, 4], rank: 2, share: 1, seed: 4 });
    const joined = observed(shape, [...target.indices, 2, 0, 0], [...target.values, 7]);
    const { kruskal, relativeError } = last(joined, randomKruskal(shape, 2, 1, randomStream(5)), { maxSteps: 200 });
    expect(relativeError).toBeLessThan(1e-8);
    expect(kruskal.factors.every(({ data }) => data.every(Number.isFinite))).toBe(true);
  });

  test('an entry seen twice with different values is met at their mean', () => {
    const { target, truth } = plantedObserved({ shape: [5, 4, 3], rank: 1, share: 1, seed: 9 });
    const doubled = observed(
      target.shape,
      [...target.indices, ...target.indices],
      [...target.values.map((value) => value + 0.5), ...target.values.map((value) => value - 0.5)],
    );
    const { kruskal, loss } = last(doubled, perturbed(truth, 0.2, randomStream(2)));
    expect(loss).toBeCloseTo(0.25, 12);
    expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(1 - 1e-9);
  });

  test('a model without components, and one of zeros, end at once', () => {
    const { target } = plantedObserved({ shape: [4, 3, 3], rank: 1, share: 0.8, seed: 1 });
    const empty = { weights: new Float64Array(0), factors: target.shape.map((rows) => matrix(rows, 0)) };
    expect(last(target, empty)).toMatchObject({ step: 0, stop: 'converged', relativeError: 1 });
    const zero = { weights: new Float64Array(1), factors: target.shape.map((rows) => matrix(rows, 1)) };
    expect(last(target, zero)).toMatchObject({ step: 0, stop: 'converged', relativeError: 1 });
  });
});

describe('nonnegative factors', () => {
  const random = randomStream(31);
  const free = randomKruskal([9, 8, 7], 3, 1, random);
  const truth: Kruskal = {
    ...free,
    factors: free.factors.map((f) => ({ ...f, data: f.data.map((v) => Math.max(v, 0)) })),
  };
  const { target: cells } = plantedObserved({ shape: [9, 8, 7], rank: 1, share: 0.7, seed: 3 });
  const noise = 0.01 * rootMeanSquare(predict(truth, cells));
  const target = { ...cells, values: predict(truth, cells).map((value) => value + noise * random.normal()) };
  const reports = [
    ...reportsOf(polishSampled(sampledView(target), perturbed(truth, 0.2, random), { nonnegative: true })),
  ];

  test('stay so, and the loss never rises', () => {
    for (const { kruskal } of reports) {
      expect(kruskal.factors.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
    }
    const means = reports.map(({ loss }) => loss);
    means.slice(1).forEach((mean, step) => expect(mean).toBeLessThan(means[step]!));
  });

  test('reach the noise, with zeros where the truth has them', () => {
    const { relativeError, kruskal, stop } = reports[reports.length - 1]!;
    expect(stop).toBe('converged');
    // The least squares fit lies below the noise, 1 % here.
    expect(relativeError).toBeLessThan(0.0105);
    expect(factorMatchScore(kruskal, truth)).toBeGreaterThan(0.98);
    const zeros = kruskal.factors.reduce((sum, { data }) => sum + data.filter((value) => value === 0).length, 0);
    expect(zeros).toBeGreaterThan(5);
  });
});
