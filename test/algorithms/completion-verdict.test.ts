// What a completion says of itself: converged only where nothing speaks against it, else stalled, with the reason in words.
import { describe, expect, test } from 'vitest';
import { completionVerdict, type FinishedCompletion } from '../../src/finish/sampled-verdict.js';
import { problemOf } from '../../src/handles/problem.js';
import { polishedSampled } from '../../src/compaction/cp/polish-sampled.js';
import { decompose, observed, predict, relativeError, type Kruskal, type ObservedTarget } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { joinComponents } from '../../src/tensor/kruskal.js';
import { selectComponents } from '../../src/tensor/normalize.js';
import { randomKruskal } from '../compaction/cp/models.js';
import { finished } from '../../src/yield.js';

const shape = [10, 9, 8];
const clean = plantedObserved({ shape, rank: 3, share: 0.5, seed: 2, weights: [3, 2, 1] });
const noisy = plantedObserved({ shape, rank: 3, share: 0.5, seed: 2, weights: [3, 2, 1], noise: 0.05 });

function verdictOn(
  target: ObservedTarget,
  start: Kruskal,
  more: Partial<FinishedCompletion> & { ridge?: number } = {},
) {
  const { ridge = 0, ...rest } = more;
  const fit = { loss: 'l2', lossParameter: 0, nonnegative: false, ridge } as const;
  const problem = problemOf(target);
  const model = rest.fit ? start : finished(polishedSampled(problem.view, start, fit)).kruskal;
  return finished(completionVerdict({ problem, model, others: [model], rank: 'auto', fit, seed: 1, ...rest }));
}

/** A part of the observations, in their order. */
function some({ shape: sizes, indices, values }: ObservedTarget, keep: (e: number) => boolean): ObservedTarget {
  const kept = Array.from(values.keys()).filter(keep);
  const order = sizes.length;
  const rows = kept.flatMap((e) => Array.from(indices.subarray(e * order, (e + 1) * order)));
  return observed(
    sizes,
    rows,
    kept.map((e) => values[e]!),
  );
}

describe('verdict', () => {
  test('a model fitted from the truth is vouched for, exact or noisy', () => {
    expect(verdictOn(clean.target, clean.truth)).toEqual({
      stop: 'converged',
      agreement: { agreeing: 2, compared: 'predictions' },
    });
    expect(verdictOn(noisy.target, noisy.truth)).toEqual({
      stop: 'converged',
      agreement: { agreeing: 2, compared: 'predictions' },
    });
  });

  test.each<[string, () => ReturnType<typeof verdictOn>, RegExp]>([
    [
      'a component is missing',
      () => verdictOn(noisy.target, selectComponents(noisy.truth, [0, 1])),
      /one more component would explain \d+ % of it.*larger rank/,
    ],
    [
      'a component explains noise only',
      () => verdictOn(noisy.target, joinComponents(noisy.truth, randomKruskal(shape, 1, 0.05, randomStream(3, 1)))),
      /weakest of 4 components explains no more than noise.*rank 3/,
    ],
    ['a ridge holds the fit back', () => verdictOn(noisy.target, noisy.truth, { ridge: 0.03 }), /ridge .* holds/],
    [
      'components died',
      () => verdictOn(noisy.target, selectComponents(noisy.truth, [0, 1]), { rank: 3 }),
      /Only 2 of 3 components were found/,
    ],
    [
      'the values are too few',
      () =>
        verdictOn(
          some(clean.target, (e) => e % 5 === 0),
          clean.truth,
        ),
      /72 values for the 75 unknowns of rank 3/,
    ],
    [
      'an index has fewer values than components',
      () => {
        let seen = 0;
        return verdictOn(
          some(clean.target, (e) => clean.target.indices[3 * e] !== 4 || ++seen <= 2),
          clean.truth,
        );
      },
      /1 of 10 indices of mode 0 have fewer than 3 values/,
    ],
    [
      'no other start predicts the same',
      () => verdictOn(noisy.target, noisy.truth, { others: [randomKruskal(shape, 3, 1, randomStream(4, 1))] }),
      /No other of the 2 starts/,
    ],
    [
      'held-out values come as a surprise',
      () => {
        const train = some(noisy.target, (e) => e % 10 > 0);
        const held = some(noisy.target, (e) => e % 10 === 0);
        const model = randomKruskal(shape, 3, 1, randomStream(5, 1));
        return verdictOn(noisy.target, noisy.truth, {
          trained: { model, train: { ...train, values: predict(model, train) }, held },
        });
      },
      /held out are predicted worse/,
    ],
    [
      'there is an offset, and the model explains no more',
      () => {
        const target = { ...clean.target, values: clean.target.values.map((value) => value + 100) };
        return verdictOn(target, randomKruskal(shape, 1, 100, randomStream(6, 1)));
      },
      /little more than the mean of the values.*subtract their mean/,
    ],
    [
      'the model is zero, as nonnegative factors make it of negative values',
      () => {
        const values = clean.target.values.map((value) => -Math.abs(value));
        const fit = { loss: 'l2', lossParameter: 0, nonnegative: true, ridge: 0 } as const;
        const zero = { ...clean.truth, weights: new Float64Array(3) };
        return verdictOn({ ...clean.target, values }, zero, { fit });
      },
      /explains nothing.*leave nonnegative out/,
    ],
    [
      'there is nothing but noise',
      () => {
        const values = randomStream(7, 1).fillNormal(new Float64Array(clean.target.count));
        return verdictOn({ ...clean.target, values }, randomKruskal(shape, 1, 1, randomStream(7, 2)));
      },
      /explains no more than noise/,
    ],
  ])('stalled where %s', (_, verdict, words) => {
    expect(verdict()).toMatchObject({ stop: 'stalled', advice: expect.stringMatching(words) as string });
  });
});

test.each(['cpu', 'webgpu'] as const)(
  '%s: a run that loses a weak component says that it is not sure',
  async (backend) => {
    const weak = plantedObserved({ shape: [8, 6, 10], rank: 2, share: 0.7, seed: 6, weights: [1, 0.02] });
    const result = await decompose(weak.target, {
      algorithm: 'completion',
      backend,
      seed: 1,
      rank: 2,
      width: 6,
      starts: 2,
    });
    expect(relativeError(result.kruskal, weak.truth)).toBeGreaterThan(1e-3);
    expect(result.stop).toBe('stalled');
    expect(result.rank).toBe(1);
    expect(result.advice).toMatch(/Only 1 of 2 components/);
  },
);

test('exact values: sure, with as many starts as predict the same', async () => {
  const result = await decompose(clean.target, { algorithm: 'completion', backend: 'cpu', seed: 1 });
  expect(relativeError(result.kruskal, clean.truth)).toBeLessThan(1e-9);
  expect(result).toMatchObject({ stop: 'converged', starts: { count: 5, compared: 'predictions' } });
});

test('values beside a large offset: not sure, and the advice is to subtract it', async () => {
  const { target } = plantedObserved({ shape: [10, 10, 10], rank: 2, share: 0.5, seed: 3, weights: [1, 1] });
  const deviation = Math.sqrt(target.values.reduce((sum, value) => sum + value * value, 0) / target.count);
  const shifted = { ...target, values: target.values.map((value) => value + 20 * deviation) };
  for (const rank of ['auto', 3] as const) {
    const result = await decompose(shifted, { algorithm: 'completion', backend: 'cpu', rank });
    expect(result.stop).toBe('stalled');
    expect(result.advice).toMatch(/subtract their mean/);
  }
});
