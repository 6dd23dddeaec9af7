// The table of ranks and the verdict without a model: that of decompose, up to a largest rank, with progress and aborts.
import { describe, expect, test } from 'vitest';
import { decompose, dense, ranks, type DenseTarget, type RanksOptions, type RanksProgress } from '../src/index.js';
import { plantedCp } from '../src/problems/index.js';

const shape = [14, 15, 16];
const targetOf = (rank: number, noise: number, seed = 1): DenseTarget =>
  dense(shape, plantedCp({ shape, rank, noise, seed }).tensor.data);
const target = targetOf(3, 0.1);

test('the verdict and the table are those of decompose', async () => {
  const { rankChoice } = await decompose(target, { seed: 7 });
  const choice = await ranks(target, { seed: 7 });
  expect(choice).toEqual({ ...rankChoice });
  expect([choice.rank, choice.confidence, choice.verdict]).toEqual([3, 'sure', 'rank 3']);
  expect(choice.candidates.map(({ rank }) => rank)).toContain(3);
});

test('a tensor as other libraries hold it has the same ranks', async () => {
  const { shape, data } = targetOf(1, 0.1);
  expect(await ranks({ dims: shape, data }, { maxRank: 1 })).toEqual(await ranks(dense(shape, data), { maxRank: 1 }));
});

test('the bound below which a component may have been missed is that of the noise, and is said', async () => {
  const { visibleFrom, reasons, compression } = await ranks(target);
  // 1.3 σ (Σ √I_n + 3) / ‖X‖; the noise is told relative to the root mean square, ‖X‖ / √cells.
  const cells = 14 * 15 * 16;
  const bound = 1.3 * (Math.sqrt(14) + Math.sqrt(15) + Math.sqrt(16) + 3);
  expect(visibleFrom).toBeCloseTo(((compression.noise ?? NaN) * bound) / Math.sqrt(cells), 12);
  // 0.1 / √1.01 of the tensor is noise; its variance is estimated to √(2 / 3360), 2.4 %, the bound to half of that. Four of them.
  expect(Math.abs(visibleFrom / (((0.1 / Math.sqrt(1.01)) * bound) / Math.sqrt(cells)) - 1)).toBeLessThan(4 * 0.012);
  expect(reasons.join(' ')).toContain('may have been missed');
});

describe('a largest rank', () => {
  test('that is the answer gives the same rank, and says that no other was looked at', async () => {
    const choice = await ranks(target, { maxRank: 3 });
    expect([choice.rank, choice.confidence]).toEqual([3, 'good']);
    expect(choice.reasons).toContain('Ranks above 3 were not looked at.');
    expect(Math.max(...choice.candidates.map(({ rank }) => rank))).toBe(3);
  });

  test.each([1, 2, 4])(
    'of %i below six components is never sure nor good, and says what was not looked at',
    async (maxRank) => {
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const { candidates, confidence, reasons } = await ranks(targetOf(6, 0.1, seed), { maxRank });
        expect(candidates.length).toBeLessThanOrEqual(maxRank);
        expect(['fair', 'open']).toContain(confidence);
        expect(reasons).toContain(`Ranks above ${maxRank} were not looked at.`);
      }
    },
  );

  test('is for decompose too, and contradicts a rank that is given', async () => {
    const algorithm = { kind: 'compressed', maxRank: 2 } as const;
    expect((await decompose(target, { algorithm })).rank).toBeLessThanOrEqual(2);
    await expect(decompose(target, { algorithm, rank: 2 })).rejects.toThrow(
      'compressed: expected maxRank only where the rank is to be found, got it with rank 2.',
    );
  });
});

test('noise alone has no rank; neither has zero, of which nothing needs to be looked at', async () => {
  const noise = await ranks(targetOf(1, 1e6));
  expect([noise.rank, noise.verdict]).toEqual([0, 'no low-rank structure']);
  const zero = await ranks(dense([3, 4, 5], new Float64Array(60)));
  expect([zero.rank, zero.confidence, zero.reasons]).toEqual([0, 'sure', ['All cells are zero.']]);
});

test('progress tells the ranks so far, one by one', async () => {
  const seen: RanksProgress[] = [];
  const { candidates } = await ranks(target, { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(0);
  const last = seen.at(-1)?.candidates.map(({ rank }) => rank) ?? [];
  expect(candidates.map(({ rank }) => rank)).toEqual(expect.arrayContaining(last));
});

test('an abort ends the work with its reason, before or on the way', async () => {
  await expect(ranks(target, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  const controller = new AbortController();
  const work = ranks(target, {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('on the way')),
  });
  await expect(work).rejects.toThrow('on the way');
});

test('many missing cells: the rank is found, and the word is at most good', async () => {
  const gaps = Float64Array.from(target.data, (value, at) => ((at * 7919) % 10 < 3 ? NaN : value));
  const { rank, confidence } = await ranks(dense(shape, gaps, { missing: 'nan' }));
  expect([rank, confidence]).toEqual([3, 'good']);
});

describe('bad input', () => {
  const cases: [string, DenseTarget, RanksOptions][] = [
    ['ranks: expected a known option', target, { rank: 3 } as RanksOptions],
    ['compressed: expected maxRank to be', target, { maxRank: 0 }],
    ['decompose: expected seed to be an integer', target, { seed: -1 }],
  ];
  test.each(cases)('%s', async (message, given, options) => {
    await expect(ranks(given, options)).rejects.toThrow(message);
  });
});
