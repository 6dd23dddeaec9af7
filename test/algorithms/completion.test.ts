// Completion from observations to rank-R factors: what it recovers, how it stops, what it reports, what it refuses.
import { describe, expect, test } from 'vitest';
import {
  decompose,
  decomposeSteps,
  factorMatchScore,
  lossOf,
  observed,
  predict,
  predictEntries,
  relativeError,
  sensing,
  type CompletionOptions,
  type DecomposeOptions,
  type Kruskal,
  type ObservedTarget,
  type Progress,
} from '../../src/index.js';
import { plantedCp, plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix } from '../../src/tensor/matrix.js';

const shape = [8, 7, 6];
const planted = plantedObserved({ shape, rank: 2, share: 0.4, seed: 5, weights: [300, 200] });
const cpu: DecomposeOptions = { backend: 'cpu', seed: 1, width: 12, algorithm: 'completion' };
const completion = (options: Omit<CompletionOptions, 'kind'>): CompletionOptions => ({
  kind: 'completion',
  ...options,
});

describe('exact entries', () => {
  test.each(['cpu', 'webgpu'] as const)('%s: the rank, the components and the missing entries', async (backend) => {
    const result = await decompose(planted.target, { ...cpu, backend });
    expect(result.stop).toBe('converged');
    expect(result.algorithm).toBe('completion');
    expect(result.rank).toBe(2);
    expect(result.kruskal.factors.map(({ rows, columns }) => [rows, columns])).toEqual(shape.map((rows) => [rows, 2]));
    expect(factorMatchScore(result.kruskal, planted.truth)).toBeGreaterThan(0.999);
    expect(relativeError(result.kruskal, planted.truth)).toBeLessThan(1e-9);
    expect(result.relativeError).toBeLessThan(1e-9);
    expect(result.starts).toMatchObject({ count: 5, compared: 'predictions' });
    expect(result.starts.agreeing).toBeGreaterThan(1);
  });

  test('a larger unit of the data is a larger weight, and nothing else', async () => {
    const { indices, values } = planted.target;
    const run = (factor: number) =>
      decompose(
        observed(
          shape,
          indices,
          values.map((value) => value * factor),
        ),
        { ...cpu, maxSteps: 100 },
      );
    const plain = await run(1);
    const large = await run(2 ** 40);
    expect(large.relativeError).toBe(plain.relativeError);
    expect(Array.from(large.kruskal.weights)).toEqual(Array.from(plain.kruskal.weights, (w) => w * 2 ** 40));
  });

  test('minibatches, and every optimizer, come to the same tensor', async () => {
    const { learningRates, options } = {
      learningRates: { groupRmsprop: 3e-2, adam: 1e-2, momentum: 10, gradientDescent: 100 } as const,
      options: { ...cpu, starts: 2 },
    };
    for (const optimizer of ['groupRmsprop', 'adam', 'momentum', 'gradientDescent'] as const) {
      for (const batchSize of [undefined, 50]) {
        const rate = { learningRate: learningRates[optimizer], ...(batchSize === undefined ? {} : { batchSize }) };
        const result = await decompose(planted.target, { ...options, algorithm: completion({ optimizer, ...rate }) });
        expect(relativeError(result.kruskal, planted.truth), `${optimizer}, ${batchSize ?? 'all'}`).toBeLessThan(1e-8);
      }
    }
  });

  test('the same seed gives the same bits, another seed another run', async () => {
    const run = async (seed: number) =>
      (await decompose(planted.target, { ...cpu, seed, maxSteps: 100 })).history.map(({ startErrors }) => startErrors);
    expect(await run(3)).toEqual(await run(3));
    expect(await run(4)).not.toEqual(await run(3));
  });

  test('a model that starts at the truth is done at once', async () => {
    const init = planted.truth;
    const result = await decompose(planted.target, { backend: 'cpu', algorithm: 'completion', init });
    expect(result.history.filter(({ phase }) => phase === 'search').map(({ step }) => step)).toEqual([0]);
    expect(relativeError(result.kruskal, planted.truth)).toBeLessThan(1e-12);
  });
});

describe('measurements', () => {
  const small = [5, 4, 3];
  const { tensor, truth } = plantedCp({ shape: small, rank: 1, seed: 2, weights: [10] });
  const random = randomStream(3, 1);

  test('dense, Gaussian', async () => {
    const count = 45;
    const data = random.fillNormal(new Float64Array(count * 60));
    const values = Float64Array.from({ length: count }, (_, j) =>
      Float64Array.from(tensor.data).reduce((sum, value, i) => sum + value * data[j * 60 + i]!, 0),
    );
    const result = await decompose(sensing(small, data, values), { ...cpu, width: 6 });
    expect(result.rank).toBe(1);
    expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-9);
  });

  test('of rank one, never formed', async () => {
    const count = 45;
    const factors = small.map((columns) =>
      matrix(count, columns, random.fillNormal(new Float64Array(count * columns))),
    );
    const unknown = sensing(small, { factors }, new Float64Array(count));
    const result = await decompose({ ...unknown, values: predict(truth, unknown) }, { ...cpu, width: 6 });
    expect(result.rank).toBe(1);
    expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-9);
  });
});

describe('noise', () => {
  const noisy = plantedObserved({ shape: [12, 11, 10], rank: 3, share: 0.4, seed: 1, noise: 0.1 });

  test('is left over: the rank is found, and the error is that of the noise', async () => {
    const result = await decompose(noisy.target, { ...cpu, width: 16 });
    expect(result.rank).toBe(3);
    // What a fit of the right size leaves of N noisy numbers with p parameters: noise · √(1 − p/N), the noise itself being
    // 0.1/√1.01 of the values; p/N = 99/528.
    expect(result.relativeError).toBeLessThan(0.1);
    expect(result.relativeError).toBeGreaterThan(0.8 * 0.1 * Math.sqrt(1 - 99 / 528));
    expect(factorMatchScore(result.kruskal, noisy.truth)).toBeGreaterThan(0.95);
  });

  test('descending beyond it is noticed on held-out entries, and the best state comes back', async () => {
    const algorithm = completion({ compaction: false, initScale: 0.15, truth: noisy.truth, patience: 4 });
    const result = await decompose(noisy.target, { ...cpu, width: 30, starts: 2, tolerance: 0, algorithm });
    const scores = result.history.map(({ details: { completion: report } }) => Math.min(...(report?.heldOut ?? [])));
    const best = Math.min(...scores);
    expect(scores.at(-1)).toBeGreaterThan(best);
    const bestReport = result.history[scores.indexOf(best)]?.details.completion?.reconstructionErrors ?? [];
    expect(bestReport.some((error) => Math.abs(error - relativeError(result.kruskal, noisy.truth)) < 1e-9)).toBe(true);
    // Nothing but the held-out entries vouches for components that were neither reduced nor polished.
    expect(result.stop).toBe('stalled');
    expect(result.advice).toMatch(/not reduced and polished.*held out are predicted with an error of 0\.\d+/);
  });
});

describe('other losses', () => {
  /** Two starts are enough to find the tensor. */
  const two = { ...cpu, starts: 2 };

  test('gross errors in a tenth of the entries: huber and l1 find the tensor, l2 does not', async () => {
    const wrong = plantedObserved({ shape: [8, 8, 8], rank: 2, share: 0.6, seed: 2, corrupt: 0.1 });
    const errors = new Map<string, number>();
    for (const loss of ['l2', 'huber', 'l1'] as const) {
      const result = await decompose(wrong.target, { ...two, rank: 2, algorithm: completion({ loss }) });
      errors.set(loss, relativeError(result.kruskal, wrong.truth));
    }
    expect(errors.get('huber')).toBeLessThan(0.02);
    expect(errors.get('l1')).toBeLessThan(0.02);
    expect(errors.get('l2')).toBeGreaterThan(0.1);
  });

  /** Rates of a nonnegative rank-2 tensor about 20, and counts drawn from them. */
  const rates: Kruskal = {
    weights: Float64Array.of(1, 1),
    factors: [9, 8, 7].map((rows, mode) => {
      const random = randomStream(4, mode);
      return matrix(
        rows,
        2,
        Float64Array.from({ length: 2 * rows }, () => 4 * random.uniform()),
      );
    }),
  };
  const everywhere = allCells([9, 8, 7]);
  const mean = predictEntries(rates, everywhere);

  test('counts: the rates, nonnegative', async () => {
    const random = randomStream(5, 1);
    const counts = mean.map((rate) => poissonDraw(rate, () => random.uniform()));
    const target = keepSome(observed([9, 8, 7], everywhere, counts), 0.6);
    const result = await decompose(target, { ...two, rank: 2, algorithm: completion({ loss: 'poisson' }) });
    expect(result.kruskal.factors.every(({ data }) => data.every((value) => value >= 0))).toBe(true);
    const found = predictEntries(result.kruskal, everywhere);
    // 46 numbers from 302 counts: the rates' relative error is about √(46/302) of that of single counts, √(1/mean rate).
    const noise = Math.sqrt(
      mean.reduce((sum, rate) => sum + rate, 0) / mean.reduce((sum, rate) => sum + rate * rate, 0),
    );
    expect(distance(found, mean)).toBeLessThan(2 * noise * Math.sqrt(46 / 302));
  });

  test('binaries: the odds behind them', async () => {
    const random = randomStream(6, 1);
    const logits = plantedCp({ shape: [15, 15, 15], rank: 1, seed: 3, weights: [2.5 * 15 ** 1.5] }).truth;
    const cells = allCells([15, 15, 15]);
    const odds = predictEntries(logits, cells);
    const draws = odds.map((logit) => Number(random.uniform() < lossOf('bernoulliLogit').mean(logit)));
    const target = keepSome(observed([15, 15, 15], cells, draws), 0.5);
    const result = await decompose(target, { ...two, rank: 1, algorithm: completion({ loss: 'bernoulliLogit' }) });
    const { mean: toOdds } = lossOf('bernoulliLogit');
    const found = predictEntries(result.kruskal, cells).map(toOdds);
    const wanted = odds.map(toOdds);
    const rms = Math.sqrt(found.reduce((sum, p, e) => sum + (p - wanted[e]!) ** 2, 0) / found.length);
    // 43 numbers from 1,687 draws, each with a variance of at most ¼: √(43/1687/4) = 0.08, and half as much again for the curvature.
    expect(rms).toBeLessThan(0.12);
  });
});

describe('what it reports, and how it ends', () => {
  test('one number a start, effective ranks, phases in order', async () => {
    const reports: Progress[] = [];
    const onProgress = (report: Progress): void => void reports.push(report);
    const algorithm = completion({ truth: planted.truth });
    await decompose(planted.target, { ...cpu, starts: 3, algorithm, onProgress });
    const search = reports.filter(({ phase }) => phase === 'search');
    for (const {
      details: { completion: report },
      startErrors,
    } of search) {
      expect(report?.heldOut).toHaveLength(3);
      expect(report?.reconstructionErrors).toHaveLength(3);
      expect(startErrors).toHaveLength(3);
    }
    const first = search[0]?.details.completion;
    const last = search.at(-1)?.details.completion;
    expect(first?.effectiveRank).toBeGreaterThan(6);
    expect(last?.effectiveRank).toBeLessThan(4);
    expect(Math.min(...(last?.reconstructionErrors ?? []))).toBeLessThan(0.3);
    expect(reports.slice(search.length).every(({ phase }) => phase === 'polish')).toBe(true);
  });

  test('compaction: false gives back the components it worked with', async () => {
    const result = await decompose(planted.target, { ...cpu, algorithm: completion({ compaction: false }) });
    expect(result.rank).toBe(12);
    expect(result.relativeError).toBeLessThan(0.06);
  });

  test('aborted in the middle: the last state, everything freed', async () => {
    const abort = new AbortController();
    const onProgress = ({ step }: Progress): void => {
      if (step >= 50) abort.abort();
    };
    const result = await decompose(planted.target, { ...cpu, tolerance: 0, signal: abort.signal, onProgress });
    expect(result.stop).toBe('aborted');
    expect(result.rank).toBe(12);
  });

  test('leaving the stream is possible at any report', async () => {
    for await (const { step } of decomposeSteps(planted.target, cpu)) if (step >= 100) break;
  });

  test.each<[string, ObservedTarget, DecomposeOptions, RegExp]>([
    ['an unknown loss', planted.target, { algorithm: { kind: 'completion', loss: 'l3' as 'l2' } }, /loss .*l3.*l1|l2/],
    ['negative counts', planted.target, { algorithm: completion({ loss: 'poisson' }) }, /poisson, got -.* observation/],
    [
      'binaries beyond 0 and 1',
      planted.target,
      { algorithm: completion({ loss: 'bernoulliLogit' }) },
      /zeros and ones with loss bernoulliLogit, got -/,
    ],
    [
      'too large a share held out',
      planted.target,
      { algorithm: completion({ validation: 0.9 }) },
      /validation to be a number from 0 to 0.5/,
    ],
    [
      'a negative rate',
      planted.target,
      { algorithm: completion({ learningRate: -1 }) },
      /learningRate to be a number above 0, got -1/,
    ],
    ['a rank of zero', planted.target, { rank: 0 }, /rank to be an integer from 1/],
    [
      'a method for dense tensors',
      planted.target,
      { algorithm: 'als', rank: 2 },
      /als: expected a dense target, got a observed|an observed/,
    ],
  ])('refuses %s', async (_, target, options, message) => {
    await expect(decompose(target, { backend: 'cpu', ...options })).rejects.toThrow(message);
  });
});

function allCells(sizes: readonly number[]): Uint32Array {
  const size = sizes.reduce((product, rows) => product * rows, 1);
  return Uint32Array.from({ length: size * sizes.length }, (_, at) => {
    const cell = Math.floor(at / sizes.length);
    const mode = at % sizes.length;
    const inner = sizes.slice(mode + 1).reduce((product, rows) => product * rows, 1);
    return Math.floor(cell / inner) % sizes[mode]!;
  });
}

function keepSome({ shape: sizes, indices, values }: ObservedTarget, share: number): ObservedTarget {
  const random = randomStream(7, 1);
  const kept = Array.from(values.keys()).filter(() => random.uniform() < share);
  const order = sizes.length;
  const rows = kept.flatMap((e) => Array.from(indices.subarray(e * order, (e + 1) * order)));
  return observed(
    sizes,
    rows,
    Float64Array.from(kept, (e) => values[e]!),
  );
}

/** Knuth's product of uniforms: exact, for small rates. */
function poissonDraw(rate: number, uniform: () => number): number {
  const limit = Math.exp(-rate);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count++;
  return count;
}

/** ‖a − b‖ / ‖b‖ */
function distance(a: Float64Array, b: Float64Array): number {
  const error = a.reduce((sum, value, e) => sum + (value - b[e]!) ** 2, 0);
  return Math.sqrt(error / b.reduce((sum, value) => sum + value * value, 0));
}
