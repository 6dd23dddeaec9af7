// An abort at any moment, in every family: the run gives back the best model so far, better than zero and with no more components than
// were asked for; or none, and says so. A moment is a report, or a pause after it: how many pauses there are before the first report, or
// between two, depends on counted flops, and in a search on the clock, but at the next report the abort has come in any case.
import { describe, expect, test } from 'vitest';
import { decompose, dense, denseSymmetric, type DecomposeOptions, type Kruskal, type Target } from '../src/index.js';
import { rootMeanSquare } from '../src/handles/scale.js';
import { plantedCp, plantedObserved, plantedSymmetric } from '../src/problems/index.js';
import { randomStream } from '../src/random/stream.js';
import { packKruskal } from '../src/tensor/symmetric.js';
import { countedFlops } from '../src/yield.js';

interface Case {
  readonly name: string;
  readonly target: Target;
  readonly options: DecomposeOptions;
}

const { tensor } = plantedCp({ shape: [12, 14, 16], rank: 3, seed: 2, noise: 0.1 });
const missing = tensor.data.map((value, cell) => (cell % 17 === 3 ? NaN : value));
const whole = dense(tensor.shape, tensor.data);
const partly = dense(tensor.shape, missing, { missing: 'nan' });
const { target: sampled } = plantedObserved({ shape: [10, 10, 10], rank: 2, share: 0.4, seed: 3, noise: 0.05 });
const packed = packKruskal(plantedSymmetric({ order: 3, dim: 7, rank: 5, seed: 4 }).truth);
const noise = randomStream(5).fillNormal(new Float64Array(packed.data.length));
const level = 0.01 * rootMeanSquare(packed.data);
const noisy = Float64Array.from(packed.data, (value, i) => value + level * noise[i]!);
const symmetric = denseSymmetric({ ...packed, data: noisy });

const cases: Case[] = [
  { name: 'dense, no rank given', target: whole, options: {} },
  { name: 'dense', target: whole, options: { rank: 3 } },
  { name: 'dense, nonnegative', target: whole, options: { nonnegative: true } },
  { name: 'dense, nonnegative, with missing cells', target: partly, options: { rank: 3, nonnegative: [0, 2] } },
  { name: 'dense, by als', target: whole, options: { rank: 3, algorithm: 'als' } },
  { name: 'with missing cells', target: partly, options: { rank: 3 } },
  { name: 'with missing cells, no rank given', target: partly, options: {} },
  { name: 'entries', target: sampled, options: { rank: 2 } },
  { name: 'entries, no rank given', target: sampled, options: {} },
  { name: 'symmetric, noisy', target: symmetric, options: { rank: 5 } },
  { name: 'symmetric, noisy, no rank given', target: symmetric, options: {} },
  {
    name: 'symmetric, noisy, by a flow',
    target: symmetric,
    options: { rank: 5, algorithm: 'beyondLazy', maxSteps: 300 },
  },
];

/** The so many looks at the signal after a report. The 0th report is the beginning. */
interface Moment {
  readonly report: number;
  readonly looks: number;
}

/** Runs until the signal is aborted at a moment, or to the end. */
async function run(target: Target, options: DecomposeOptions, moment?: Moment) {
  let reports = 0;
  let looks = 0;
  let looksAfter = 0;
  const isAborted = (): boolean => {
    if (!moment) return false;
    if (reports === moment.report) looks++;
    const isDue = reports > moment.report || (reports === moment.report && looks > moment.looks);
    if (isDue) looksAfter++;
    return isDue;
  };
  const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: isAborted });
  const onProgress = (): void => {
    reports++;
  };
  const result = await decompose(target, { seed: 1, backend: 'cpu', ...options, signal, onProgress });
  return { result, reports, looksAfter };
}

describe.each(cases)('$name', ({ target, options }) => {
  test('an abort gives a model that is better than zero, or none', async () => {
    const whole = await run(target, options);
    expect(whole.result.stop).not.toBe('aborted');
    const at = (part: number, looks: number): Moment => ({ report: Math.floor(part * whole.reports), looks });
    const moments = [at(0, 0), at(0, 2), at(0.3, 0), at(0.5, 2), at(0.8, 0)];
    let wasFound = false;
    for (const moment of moments) {
      const { result, looksAfter } = await run(target, options, moment);
      const { stop, advice, rank, kruskal, relativeError } = result;
      expect(stop).toBe('aborted');
      // The first look that sees the abort ends the work: what follows winds up the search, and its batch of starts.
      expect(looksAfter).toBeLessThanOrEqual(3);
      expect(kruskal.weights.length).toBe(rank);
      if (rank === 0) expect(advice).toMatch(/no components/);
      else expect(relativeError).toBeLessThan(1);
      const bounded = options.nonnegative === true ? [0, 1, 2] : options.nonnegative || [];
      for (const mode of bounded) {
        const { data } = (kruskal as Kruskal).factors[mode]!;
        expect(data.every((value) => value >= 0)).toBe(true);
      }
      if (typeof options.rank === 'number') expect(rank).toBeLessThanOrEqual(options.rank);
      // What was found is not lost again.
      expect(rank > 0 || !wasFound).toBe(true);
      wasFound = rank > 0;
    }
    expect(wasFound).toBe(true);
  });
});

test('an abort in the finish does not go back behind the search', async () => {
  const abort = new AbortController();
  let searched = 1;
  const result = await decompose(sampled, {
    algorithm: 'completion',
    seed: 1,
    backend: 'cpu',
    rank: 2,
    signal: abort.signal,
    onProgress: ({ phase, relativeError }) => {
      if (phase === 'polish') abort.abort();
      else searched = relativeError;
    },
  });
  expect(result.stop).toBe('aborted');
  expect(result.rank).toBeLessThanOrEqual(2);
  expect(result.relativeError).toBeLessThan(Math.max(2 * searched, 0.5));
});

describe('many entries', () => {
  const { target: many } = plantedObserved({ shape: [60, 60, 60], rank: 2, share: 0.5, seed: 3, noise: 0.05 });

  test.each(['completion', 'bayesian'] as const)('%s ends before its first step', async (algorithm) => {
    const { result, looksAfter } = await run(many, { algorithm }, { report: 0, looks: 2 });
    // Not one of its starts was looked at.
    expect(result.history.map(({ startErrors }) => startErrors)).toEqual([[1]]);
    expect(looksAfter).toBeLessThanOrEqual(3);
    expect(result.stop).toBe('aborted');
    expect(result.rank).toBe(0);
    expect(result.advice).toMatch(/no components/);
  });

  test('a signal that was aborted before leaves nothing to prepare', async () => {
    const before = countedFlops();
    const { result } = await run(many, {}, { report: 0, looks: 0 });
    expect(result.stop).toBe('aborted');
    // The error of no components, a loss per value. To sort the entries takes six times as much.
    expect(countedFlops() - before).toBeLessThan(30 * many.count);
  });
});
