// Observed entries of planted tensors, gross errors and hidden cells: exact sizes, fair choices, nothing lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { observed } from '../../src/index.js';
import { addGrossErrors, hideCells, plantedCp, plantedObserved } from '../../src/problems/index.js';
import { chooseSome } from '../../src/problems/choose-some.js';
import { randomStream } from '../../src/random/stream.js';
import '../support/arbitraries.js';
import { expectClose } from '../support/close.js';

const offsetsOf = (shape: readonly number[], indices: Uint32Array): number[] =>
  Array.from({ length: indices.length / shape.length }, (_, e) =>
    shape.reduce((offset, size, k) => offset * size + (indices[e * shape.length + k] ?? NaN), 0),
  );

describe('chooseSome', () => {
  it('chooses different numbers, rising, all of them if told', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 300 }), fc.nat(99), (seed, below, percent) => {
        const count = Math.floor((below * percent) / 99);
        const chosen = Array.from(chooseSome(randomStream(seed), count, below));
        expect(chosen).toHaveLength(count);
        expect(chosen.every((one, i) => one < below && one > (chosen[i - 1] ?? -1))).toBe(true);
      }),
    );
    expect(Array.from(chooseSome(randomStream(1), 3, 2 ** 52)).every((one) => one > 1e6)).toBe(true);
  });

  it.each([
    ['by one pass', 4, 10],
    ['by a set', 2, 40],
  ])('is fair to every number and every pair: %s', (_, count, below) => {
    const runs = 20_000;
    const singles = new Float64Array(below);
    const pairs = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const chosen = chooseSome(randomStream(seed), count, below);
      for (const one of chosen) singles[one] = (singles[one] ?? 0) + 1;
      const pair = `${chosen[0]},${chosen[1]}`;
      if (count === 2) pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    // A binomial count within five of its deviations.
    const near = (times: number, p: number) =>
      expect(Math.abs(times - runs * p)).toBeLessThan(5 * Math.sqrt(runs * p * (1 - p)));
    singles.forEach((times) => near(times, count / below));
    if (count === 2) expect(pairs.size).toBe((below * (below - 1)) / 2);
    pairs.forEach((times) => near(times, 2 / (below * (below - 1))));
  });
});

describe('plantedObserved', () => {
  const options = { shape: [6, 5, 7], rank: 3, seed: 4, weights: [2, -1, 0.5] };

  it('observes entries of the tensor that plantedCp makes, each cell once', () => {
    const { tensor, truth } = plantedCp(options);
    const found = plantedObserved({ ...options, share: 0.3 });
    expect(found.truth).toEqual(truth);
    expect(found.wrong).toHaveLength(0);
    const offsets = offsetsOf(options.shape, found.target.indices);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    expect(offsets).toHaveLength(Math.round(0.3 * 210));
    expectClose(
      found.target.values,
      offsets.map((at) => tensor.data[at] ?? NaN),
      1e-14,
    );
    expect(plantedObserved({ ...options, share: 1 }).target.count).toBe(210);
  });

  it('adds noise of exactly the size asked for, and gross errors of 2.5 to 5 deviations', () => {
    const clean = plantedObserved({ ...options, share: 0.5 }).target.values;
    const noisy = plantedObserved({ ...options, share: 0.5, noise: 0.25 }).target.values;
    const norm = (values: Float64Array) => Math.hypot(...values);
    expectClose(norm(noisy.map((value, e) => value - (clean[e] ?? NaN))) / norm(clean), 0.25, 1e-13);
    const { target, wrong } = plantedObserved({ ...options, share: 0.5, noise: 0.25, corrupt: 0.1 });
    expect(wrong).toHaveLength(Math.round(0.1 * noisy.length));
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const deviation = norm(noisy.map((value) => value - mean)) / Math.sqrt(noisy.length);
    target.values.forEach((value, e) => {
      const error = Math.abs(value - (noisy[e] ?? NaN)) / deviation;
      if (wrong.includes(e)) expect(Math.abs(error - 3.75)).toBeLessThanOrEqual(1.25 + 1e-12);
      else expect(error).toBe(0);
    });
  });

  it('never forms the tensor', () => {
    const { target } = plantedObserved({ shape: [1e5, 1e5, 1e5], rank: 2, seed: 1, share: 1e-12 });
    expect(target.count).toBe(1000);
    expect(Math.max(...target.indices)).toBeGreaterThan(99_000);
  });

  it.each([
    ['no share', { share: 0 }, /of at most 2\^53 cells, got a share of 0 of 12\./],
    ['more than all', { share: 1.5 }, /share to be a number from 0 to 1, got 1\.5/],
    ['too many', { share: 0.5, shape: [1e4, 1e4] }, /1 to 16777216 of/],
    ['a negative share of errors', { corrupt: -1 }, /corrupt to be a number from 0 to 1, got -1/],
    ['a misspelled option', { shares: 1 }, /got shares/],
  ])('refuses %s', (_, change, message) => {
    const make = (): unknown => plantedObserved({ shape: [3, 4], rank: 2, seed: 1, share: 0.5, ...change });
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});

describe('addGrossErrors', () => {
  it('writes nothing that it was given, and errs on both sides', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => i);
    const kept = values.slice();
    const { values: bad, wrong } = addGrossErrors(values, { share: 0.5, seed: 3 });
    expect(values).toEqual(kept);
    const signs = Array.from(wrong, (e) => Math.sign((bad[e] ?? NaN) - e));
    expect(new Set(signs)).toEqual(new Set([-1, 1]));
    expect(addGrossErrors(values, { share: 0, seed: 3 }).values).toEqual(values);
  });
});

const targets = fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 2, maxLength: 3 }).chain((shape) => {
  const index = fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size - 1 })));
  return fc
    .array(index, { minLength: 2, maxLength: 30 })
    .filter((list) => new Set(list.map(([first]) => first)).size > 1)
    .map((list) =>
      observed(
        shape,
        list.flat(),
        Float64Array.from(list, (_, e) => e),
      ),
    );
});

describe('hideCells', () => {
  it('parts the entries in two, in their order, and never a cell or a group of cells', () => {
    fc.assert(
      fc.property(
        targets,
        fc.nat(100),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.boolean(),
        (target, seed, share, grouped) => {
          const modes = grouped ? 1 : target.shape.length;
          const { known, hidden } = hideCells(target, { share, seed, modes });
          const groups = ({ indices }: typeof target) =>
            new Set(
              offsetsOf(target.shape, indices).map((_, e) =>
                indices
                  .slice(e * target.shape.length)
                  .slice(0, modes)
                  .join(),
              ),
            );
          const left = groups(known);
          const gone = groups(hidden);
          const all = groups(target);
          expect(left.size + gone.size).toBe(all.size);
          expect(gone.size).toBe(Math.min(all.size - 1, Math.max(1, Math.round(share * all.size))));
          // The value of an entry is its number.
          expect([...known.values, ...hidden.values].sort((a, b) => a - b)).toEqual([...target.values]);
          for (const part of [known, hidden]) {
            expect([...part.values]).toEqual([...part.values].sort((a, b) => a - b));
            const order = target.shape.length;
            expect([...part.indices]).toEqual(
              [...part.values].flatMap((e) => [...target.indices.slice(e * order, (e + 1) * order)]),
            );
          }
        },
      ),
    );
  });

  it('refuses shares that leave nothing', () => {
    const target = observed([2, 2], [0, 0, 1, 1], [1, 2]);
    expect(() => hideCells(target, { share: 0, seed: 1 })).toThrow(
      /above 0 and below 1 of two cells or more, got 0 of 2/,
    );
    expect(() => hideCells(target, { share: 1, seed: 1 })).toThrow(/got 1 of 2/);
    expect(() => hideCells(observed([2, 2], [0, 0, 0, 0], [1, 2]), { share: 0.5, seed: 1 })).toThrow(/got 0\.5 of 1/);
  });
});
