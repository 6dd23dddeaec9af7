// Draws from the posterior of completions and regressions: rank, intervals, spread of factors, and what is said of them.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  dense,
  deviationTensor,
  factorMatchScore,
  factorSpread,
  InputError,
  kruskal,
  matrix,
  meanTensor,
  observed,
  predict,
  predictIntervals,
  predictWithDeviation,
  sensing,
  toDense,
  type BayesianOptions,
  type Kruskal,
  type SampledPosterior,
} from '../../src/index.js';
import { outcomeOf } from '../../src/algorithms/bayesian/outcome.js';
import { hideCells, plantedCp, plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { rankOf } from '../../src/tensor/kruskal.js';
import { finished } from '../../src/yield.js';

const shape = [7, 6, 5];
const planted = plantedObserved({ shape, rank: 2, share: 0.8, noise: 0.2, seed: 4 });
/** In units of its own, with a mode of size 1. */
const unit = 300;
const { known, hidden } = hideCells(
  observed(
    [7, 1, 6, 5],
    Array.from({ length: planted.target.count }, (_, e) => {
      const [i = 0, j = 0, k = 0] = planted.target.indices.subarray(3 * e, 3 * e + 3);
      return [i, 0, j, k];
    }).flat(),
    planted.target.values.map((value) => unit * value),
  ),
  { share: 0.25, seed: 1 },
);
const short = { kind: 'bayesian', warmUp: 400, burnIn: 600 } as const satisfies BayesianOptions;
const options = { algorithm: short, maxSteps: 3400, width: 5, seed: 2, backend: 'cpu' } as const;

/** Draws, or a test that fails. */
function drawsOf({ posterior }: { posterior?: object }): SampledPosterior {
  if (!posterior || !('draws' in posterior)) throw new Error('expected draws');
  return posterior as SampledPosterior;
}

const share = (values: Float64Array, lower: Float64Array, upper: Float64Array): number =>
  values.filter((value, e) => value >= lower[e]! && value <= upper[e]!).length / values.length;

describe('a completion', () => {
  const completed = decompose(known, options);

  test('has the rank of the truth, mixed chains, and the noise', async () => {
    const result = await completed;
    const { rankShares, mixing, noise, noises, draws } = drawsOf(result);
    expect(result).toMatchObject({ rank: 2, stop: 'converged', starts: { count: 4, agreeing: 4 } });
    expect(result.advice).toMatch(
      /^The 4 chains have mixed: split R̂ is 1\.\d\d.* worth \d+ independent ones or more\.$/,
    );
    expect(rankShares.length).toBe(6);
    expect(rankShares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(rankShares[2]).toBeGreaterThan(0.5);
    expect(mixing?.rHat).toBeLessThan(1.1);
    expect(mixing?.effectiveDraws).toBeGreaterThan(20);
    expect([draws.length, noises.length]).toEqual([480, 480]);
    expect(draws[0]?.factors.map(({ rows }) => rows)).toEqual([7, 1, 6, 5]);
    // The planted noise is 0.2 of the root mean square, and known to 1/√(2 · 126) at best.
    const rms = Math.sqrt(known.values.reduce((sum, value) => sum + value ** 2, 0) / known.count);
    expect(noise / (0.2 * rms)).toBeGreaterThan(0.75);
    expect(noise / (0.2 * rms)).toBeLessThan(1.25);
  });

  // Of 42 values a share of 0.9 has a standard error of 0.046.
  test('has intervals that hold what they should, wider with noise', async () => {
    const result = await completed;
    const noisy = predictIntervals(result, hidden);
    const clean = predictIntervals(result, hidden, { noise: false });
    expect(share(hidden.values, noisy.lower, noisy.upper)).toBeGreaterThan(0.76);
    const { means, deviations } = predictWithDeviation(result, hidden);
    expect(share(means, clean.lower, clean.upper)).toBe(1);
    deviations.forEach((deviation, e) => {
      expect(deviation).toBeGreaterThan(0);
      expect(noisy.upper[e]! - noisy.lower[e]!).toBeGreaterThan(clean.upper[e]! - clean.lower[e]!);
    });
  });

  test('predicts by the mean over its draws', async () => {
    const result = await completed;
    const { draws } = drawsOf(result);
    const predictions = draws.map((draw) => predict(draw, hidden)[3]!);
    const mean = predictions.reduce((a, b) => a + b) / draws.length;
    const square = predictions.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    const { means, deviations } = predictWithDeviation(result, hidden);
    expect(means[3]! / mean).toBeCloseTo(1, 10);
    expect(deviations[3]! / Math.sqrt(square)).toBeCloseTo(1, 8);
    const [i = 0, , j = 0, k = 0] = hidden.indices.subarray(12, 16);
    const at = (i * 6 + j) * 5 + k;
    expect(meanTensor(result)[at]! / mean).toBeCloseTo(1, 10);
    expect(deviationTensor(result)[at]! / Math.sqrt(square)).toBeCloseTo(1, 8);
  });

  test('says how far its factors are known, draws aligned to it', async () => {
    const result = await completed;
    expect(
      factorMatchScore(
        result.kruskal,
        { ...planted.truth, factors: withMode(planted.truth.factors) },
        { weightPenalty: false },
      ),
    ).toBeGreaterThan(0.9);
    const { weights, factors, shares } = factorSpread(result);
    expect([weights.length, shares.length]).toEqual([2, 2]);
    expect(Math.min(...shares)).toBeGreaterThan(0.9);
    factors.forEach(({ rows, columns, data }, mode) => {
      expect([rows, columns]).toEqual([result.kruskal.factors[mode]!.rows, 2]);
      // Entries of unit columns of 5 to 7 numbers, from about 60 values per component: known to about a tenth.
      const typical = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
      expect(typical).toBeLessThan(mode === 1 ? 1e-12 : 0.3);
      expect(typical).toBeGreaterThan(mode === 1 ? -1 : 0.01);
    });
  });
});

const withMode = (factors: (typeof planted)['truth']['factors']) => [
  factors[0]!,
  { rows: 1, columns: 2, data: Float64Array.of(1, 1) },
  ...factors.slice(1),
];

const few = { algorithm: { kind: 'bayesian', warmUp: 30, burnIn: 30, thin: 10 }, maxSteps: 160, width: 3 } as const;

test.each(['cpu', 'webgpu'] as const)(
  'the same seed gives the same draws on %s, another one others',
  async (backend) => {
    const draw = async (seed: number): Promise<unknown> =>
      drawsOf(await decompose(planted.target, { ...few, seed, backend })).draws.map(({ factors }) => factors[0]!.data);
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect(await draw(2)).not.toEqual(first);
  },
);

test('on the device and in float64 the first draws are the same but for rounding, which chains magnify', async () => {
  const at = async (backend: 'cpu' | 'webgpu'): Promise<Float64Array> => {
    const algorithm = { ...few.algorithm, warmUp: 10, burnIn: 0 };
    const { draws } = drawsOf(await decompose(planted.target, { ...few, algorithm, maxSteps: 90, seed: 1, backend }));
    return predict(draws[0]!, planted.target);
  };
  const cpu = await at('cpu');
  const device = await at('webgpu');
  const size = Math.sqrt(cpu.reduce((sum, value) => sum + value ** 2, 0) / cpu.length);
  cpu.forEach((value, e) => expect(Math.abs(device[e]! - value)).toBeLessThan(1e-2 * size));
});

// Factors whose product is hardly seen wander to where the density is far steeper than where steps were measured.
test.each(['cpu', 'webgpu'] as const)(
  'a single value for many unknowns does not blow up chains on %s',
  async (backend) => {
    const algorithm = { kind: 'bayesian', warmUp: 200, burnIn: 200 } as const;
    const result = await decompose(observed([5, 4, 3], [0, 0, 0], [3]), { algorithm, maxSteps: 900, backend });
    const { draws, noises } = drawsOf(result);
    expect(draws.length).toBe(4 * 25);
    expect(noises.every(Number.isFinite)).toBe(true);
    expect(meanTensor(result).every(Number.isFinite)).toBe(true);
  },
);

test('a chain that leaves the finite numbers is left out and told', () => {
  const model = (size: number): Kruskal =>
    kruskal(
      [1],
      [3, 2].map((rows) => matrix(rows, 1, new Float64Array(rows).fill(size))),
    );
  const outcomeWith = (last: number) => {
    const outcome = finished(
      outcomeOf({
        shape: [3, 2],
        count: 6,
        draws: Array.from({ length: 8 }, (_, s) => ({
          models: [model(1 + 0.1 * (s % 3)), model(1 + 0.1 * ((2 * s) % 3)), model(s < 7 ? 1 : last)],
          noise: Float64Array.of(100 + s, 107 - s, 100),
        })),
        sampler: 'sghmc',
        seed: 0,
        modelUnit: 1,
        noiseUnit: 1,
      }),
    );
    if (!outcome) throw new Error('expected an outcome');
    return outcome;
  };
  const { kruskal: best, end } = outcomeWith(NaN);
  expect(best.factors.every(({ data }) => data.every(Number.isFinite))).toBe(true);
  expect(end).toMatchObject({ stop: 'stalled', agreement: { count: 3 } });
  expect(end.advice).toMatch(/^1 of 3 chains left the range of floats/);
  expect(drawsOf(end).draws.length).toBe(16);
  expect(outcomeWith(1).end.advice).not.toMatch(/floats/);
});

test('noise alone has no component, however many the width allows', async () => {
  const random = randomStream(6);
  const target = dense([6, 5, 4], random.fillNormal(new Float64Array(120)));
  const result = await decompose(target, { algorithm: short, maxSteps: 3400, width: 4, seed: 1, backend: 'cpu' });
  const { rankShares, noise } = drawsOf(result);
  expect(result.rank).toBe(0);
  expect(rankShares[0]).toBeGreaterThan(0.5);
  expect(result.advice).toMatch(/have mixed.* no component above the noise\.$/);
  // σ is 1, known to 1/√240.
  expect(Math.abs(noise - 1)).toBeLessThan(3 / Math.sqrt(240));
});

// Rank 2 in a width of 1: what is left counts as noise, and is larger than it. Nothing but the width tells.
test('mixed chains say what they may miss: components beyond the width, and those that the noise hides', async () => {
  const narrow = await decompose(planted.target, { ...options, width: 1 });
  expect(narrow.stop).toBe('converged');
  expect(narrow.advice).toMatch(/Most draws have as many components as the width, 1: there may be more/);
  const { target } = plantedObserved({ shape: [10, 9, 8], rank: 1, share: 0.8, noise: 1, seed: 2 });
  const noisy = await decompose(target, { ...options, width: 3 });
  expect(noisy).toMatchObject({ stop: 'converged', rank: 1 });
  expect(noisy.advice).toMatch(/noise is \d\.\d times as large as the model/);
});

test('chains that were not given the time say that they have not mixed', async () => {
  const { stop, advice } = await decompose(planted.target, { ...few, seed: 1, backend: 'cpu' });
  expect(stop).toBe('stalled');
  expect(advice).toMatch(/have not mixed: split R̂ is \d/);
  const alone = await decompose(planted.target, { ...few, starts: 1, seed: 1, backend: 'cpu' });
  expect(alone).toMatchObject({ stop: 'stalled', advice: expect.stringMatching(/One chain alone/) as string });
});

test('minibatches of a dense tensor with gaps: the rank, and the noise', async () => {
  const { tensor } = { tensor: toDense(planted.truth) };
  const random = randomStream(3);
  const size = Math.sqrt(tensor.data.reduce((sum, value) => sum + value ** 2, 0) / tensor.data.length);
  const data = tensor.data.map((value) => (random.uniform() < 0.2 ? NaN : value + 0.2 * size * random.normal()));
  const algorithm = { ...short, batchSize: 60 };
  const result = await decompose(dense(shape, data, { missing: 'nan' }), { ...options, algorithm });
  expect(result.rank).toBe(2);
  const { noise } = drawsOf(result);
  expect(noise / (0.2 * size)).toBeGreaterThan(0.7);
  expect(noise / (0.2 * size)).toBeLessThan(1.3);
});

test('regression: a tensor from measurements with noise, and intervals for new ones', async () => {
  const { truth } = plantedCp({ shape: [4, 5, 3], rank: 1, seed: 2 });
  const random = randomStream(8);
  const draw = (count: number) => {
    const measurements = random.fillNormal(new Float64Array(count * 60)).map((value) => 50 * value);
    const clean = predict(truth, sensing([4, 5, 3], measurements, new Float64Array(count).fill(1)));
    return sensing(
      [4, 5, 3],
      measurements,
      clean.map((value) => value + 5 * random.normal()),
    );
  };
  const result = await decompose(draw(80), { ...options, width: 3 });
  expect(result.rank).toBe(1);
  const right = toDense(truth).data;
  const mean = meanTensor(result);
  const square = (values: Float64Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  expect(Math.sqrt(square(mean.map((value, at) => value - right[at]!)) / square(right))).toBeLessThan(0.15);
  const test = draw(100);
  const { lower, upper } = predictIntervals(result, test);
  // A share of 0.9 of 100 has a standard error of 0.03.
  expect(share(test.values, lower, upper)).toBeGreaterThan(0.8);
  expect(share(test.values, lower, upper)).toBeLessThan(0.99);
  // σ is 5, known to 1/√(2 · 68).
  expect(drawsOf(result).noise / 5).toBeGreaterThan(0.75);
  expect(drawsOf(result).noise / 5).toBeLessThan(1.25);
});

test('measurements of zeros alone say nothing, and do not spoil the run', async () => {
  const target = sensing([2, 2], new Float64Array(12), [1, 2, 3]);
  const result = await decompose(target, { ...few, seed: 1, backend: 'cpu' });
  expect(result.relativeError).toBe(1);
  expect(meanTensor(result).every(Number.isFinite)).toBe(true);
});

test('intervals at many cells are those of the cells one by one', async () => {
  const result = await decompose(planted.target, { ...few, seed: 1, backend: 'cpu' });
  // More predictions than are held at a time.
  const count = Math.ceil((2 ** 22 * 1.2) / drawsOf(result).draws.length);
  const cellOf = (e: number): number[] => [e % 7, e % 6, e % 5];
  const at = (cells: readonly number[][]) => observed(shape, cells.flat(), new Float64Array(cells.length));
  const { lower, upper } = predictIntervals(result, at(Array.from({ length: count }, (_, e) => cellOf(e))), {
    noise: false,
  });
  for (const e of [0, count - 1]) {
    const one = predictIntervals(result, at([cellOf(e)]), { noise: false });
    expect([lower[e], upper[e]]).toEqual([one.lower[0], one.upper[0]]);
  }
});

test('particles of SVGD fit, and say that nothing tells how well', async () => {
  const { target } = plantedObserved({ shape: [8, 8, 8], rank: 1, share: 0.9, noise: 0.1, seed: 1 });
  const algorithm = { kind: 'bayesian', sampler: 'svgd', particles: 8 } as const;
  const result = await decompose(target, { algorithm, width: 3, seed: 1, backend: 'cpu', maxSteps: 500 });
  const { draws, mixing } = drawsOf(result);
  expect(draws.length).toBe(8);
  expect(mixing).toBeUndefined();
  expect(result).toMatchObject({ stop: 'stalled', starts: { agreeing: 1, count: 1 } });
  expect(result.advice).toMatch(/8 particles .* too wide/);
  const { means } = predictWithDeviation(result, target);
  const error = Math.hypot(...means.map((value, e) => value - target.values[e]!));
  expect(error / Math.hypot(...target.values)).toBeLessThan(0.5);
});

test('options that do not fit are refused before any step', async () => {
  const cases = [
    [planted.target, { algorithm: 'bayesian', maxSteps: 4000 }, /maxSteps of at least 4660/],
    [planted.target, { algorithm: { kind: 'bayesian', thin: 15 } }, /thin to be a multiple of 10/],
    [planted.target, { algorithm: 'bayesian', nonnegative: true }, /expected no nonnegative/],
    [sensing([2, 2], [1, 0, 0, 1], [1]), { algorithm: { kind: 'bayesian', batchSize: 2 } }, /no batchSize/],
    [planted.target, { algorithm: { kind: 'bayesian', particles: 8 } }, /no particles for the sampler sghmc/],
    [planted.target, { algorithm: { kind: 'bayesian', sampler: 'svgd', thin: 20 } }, /no thin for the sampler svgd/],
    [planted.target, { algorithm: 'bayesian', init: planted.truth }, /no init, got one\. Chains begin apart/],
    [
      observed(new Array<number>(17).fill(2), new Array<number>(17).fill(0), [1]),
      { algorithm: 'bayesian' },
      /up to 16 modes/,
    ],
  ] as const;
  for (const [target, given, message] of cases) {
    const run = decompose(target, { backend: 'cpu', ...given });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(InputError);
  }
});

test('intervals of a variational result are those of a normal distribution', async () => {
  const result = await decompose(planted.target, { algorithm: 'variational', backend: 'cpu', seed: 1 });
  const { means, deviations } = predictWithDeviation(result, planted.target);
  const { lower, upper } = predictIntervals(result, planted.target, { share: 0.95, noise: false });
  means.forEach((mean, e) => {
    expect((upper[e]! - mean) / deviations[e]!).toBeCloseTo(1.959964, 5);
    expect((mean - lower[e]!) / deviations[e]!).toBeCloseTo(1.959964, 5);
  });
  expect(() => predictIntervals(result, planted.target, { share: 90 })).toThrow(/between 0 and 1, got 90/);
  expect(() => factorSpread(result)).toThrow(/without/);
  for (const wrong of [undefined, {}, { posterior: {} }, { kruskal: result.kruskal, posterior: {} }]) {
    for (const reader of [factorSpread, meanTensor, deviationTensor]) {
      expect(() => reader(wrong as never)).toThrow(/expected a result with a posterior, got one without/);
    }
  }
  expect(rankOf(result.kruskal)).toBe(2);
});
