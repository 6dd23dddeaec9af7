// The compression of a dense tensor: orthonormal bases, an error that is known without the tensor, and the singular values that stand out
// from white noise, in every shape.
import { describe, expect, test } from 'vitest';
import {
  compress,
  largestRank,
  liveCells,
  type CompressOptions,
  type Compression,
} from '../../src/compression/compress.js';
import { multiply } from '../../src/linalg/algebra.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import type { DenseTensor } from '../../src/tensor/dense.js';
import { columnProducts } from '../../src/tensor/matrix.js';
import { permuteModes } from '../../src/tensor/permute.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { sumOfSquares } from '../../src/tensor/square-sum.js';
import { finished } from '../../src/yield.js';
import { casesOf } from '../support/all.js';
import { squaredDistance } from '../support/squared-distance.js';

interface Planted {
  readonly shape: readonly number[];
  readonly rank: number;
  /** Standard deviation of the noise. Default 0. */
  readonly noise?: number;
  readonly seed?: number;
}

/** Components of norm √cells, so that a cell is about 1, and noise of exactly known variance. */
function planted({ shape, rank, noise = 0, seed = 1 }: Planted): DenseTensor & { readonly data: Float64Array } {
  const cells = sizeOf(shape);
  const weights = new Array<number>(rank).fill(Math.sqrt(cells));
  const data = Float64Array.from(plantedCp({ shape, rank, seed, weights }).tensor.data);
  const random = randomStream(seed, 7);
  return { shape, data: data.map((value) => value + noise * random.normal()) };
}

/** Without its mean along a mode. */
function centered({ shape, data }: DenseTensor & { readonly data: Float64Array }, mode: number) {
  const inner = sizeOf(shape.slice(mode + 1));
  const rows = shape[mode]!;
  const out = data.slice();
  for (let outer = 0; outer < data.length / (rows * inner); outer++) {
    for (let k = 0; k < inner; k++) {
      const at = (i: number): number => (outer * rows + i) * inner + k;
      let mean = 0;
      for (let i = 0; i < rows; i++) mean += data[at(i)]! / rows;
      for (let i = 0; i < rows; i++) out[at(i)]! -= mean;
    }
  }
  return { shape, data: out };
}

const run = (tensor: DenseTensor, options = {}): Compression => finished(compress(tensor, options));

const tensors: readonly [name: string, tensor: DenseTensor, options?: CompressOptions][] = [
  ['exact', planted({ shape: [12, 14, 16], rank: 3 })],
  ['in noise', planted({ shape: [12, 14, 16], rank: 3, noise: 0.1 })],
  ['noise alone', planted({ shape: [13, 14, 15], rank: 0, noise: 1 })],
  ['of order 4', planted({ shape: [4, 9, 5, 13], rank: 2, noise: 0.1 })],
  ['tall', planted({ shape: [90, 5, 4], rank: 2, noise: 0.1 })],
  ['with modes of size 2', planted({ shape: [2, 15, 2, 16], rank: 2, noise: 0.1 })],
  ['with one direction in a mode', planted({ shape: [1, 15, 16], rank: 2 })],
  ['centered', centered(planted({ shape: [14, 15, 16], rank: 2, noise: 0.1 }), 1)],
  ['a matrix', planted({ shape: [20, 30], rank: 2, noise: 0.1 })],
  ['of float32', { shape: [12, 14, 16], data: Float32Array.from(planted({ shape: [12, 14, 16], rank: 3 }).data) }],
  ['tiny', planted({ shape: [2, 2, 2], rank: 2 })],
  ['zero', { shape: [3, 4, 5], data: new Float64Array(60) }],
  ['with more directions than needed', planted({ shape: [12, 14, 16], rank: 2, noise: 0.1 }), { minDirections: 7 }],
];

describe.each(tensors.map(([name, tensor, options]) => ({ name, tensor, options })))('$name', ({ tensor, options }) => {
  const found = run(tensor, options);
  const { shape, bases, core } = found;

  test('bases are orthonormal and of the sizes of tensor and core', () => {
    bases.forEach((basis, mode) => {
      expect([basis.rows, basis.columns]).toEqual([shape[mode], core.shape[mode]]);
      // A QR or an eigendecomposition of n rows: n ε, with a factor for its products.
      const identity = columnProducts(basis, basis).data;
      identity.forEach((value, at) => {
        const expected = at % (basis.columns + 1) === 0 ? 1 : 0;
        expect(Math.abs(value - expected)).toBeLessThan(32 * basis.rows * Number.EPSILON);
      });
    });
  });

  test('the error of any model of the core is known without the tensor', () => {
    for (const rank of [1, 2, 4]) {
      const random = randomStream(rank);
      const factors = core.shape.map((rows) => ({
        rows,
        columns: rank,
        data: random.fillNormal(new Float64Array(rows * rank)),
      }));
      const model = { weights: new Float64Array(rank).fill(1), factors };
      const whole = { ...model, factors: factors.map((factor, mode) => multiply(bases[mode]!, factor)) };
      const direct = squaredDistance(tensor, whole);
      const known = squaredDistance(core, model) + found.outside;
      // ‖X‖² − ‖G‖² has the rounding of ‖X‖².
      const scale = direct + sumOfSquares(tensor.data);
      expect(Math.abs(known - direct)).toBeLessThanOrEqual(1e-12 * scale);
    }
  });

  test('the norms are those of tensor and core', () => {
    const total = sumOfSquares(tensor.data);
    expect(found.squaredNorm).toBe(total);
    const inside = sumOfSquares(core.data);
    expect(Math.abs(found.outside - (total - inside))).toBeLessThanOrEqual(1e-13 * total);
  });
});

describe('ranks', () => {
  test.each([
    [[8, 9, 10], 3],
    [[20, 30, 25], 6],
    [[5, 6, 7, 8], 2],
    [[40, 5, 6], 4],
    [[3, 4, 3, 4, 3], 2],
  ])('of an exact tensor %j of rank %i are exact in every mode', (shape, rank) => {
    const { ranks, liveSizes, core, isWhite, variance } = run(planted({ shape, rank }));
    const expected = shape.map((size) => Math.min(size, rank));
    expect([ranks, liveSizes, core.shape]).toEqual([expected, expected, expected]);
    expect([isWhite, variance]).toEqual([true, undefined]);
  });

  // ‖X‖² and ‖G‖² are equal to 16 digits here.
  test.each([1e-6, 1e-8, 1e-9])('noise of %f of the tensor is measured, although its square is rounding', (noise) => {
    const shape = [10, 12, 14, 16];
    const { outside, squaredNorm } = run(planted({ shape, rank: 3, noise }));
    // χ² of as many degrees of freedom as there are cells, but for the few of the core.
    expect(Math.abs(outside / (sizeOf(shape) * noise ** 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / sizeOf(shape)) + 0.01);
    expect(run(planted({ shape, rank: 3 })).outside).toBeLessThan(1e-28 * squaredNorm);
  });

  const shapes = [
    [30, 20, 25],
    [10, 12, 14, 16],
    [20, 20, 20],
    [2, 40, 40],
    [300, 10, 12],
  ];
  const grid = shapes.flatMap((shape) => [0, 1, 3].flatMap((rank) => [1, 2, 3].map((seed) => ({ shape, rank, seed }))));

  test.each(casesOf(grid, 15).map((one) => [one] as const))('in noise: %j', (one) => {
    const noise = 0.3;
    const { ranks, isWhite, variance, core, bases, outside } = run(planted({ ...one, noise }));
    // Fewer than five values are no bulk: nothing is told from them.
    expect(ranks).toEqual(one.shape.map((size) => (size < 5 ? undefined : Math.min(one.rank, size))));
    expect(isWhite).toBe(true);
    // What is outside the core is χ² of as many degrees of freedom as there are cells that neither the core nor the choice of its
    // directions takes: a relative standard deviation of √(2 / freedom), four of them allowed. The strongest directions of the noise are not
    // taken at random: each takes up to edge / mean too much, which is below 1 % here.
    const freedom =
      sizeOf(one.shape) - core.data.length - bases.reduce((sum, u) => sum + u.columns * (u.rows - u.columns), 0);
    expect(Math.abs((variance ?? NaN) / noise ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / freedom) + 0.01);
    expect(outside).toBeGreaterThan(0.9 * freedom * noise ** 2);
  });

  test('the variance is that of the noise, on average: the numbers that the bases take are no cells', () => {
    // 5 % of the cells. χ² of 2,025 degrees of freedom: a relative standard deviation of 0.031, of the mean of 40 0.005.
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    const mean = seeds.reduce((sum, seed) => {
      const { variance = NaN } = run(planted({ shape: [13, 13, 13], rank: 4, noise: 0.1, seed }));
      return sum + variance / 0.01 / seeds.length;
    }, 0);
    expect(Math.abs(mean - 1)).toBeLessThan(0.02);
  });

  test('do not depend on the order of the modes, nor does the error', () => {
    const tensor = planted({ shape: [9, 13, 17, 5], rank: 3, noise: 0.2 });
    const plain = run(tensor);
    for (const order of [
      [3, 2, 1, 0],
      [1, 0, 3, 2],
      [2, 3, 0, 1],
    ]) {
      const permuted = run(permuteModes(tensor, order));
      expect(permuted.ranks).toEqual(order.map((mode) => plain.ranks[mode]));
      expect(Math.abs(permuted.outside / plain.outside - 1)).toBeLessThan(1e-9);
      expect(Math.abs((permuted.variance ?? NaN) / (plain.variance ?? NaN) - 1)).toBeLessThan(1e-9);
    }
  });

  test('do not depend on the unit', () => {
    const tensor = planted({ shape: [12, 14, 16], rank: 3, noise: 0.2 });
    for (const unit of [2 ** -300, 2 ** 300]) {
      const scaled = run({ shape: tensor.shape, data: tensor.data.map((value) => value * unit) });
      expect(scaled.ranks).toEqual([3, 3, 3]);
      expect((scaled.variance ?? NaN) / unit ** 2).toBeCloseTo(run(tensor).variance ?? NaN, 12);
    }
  });

  test('of float32 data are those of float64', () => {
    const tensor = planted({ shape: [20, 24, 28], rank: 3, noise: 0.2 });
    const single = run({ shape: tensor.shape, data: Float32Array.from(tensor.data) });
    expect(single.ranks).toEqual(run(tensor).ranks);
    expect(single.bases[0]!.data).toBeInstanceOf(Float64Array);
    expect(single.core.data).toBeInstanceOf(Float64Array);
  });

  test('a direction that data cannot have, because they are centered, is taken for no bulk and no cell', () => {
    const tensor = centered(planted({ shape: [20, 24, 28], rank: 2, noise: 0.3 }), 1);
    const found = run(tensor);
    expect(found.liveSizes).toEqual([20, 23, 28]);
    expect(liveCells(found)).toBe(20 * 23 * 28);
    expect([found.ranks, largestRank(found.ranks)]).toEqual([[2, 2, 2], 2]);
  });
});

describe('where the residual has structure', () => {
  /** A spectrum that falls evenly: no floor. */
  function falling(shape: readonly number[]): DenseTensor {
    const size = Math.max(...shape);
    const weights = Array.from({ length: size }, (_, r) => Math.sqrt(sizeOf(shape)) * 0.8 ** r);
    return plantedCp({ shape, rank: size, seed: 3, weights }).tensor;
  }

  test('the leading directions are kept, and no variance is claimed', () => {
    const { core, isWhite, variance, outside, squaredNorm } = run(falling([30, 40, 18]));
    expect([isWhite, variance]).toEqual([false, undefined]);
    expect(core.shape).toEqual([16, 16, 16]);
    // No more than what each mode's singular values beyond the sixteenth hold: 0.8^32 of the first.
    expect(outside / squaredNorm).toBeLessThan(1e-2);
  });

  test('as many as a rank asks for, where there is a floor too', () => {
    const tensor = planted({ shape: [12, 14, 16], rank: 2, noise: 0.1 });
    expect(run(tensor, { minDirections: 7 })).toMatchObject({
      core: { shape: [7, 7, 7] },
      ranks: [2, 2, 2],
      isWhite: true,
    });
  });

  test('more of them where a rank is given, as many as there are', () => {
    expect(run(falling([30, 40, 18]), { minDirections: 20 }).core.shape).toEqual([20, 20, 18]);
  });

  test('also where noise is not looked for', () => {
    const { ranks, core, isWhite } = run(planted({ shape: [30, 30, 30], rank: 2, noise: 0.3 }), { seeksNoise: false });
    expect(ranks).toEqual([undefined, undefined, undefined]);
    expect([core.shape, isWhite]).toEqual([[16, 16, 16], false]);
  });

  test.each([
    [2, 2, true],
    [3, 4, false],
  ])('a Tucker model with ranks %i · %i and these two passes for a sum of components: %s', (a, b, passes) => {
    // Each fiber of the first mode has a direction of its own for every pair of the others: ranks a·b, a and b.
    const random = randomStream(9);
    const columns = (count: number) => random.fillNormal(new Float64Array(20 * count));
    const mix = columns(a * b);
    const left = columns(a);
    const right = columns(b);
    const { data: noise } = planted({ shape: [20, 20, 20], rank: 0, noise: 0.05 });
    const data = noise.map((value, at) => {
      const i = Math.floor(at / 400);
      const j = Math.floor(at / 20) % 20;
      let sum = value;
      for (let p = 0; p < a; p++) {
        for (let q = 0; q < b; q++) sum += mix[i * a * b + p * b + q]! * left[j * a + p]! * right[(at % 20) * b + q]!;
      }
      return sum;
    });
    const { ranks, isWhite, core } = run({ shape: [20, 20, 20], data });
    expect(isWhite).toBe(passes);
    expect(core.shape).toEqual(passes ? [a * b, a, b] : [16, 16, 16]);
    expect(ranks).toEqual(passes ? [a * b, a, b] : [undefined, undefined, undefined]);
  });
});
