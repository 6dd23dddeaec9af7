// What is held out: how many, which, always the same, and whole fibers where whole fibers are missing.
import { describe, expect, test } from 'vitest';
import { holdOut, observed, sensing, wholeModes, type ObservedTarget } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';

const { target } = plantedObserved({ shape: [6, 5, 4], rank: 2, share: 0.5, seed: 1 });

/** Some pixels of 8 × 6, all of their three channels. */
const pixels = Array.from({ length: 48 }, (_, pixel) => pixel).filter((pixel) => pixel % 4 === pixel % 5);
const picture = observed(
  [8, 6, 3],
  pixels.flatMap((pixel) => [0, 1, 2].flatMap((channel) => [Math.floor(pixel / 6), pixel % 6, channel])),
  pixels.flatMap((pixel) => [pixel, pixel + 0.25, pixel + 0.5]),
);

const rowsOf = ({ indices, shape, count, values }: ObservedTarget): string[] =>
  Array.from({ length: count }, (_, e) =>
    [...indices.subarray(e * shape.length, (e + 1) * shape.length), values[e]].join(),
  );

describe('holdOut', () => {
  test('cuts the observations in two, each in its order, a share of them held out', () => {
    const { train, held } = holdOut(target, { share: 0.25, seed: 7 });
    expect(held?.count).toBe(15);
    expect(train.count).toBe(45);
    const all = rowsOf(target);
    const kept = rowsOf(train);
    const out = held ? rowsOf(held) : [];
    expect([...kept, ...out].sort()).toEqual([...all].sort());
    expect(kept).toEqual(all.filter((row) => kept.includes(row)));
    expect(out).toEqual(all.filter((row) => out.includes(row)));
  });

  test('the same seed chooses the same, another seed others', () => {
    expect(holdOut(target, { share: 0.25, seed: 7 })).toEqual(holdOut(target, { share: 0.25, seed: 7 }));
    expect(holdOut(target, { share: 0.25, seed: 8 }).held?.values).not.toEqual(
      holdOut(target, { share: 0.25, seed: 7 }).held?.values,
    );
  });

  test('too small a share leaves everything to train on', () => {
    expect(holdOut(target, { share: 0.01, seed: 1 })).toEqual({ train: target });
  });

  test('measurements go with their tensors, and terms with theirs', () => {
    const dense = sensing([2, 2], [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4], [10, 20, 30, 40]);
    const { train, held } = holdOut(dense, { share: 0.5, seed: 1 });
    for (const part of [train, held]) {
      if (part?.measurements.kind !== 'dense') throw new Error('expected dense measurements');
      const { data } = part.measurements;
      part.values.forEach((value, j) => expect(Math.max(...data.slice(4 * j, 4 * j + 4))).toBe(value / 10));
    }
  });

  test('together along a mode: all entries of a pixel, or none', () => {
    const { train, held } = holdOut(picture, { share: 0.25, seed: 3, together: [2] });
    const pixelsOf = (part: ObservedTarget): Set<string> =>
      new Set(rowsOf(part).map((row) => row.split(',').slice(0, 2).join()));
    const kept = pixelsOf(train);
    const out = held ? pixelsOf(held) : new Set();
    expect([kept.size, out.size]).toEqual([pixels.length - 3, 3]);
    expect([train.count, held?.count]).toEqual([3 * kept.size, 9]);
    expect([...kept].some((pixel) => out.has(pixel))).toBe(false);
  });

  test.each([-0.1, 1, NaN])('refuses a share of %d', (share) => {
    expect(() => holdOut(target, { share, seed: 1 })).toThrow(/holdOut: expected share to be a number from 0 up to 1/);
  });
});

describe('wholeModes', () => {
  test('the channels of pixels', () => expect(wholeModes(picture)).toEqual([2]));
  test('none where single entries are missing', () => expect(wholeModes(target)).toEqual([]));
  test('none where nothing is missing', () => {
    const { target: all } = plantedObserved({ shape: [3, 3, 3], rank: 1, share: 1, seed: 1 });
    expect(wholeModes(all)).toEqual([]);
  });
  test('none where whole slices are all there is: nothing would be left to tell them by', () => {
    const slice = observed([4, 2, 2], [0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1], [1, 2, 3, 4]);
    expect(wholeModes(slice)).toEqual([]);
  });
});
