// The residual with random signs: as strong as noise of its own kind, whatever that is, and far weaker than a component that is there.
import { describe, expect, test } from 'vitest';
import { bestRankOne } from '../../src/compaction/grow-cp.js';
import { plantedCp } from '../../src/problems/index.js';
import { strongestOfSigns, tellsNoise } from '../../src/rank-choice/random-signs.js';
import { ranks } from '../../src/ranks.js';
import { dense } from '../../src/targets/dense.js';
import { randomStream } from '../../src/random/stream.js';
import type { DenseTensor } from '../../src/tensor/dense.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { finished } from '../../src/yield.js';

const shape = [14, 15, 16];

const noiseOf = (seed: number, of: (value: number, at: number) => number = (value) => value): DenseTensor => {
  const data = randomStream(seed, 5).fillNormal(new Float64Array(sizeOf(shape)));
  return { shape, data: data.map(of) };
};

/** No compression: every direction is kept. */
const identities = shape.map((rows): Matrix => {
  const data = Float64Array.from({ length: rows * rows }, (_, at) => Number(at % (rows + 1) === 0));
  return { rows, columns: rows, data };
});

const ofSigns = (tensor: DenseTensor): number =>
  finished(strongestOfSigns(tensor, identities, { random: randomStream(1, 9), seed: 1, enough: 0 })) ?? NaN;

const strongest = (tensor: DenseTensor): number => finished(bestRankOne(tensor, 1)).weights[0]! ** 2;

/** AR(1) along the last mode. */
function withMemory({ data }: DenseTensor): DenseTensor {
  const last = shape[2]!;
  const remembered = Float64Array.from(data);
  for (let at = 0; at < data.length; at++) {
    if (at % last > 0) remembered[at] = 0.9 * remembered[at - 1]! + Math.sqrt(1 - 0.9 ** 2) * data[at]!;
  }
  return { shape, data: remembered };
}

describe.each([1, 2, 3, 4, 5])('seed %i', (seed) => {
  // Norms of the strongest component vary by about 1 / Σ √I = 9 % of themselves (one unit of σ), and those of memory by that of fewer
  // effective directions: of four draws one more than 40 % above the others in squares is rarer than one in a hundred.
  test.each<[string, DenseTensor]>([
    ['white noise', noiseOf(seed)],
    ['two loud slices', noiseOf(seed, (value, at) => value * (at < 2 * 15 * 16 ? 5 : 0.5))],
    ['one loud cell in a hundred', noiseOf(seed, (value, at) => value * (at % 100 === 7 ? 10 : 1))],
    ['memory along a mode', withMemory(noiseOf(seed))],
  ])('%s is not much stronger than itself with random signs', (_, noise) => {
    expect(strongest(noise)).toBeLessThan(1.4 * ofSigns(noise));
  });

  test('signs per cell alone would take memory for a component', () => {
    const noise = withMemory(noiseOf(seed));
    const random = randomStream(seed, 10);
    const perCell = { shape, data: noise.data.map((value) => value * random.sign()) };
    expect(strongest(noise)).toBeGreaterThan(2 * strongest(perCell));
  });

  test('a component does not survive random signs', () => {
    // Evenly spread over all fibers it becomes a ∘ signs, and the best rank-one part of J × K signs has about (√J + √K)² / (J K) of the
    // energy: 0.28 of it at most for these modes. Its fluctuation adds less than a fifth (Tracy-Widom).
    const random = randomStream(seed, 11);
    const factors = shape.map((rows) => ({
      rows,
      columns: 1,
      data: Float64Array.from({ length: rows }, () => random.sign()),
    }));
    const tensor = toDense({ weights: Float64Array.of(1), factors });
    expect(ofSigns(tensor)).toBeLessThan(1.2 * ((Math.sqrt(14) + Math.sqrt(15)) ** 2 / 210) * strongest(tensor));
  });
});

test('patterns end where one is weak enough', () => {
  let drawn = 0;
  const stream = randomStream(1, 9);
  const random = { ...stream, fillSigns: (signs: Float64Array) => ((drawn += signs.length), stream.fillSigns(signs)) };
  const given = { random, seed: 1 };
  finished(strongestOfSigns(noiseOf(1), identities, { ...given, enough: Infinity }));
  const once = drawn;
  finished(strongestOfSigns(noiseOf(1), identities, { ...given, enough: 0 }));
  // A sign per cell, and per fiber of each mode.
  expect([once, drawn - once]).toEqual([3360 + 240 + 224 + 210, 3 * (3360 + 240 + 224 + 210)]);
});

describe.each([
  { sizes: [30, 30], rank: 3 },
  { sizes: [20, 18], rank: 2 },
  { sizes: [25, 3, 3], rank: 2 },
  { sizes: [20, 15, 2], rank: 3 },
])('where signs leave much of a component, $sizes', ({ sizes, rank }) => {
  // Signs per fiber of a matrix leave all of it, those of a tensor with short modes most of it.
  test.each([1, 2, 3, 4])('components beside white noise are not taken for noise, seed %i', async (seed) => {
    const choice = await ranks(plantedCp({ shape: sizes, rank, seed, noise: 0.4 }).tensor, { seed });
    expect(choice.rank).toBeGreaterThan(0);
    if (choice.rank !== rank) expect(choice.confidence).toMatch(/fair|open/);
  });

  test.each([1, 2, 3, 4])('and there is no component to be sure of in noise with memory, seed %i', async (seed) => {
    const inner = sizeOf(sizes.slice(1));
    const data = randomStream(seed, 3).fillNormal(new Float64Array(sizeOf(sizes)));
    for (let at = inner; at < data.length; at++) data[at] = 0.9 * data[at - inner]! + Math.sqrt(0.19) * data[at]!;
    const { rank: found, confidence } = await ranks(dense(sizes, data), { seed });
    if (found > 0) expect(confidence).toMatch(/fair|open/);
  });

  test('and that is known', () => expect(tellsNoise(sizes)).toBe(false));
});

test('it leaves little where all modes are long', () => {
  expect([tellsNoise([30, 40, 50]), tellsNoise([10, 12, 14, 16]), tellsNoise([5, 101, 41])]).toEqual([
    true,
    true,
    true,
  ]);
});
