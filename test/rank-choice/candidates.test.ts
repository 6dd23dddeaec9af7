// What speaks against a rank: each refusal at its threshold, and on a tensor that is made for it.
import { describe, expect, test } from 'vitest';
import { bestRankOne } from '../../src/compaction/grow-cp.js';
import { compress, type Compression } from '../../src/compression/compress.js';
import { qr } from '../../src/linalg/qr.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import {
  candidate,
  besideFloor,
  candidateOf,
  isNoiseLike,
  isTooSmall,
  noiseBound,
  noiseFloor,
  standsOut,
  type RankCandidate,
  type Refusal,
} from '../../src/rank-choice/candidates.js';
import { coreFits, type CoreFit } from '../../src/rank-choice/core-fits.js';
import type { DenseTensor } from '../../src/tensor/dense.js';
import { joinComponents, noComponents } from '../../src/tensor/kruskal.js';
import { expandMode } from '../../src/tensor/mode-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { finished } from '../../src/yield.js';
import { freeNumbers } from '../../src/tensor/free-numbers.js';

const shape = [9, 10, 11];

const compressionOf = (liveSizes: readonly number[]): Compression => ({
  shape: liveSizes,
  bases: [],
  core: { shape: liveSizes, data: new Float64Array(sizeOf(liveSizes)) },
  squaredNorm: 1,
  outside: 0,
  ranks: liveSizes.map(() => undefined),
  liveSizes,
  variance: undefined,
  isWhite: false,
});

const fitOf = (rank: number, squaredError: number, more: Partial<CoreFit> = {}): CoreFit => ({
  rank,
  kruskal: noComponents({ shape }),
  squaredError,
  relativeError: Math.sqrt(squaredError),
  starts: 6,
  agreeing: 6,
  minCosine: 0,
  coreConsistency: 100,
  isAtNoise: false,
  isQuick: false,
  ...more,
});

/** Of rank 2, next to a squared error of 0.5 before. */
const refusalsOf = (squaredError: number, more: Partial<CoreFit> = {}): readonly Refusal[] =>
  candidateOf(compressionOf(shape), fitOf(1, 0.5), fitOf(2, squaredError, more)).refusals;

describe('the noise bound', () => {
  test('by hand: (√4 + √9 + √16 + 3)² = 144', () => {
    expect(noiseBound(compressionOf([4, 9, 16]))).toBe(144);
  });

  test('is kept by the strongest component of white noise, but for 1 %', () => {
    const bound = Math.sqrt(noiseBound(compressionOf(shape)));
    const runs = 100;
    let above = 0;
    for (let seed = 0; seed < runs; seed++) {
      const data = randomStream(seed).fillNormal(new Float64Array(sizeOf(shape)));
      if (Math.abs(finished(bestRankOne({ shape, data }, seed)).weights[0]!) > bound) above++;
    }
    // Of 100 with a probability of at most 1.1 %: 5 or more once in 200 times.
    expect(above).toBeLessThan(5);
  });

  test('there are too few cells where noise alone would put half of itself into one component', () => {
    expect(isTooSmall(compressionOf([2, 2, 2]))).toBe(true);
    expect(isTooSmall(compressionOf([9, 9, 9]))).toBe(false);
  });
});

describe('thresholds', () => {
  test('a plain component is not refused', () => {
    expect(refusalsOf(0.1)).toEqual([]);
  });

  test('noise: what it takes is compared with σ² times the bound, σ² = RSS / (n − p)', () => {
    const spare = sizeOf(shape) - freeNumbers(shape, 2);
    const perError = noiseBound(compressionOf(shape)) / spare;
    // gain = 0.5 − e against e · perError
    const critical = 0.5 / (1 + perError);
    expect(refusalsOf(critical * 1.001)).toContain('noise');
    expect(refusalsOf(critical * 0.999)).not.toContain('noise');
    const { noiseRatio } = candidateOf(compressionOf(shape), fitOf(1, 0.5), fitOf(2, critical / 2));
    expect(noiseRatio).toBeCloseTo((0.5 - critical / 2) / ((critical / 2) * perError), 9);
  });

  test('small: less than a tenth of what was left, where the residual has structure', () => {
    const large = compressionOf([60, 60, 60]);
    const of = (squaredError: number, more: Partial<CoreFit> = {}): readonly Refusal[] =>
      candidateOf(large, fitOf(1, 0.5), fitOf(2, squaredError, more)).refusals;
    expect(of(0.5 * 0.901)).toEqual(['small']);
    expect(of(0.5 * 0.899)).toEqual([]);
    expect(of(0.5 * 0.901, { isAtNoise: true })).toEqual([]);
  });

  test('degenerate: cosines below −0.85, even at the noise', () => {
    expect(refusalsOf(0.1, { minCosine: -0.86 })).toEqual(['degenerate']);
    expect(refusalsOf(0.1, { minCosine: -0.84 })).toEqual([]);
    expect(refusalsOf(0.1, { minCosine: -0.86, isAtNoise: true })).toEqual(['degenerate']);
  });

  test('inconsistent: core consistency below 50, unless it says nothing or nothing is left', () => {
    expect(refusalsOf(0.1, { coreConsistency: 49.9 })).toEqual(['inconsistent']);
    expect(refusalsOf(0.1, { coreConsistency: 50 })).toEqual([]);
    expect(refusalsOf(0.1, { coreConsistency: 0, isAtNoise: true })).toEqual([]);
    expect(refusalsOf(0.1, { coreConsistency: 0, isQuick: true })).toEqual([]);
  });

  test('untested: where core consistency says nothing, unless it takes nine tenths, nothing is left, or it is a matrix', () => {
    expect(refusalsOf(0.1, { coreConsistency: undefined })).toEqual(['untested']);
    expect(refusalsOf(0.049, { coreConsistency: undefined })).toEqual([]);
    expect(refusalsOf(0.1, { coreConsistency: undefined, isAtNoise: true })).toEqual([]);
    const ofMatrix = fitOf(2, 0.1, { coreConsistency: undefined });
    expect(candidateOf(compressionOf([9, 10]), fitOf(1, 0.5), ofMatrix).refusals).toEqual([]);
  });

  test('unstable: fewer than two starts or a third came to it, unless it takes nine tenths', () => {
    expect(refusalsOf(0.1, { agreeing: 1 })).toEqual(['unstable']);
    expect(refusalsOf(0.1, { agreeing: 2 })).toEqual([]);
    expect(refusalsOf(0.1, { agreeing: 3, starts: 12 })).toEqual(['unstable']);
    expect(refusalsOf(0.1, { agreeing: 4, starts: 12 })).toEqual([]);
    expect(refusalsOf(0.049, { agreeing: 1 })).toEqual([]);
    expect(refusalsOf(0.1, { agreeing: 1, isAtNoise: true })).toEqual([]);
    expect(candidateOf(compressionOf([9, 10]), fitOf(1, 0.5), fitOf(2, 0.1, { agreeing: 1 })).refusals).toEqual([]);
  });
});

describe('a floor of noise', () => {
  /** Rank by rank, what each takes over the residual with random signs. */
  const seen = (...signRatios: readonly number[]): RankCandidate[] =>
    signRatios.map((signRatio, k) => {
      const compression = compressionOf([60, 60, 60]);
      // (3 √60 + 3)² / (3 √60)²
      const margin = (1 + 1 / Math.sqrt(60)) ** 2;
      const before = 0.96 ** k;
      const after = 0.96 ** (k + 1);
      const ofSigns = (before - after) / (margin * signRatio);
      const one = candidateOf(compression, fitOf(k, before), fitOf(k + 1, after), ofSigns);
      expect(one.signRatio).toBeCloseTo(signRatio, 12);
      return one;
    });

  test('a component is like noise up to what random signs give and the margin of white noise, and stands out above', () => {
    const [below, above] = seen(0.99, 1.01) as [RankCandidate, RankCandidate];
    expect([isNoiseLike(below), standsOut(below)]).toEqual([true, false]);
    expect([isNoiseLike(above), standsOut(above)]).toEqual([false, true]);
    const notCompared = candidateOf(compressionOf([60, 60, 60]), fitOf(0, 0.5), fitOf(1, 0.46));
    expect([isNoiseLike(notCompared), standsOut(notCompared)]).toEqual([false, false]);
  });

  test('two components like noise with none after them that stands out; one alone is no floor', () => {
    expect(noiseFloor(seen(5, 2, 0.8, 0.9))).toBe(2);
    expect(noiseFloor(seen(0.9, 0.8))).toBe(0);
    expect(noiseFloor(seen(5, 2, 0.9))).toBeUndefined();
    expect(noiseFloor(seen(5, 0.9, 0.8, 2))).toBeUndefined();
    expect(noiseFloor([])).toBeUndefined();
  });

  test('what takes more than two thirds of the rest together is no floor, like noise or not', () => {
    const take = (share: number): RankCandidate[] =>
      [1, 2, 3].map((rank) => {
        const before = (1 - share) ** (rank - 1);
        const after = (1 - share) ** rank;
        return candidateOf(compressionOf([60, 60, 60]), fitOf(rank - 1, before), fitOf(rank, after), before - after);
      });
    expect(0.7 ** 3).toBeGreaterThan(1 / 3);
    expect(noiseFloor(take(0.3))).toBe(0);
    expect(0.69 ** 3).toBeLessThan(1 / 3);
    expect(noiseFloor(take(0.31))).toBeUndefined();
  });

  test('above it all is noise, below it nothing is small; without one nothing changes', () => {
    const beside = besideFloor(seen(5, 2, 0.8, 0.9));
    expect(beside.map(({ refusals }) => refusals)).toEqual([[], [], ['noise'], ['noise']]);
    const open = seen(5, 2, 0.9, 2);
    expect(besideFloor(open)).toEqual(open);
    expect(open[0]?.refusals).toEqual(['small']);
  });
});

describe('on tensors made for them', () => {
  /** Without the search for white noise, as the scan looks at them. */
  function look(tensor: DenseTensor, rank: number): RankCandidate {
    const compression = finished(compress(tensor, { seeksNoise: false }));
    const fits = coreFits(tensor, compression, { seed: 1, starts: 6 });
    for (let below = 1; below < rank; below++) finished(fits.fit(below));
    return finished(candidate(fits, rank));
  }

  test('none against the planted rank, noise against one more', () => {
    const { tensor } = plantedCp({ shape, rank: 3, noise: 0.1, seed: 1 });
    expect(look(tensor, 3).refusals).toEqual([]);
    expect(look(tensor, 4).refusals).toContain('noise');
  });

  test('degenerate: a tensor of border rank 2, which two components that cancel each other approach', () => {
    const unit = (rows: number, at: number): Float64Array =>
      Float64Array.from({ length: rows }, (_, i) => Number(i === at));
    const factors = shape.map((rows, mode) => {
      const columns = [0, 1, 2].map((r) => unit(rows, r === mode ? 1 : 0));
      return {
        rows,
        columns: 3,
        data: Float64Array.from({ length: 3 * rows }, (_, at) => columns[at % 3]![Math.floor(at / 3)]!),
      };
    });
    const { data } = toDense({ weights: new Float64Array(3).fill(1), factors });
    const random = randomStream(1);
    const noisy = data.map((value) => value + 1e-3 * random.normal());
    expect(look({ shape, data: noisy }, 2).refusals).toContain('degenerate');
  });

  test('small: a component above the noise that takes 5 % of what was left', () => {
    // A tail of many components is the structure that is left.
    const size = [20, 21, 22];
    const tail = plantedCp({ shape: size, rank: 40, seed: 2, weights: new Array<number>(40).fill(0.1) }).truth;
    const whole = plantedCp({ shape: size, rank: 2, seed: 3, weights: [2, 0.14] }).truth;
    const tensor = toDense(joinComponents(whole, tail));
    const found = look(tensor, 2);
    expect(found.refusals).toContain('small');
    expect(found.noiseRatio).toBeGreaterThan(1);
  });

  test('inconsistent: a Tucker model, whose core is no diagonal', () => {
    const random = randomStream(7);
    let tucker: DenseTensor = { shape: [4, 4, 4], data: random.fillNormal(new Float64Array(64)) };
    for (const [mode, rows] of shape.entries()) {
      const basis = { rows, columns: 4, data: random.fillNormal(new Float64Array(4 * rows)) };
      tucker = finished(expandMode(tucker, mode, qr(basis).q));
    }
    const { refusals, coreConsistency } = look(tucker, 4);
    expect(refusals).toContain('inconsistent');
    expect(coreConsistency).toBeLessThan(50);
  });

  test('unstable: two of six equal components, which may be any two of them', () => {
    const { tensor } = plantedCp({ shape, rank: 6, seed: 1, noise: 0.01, collinearity: 0 });
    expect(look(tensor, 2).refusals).toEqual(['unstable']);
    expect(look(tensor, 6).refusals).toEqual([]);
  });
});
