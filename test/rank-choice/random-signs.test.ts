// Weak components next to those of the residual with random signs: what noise makes goes, what is there stays.
import { describe, expect, test } from 'vitest';
import { compress } from '../../src/compression/compress.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream, type RandomStream } from '../../src/random/stream.js';
import { noiseBound } from '../../src/rank-choice/candidates.js';
import { countIndistinct } from '../../src/rank-choice/random-signs.js';
import { joinComponents, type Kruskal } from '../../src/tensor/kruskal.js';
import { normalize } from '../../src/tensor/normalize.js';
import { bestRankOne as bestRankOneSteps, residualOf as residualSteps } from '../../src/compaction/grow-cp.js';
import { sumOfSquares } from '../../src/tensor/square-sum.js';
import { finished } from '../../src/yield.js';

const residualOf = (...given: Parameters<typeof residualSteps>) => finished(residualSteps(...given));
const bestRankOne = (...given: Parameters<typeof bestRankOneSteps>) => finished(bestRankOneSteps(...given));

const shape = [14, 15, 16];
const sigma = 1e-2;

/** Noise of standard deviation σ, times `scale` per slice of the first mode. */
function noisy(seed: number, model: Kruskal, scale: (slice: number) => number = () => 1) {
  const random = randomStream(seed, 5);
  const clean = residualOf({ shape, data: new Float64Array(14 * 15 * 16) }, model);
  const data = Float64Array.from(
    clean.data,
    (value, at) => -value + sigma * scale(Math.floor(at / (15 * 16))) * random.normal(),
  );
  return { shape, data };
}

/** Of white noise of the mean variance. */
function count(tensor: ReturnType<typeof noisy>, model: Kruskal, random: RandomStream = randomStream(1, 9)): number {
  const left = residualOf(tensor, strong).data;
  const variance = sumOfSquares(left) / left.length;
  const compression = { ...finished(compress(tensor)), variance };
  return finished(countIndistinct(tensor, compression, normalize(model), { random, seed: 1 }));
}

const { truth: strong } = plantedCp({ shape, rank: 2, seed: 1, weights: [3, 3] });

describe.each([1, 2, 3, 4, 5])('seed %i', (seed) => {
  const bound = noiseBound(finished(compress(noisy(seed, strong))));

  test('what is left of noise is indistinct, and strong components are not', () => {
    const tensor = noisy(seed, strong);
    const strongestOfNoise = bestRankOne(residualOf(tensor, strong), seed);
    // 0.7 of it: two draws of other signs rarely differ from it by more.
    const weak = { ...strongestOfNoise, weights: strongestOfNoise.weights.map((weight) => 0.7 * weight) };
    expect(count(tensor, joinComponents(strong, weak))).toBe(1);
    expect(count(tensor, strong)).toBe(0);
  });

  test('a weak component that is there is told from noise', () => {
    const { truth } = plantedCp({ shape, rank: 1, seed: 7, weights: [2 * sigma * Math.sqrt(bound)] });
    const both = joinComponents(strong, truth);
    expect(count(noisy(seed, both), both)).toBe(0);
  });

  test('of the loud slices of noise of unequal variance it is none', () => {
    // A few slices are five times as loud as most: what they make is above the bound of white noise of the mean variance.
    const loud = (slice: number): number => (slice < 2 ? 5 : 0.5);
    const tensor = noisy(seed, strong, loud);
    const ofNoise = bestRankOne(residualOf(tensor, strong), seed);
    const weak = { ...ofNoise, weights: ofNoise.weights.map((weight) => 0.8 * weight) };
    expect(count(tensor, joinComponents(strong, weak))).toBe(1);
  });
});

test('where no component is weak, no sign is drawn', () => {
  const random = randomStream(1);
  const drawn = { ...random, sign: () => expect.fail('a sign was drawn') };
  expect(count(noisy(1, strong), strong, drawn)).toBe(0);
});
