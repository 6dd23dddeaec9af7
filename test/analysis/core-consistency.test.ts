// Core consistency: 100 where the model made the tensor, the value of its definition elsewhere, and what it says on data of known rank.
import { describe, expect, test } from 'vitest';
import { coreConsistency } from '../../src/analysis/core-consistency.js';
import { polishCp } from '../../src/compaction/polish-cp.js';
import { multiply } from '../../src/linalg/algebra.js';
import { solveRows } from '../../src/linalg/solve-rows.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { randomStart } from '../../src/rank-choice/starts.js';
import { unfold, type DenseTensor } from '../../src/tensor/dense.js';
import type { Kruskal } from '../../src/tensor/kruskal.js';
import { columnProducts, khatriRao, transpose, type Matrix } from '../../src/tensor/matrix.js';
import { normalize } from '../../src/tensor/normalize.js';

/** The best of a few least-squares fits from random starts. */
function fitted(tensor: DenseTensor, rank: number): Kruskal {
  let best: { kruskal: Kruskal; relativeError: number } | undefined;
  for (let seed = 1; seed <= 2; seed++) {
    const start = randomStart(tensor, rank, randomStream(seed));
    for (const one of polishCp(tensor, start, { tolerance: 1e-7, maxSteps: 100 })) {
      if (one?.stop && one.relativeError < (best?.relativeError ?? Infinity)) best = one;
    }
  }
  return best?.kruskal ?? expect.fail('no fit');
}

/** The definition for three modes: G = A⁺ X_(1) (B⁺ ⊗ C⁺)ᵀ, by the Kronecker product written out. */
function byDefinition(tensor: DenseTensor, model: Kruskal): number {
  const rank = model.weights.length;
  const { weights, factors } = normalize(model);
  const inverse = (a: Matrix): Matrix => transpose(solveRows(columnProducts(a, a), a, 0));
  const first = { ...factors[0]!, data: factors[0]!.data.map((value, at) => value * weights[at % rank]!) };
  const b = inverse(factors[1]!);
  const c = inverse(factors[2]!);
  const kronecker = new Float64Array(b.rows * c.rows * b.columns * c.columns);
  for (let p = 0; p < b.rows; p++) {
    for (let q = 0; q < c.rows; q++) {
      for (let j = 0; j < b.columns; j++) {
        for (let k = 0; k < c.columns; k++) {
          const at = (p * c.rows + q) * b.columns * c.columns + j * c.columns + k;
          kronecker[at] = b.data[p * b.columns + j]! * c.data[q * c.columns + k]!;
        }
      }
    }
  }
  const right = { rows: rank * rank, columns: b.columns * c.columns, data: kronecker };
  const { data } = multiply(multiply(inverse(first), unfold(tensor, 0)), transpose(right));
  const square = data.reduce((sum, value, at) => {
    const isDiagonal = at % (rank * rank) === Math.floor(at / (rank * rank)) * (rank + 1);
    return sum + (value - Number(isDiagonal)) ** 2;
  }, 0);
  return 100 * (1 - square / rank);
}

describe('100 percent for the components that made the tensor', () => {
  test.each([
    [[6, 5, 4], 1],
    [[6, 5, 4], 4],
    [[5, 6, 7, 8], 3],
    [[3, 4, 3, 4, 3], 3],
    [[3, 3, 3, 3, 3, 3], 5],
  ])('shape %j, rank %i', (shape, rank) => {
    for (const seed of [1, 2, 3]) {
      const weights = Array.from({ length: rank }, (_, r) => (-2) ** r);
      const { tensor, truth } = plantedCp({ shape, rank, seed, weights });
      expect(coreConsistency(tensor, truth)).toBeCloseTo(100, 6);
    }
  });
});

test('elsewhere the value of the definition, in whatever order the components are', () => {
  for (const seed of [1, 2, 3, 4]) {
    const { tensor } = plantedCp({ shape: [6, 5, 4], rank: 3, noise: 1, seed });
    const model = plantedCp({ shape: [6, 5, 4], rank: 3, seed: seed + 10, weights: [3, -1, 2] }).truth;
    const value = coreConsistency(tensor, model) ?? NaN;
    expect(Math.abs(value / byDefinition(tensor, model) - 1)).toBeLessThan(1e-9);
    const turned = (data: Float64Array): Float64Array => data.map((_, at) => data[at - (at % 3) + ((at + 1) % 3)]!);
    const swapped: Kruskal = {
      weights: turned(model.weights),
      factors: model.factors.map((factor) => ({ ...factor, data: turned(factor.data) })),
    };
    expect(Math.abs(value / (coreConsistency(tensor, swapped) ?? NaN) - 1)).toBeLessThan(1e-9);
  }
});

describe('what Bro & Kiers (2003) found', () => {
  test('near 100 up to the rank of alike components in noise, and far below 50 with one more', () => {
    const { tensor } = plantedCp({ shape: [8, 9, 10], rank: 3, noise: 0.02, seed: 1, collinearity: 0.7 });
    expect(coreConsistency(tensor, fitted(tensor, 2))).toBeGreaterThan(90);
    expect(coreConsistency(tensor, fitted(tensor, 3))).toBeGreaterThan(90);
    expect(coreConsistency(tensor, fitted(tensor, 4))).toBeLessThan(50);
  });

  // At a stationary point the residual is orthogonal to the tangent space, in which every e_p ∘ e_q ∘ e_s of R = 2 lies: two of three indices agree.
  test('two components of three modes are always consistent, even in noise: it says nothing there', () => {
    const shape = [5, 6, 7];
    const tensor = { shape, data: randomStream(3).fillNormal(new Float64Array(210)) };
    expect(coreConsistency(tensor, fitted(tensor, 2))).toBeCloseTo(100, 1);
  });
});

describe('more than three modes', () => {
  test('are merged: more components than a mode is long are no obstacle', () => {
    const { tensor, truth } = plantedCp({ shape: [2, 6, 2, 7], rank: 4, seed: 1 });
    expect(coreConsistency(tensor, truth)).toBeCloseTo(100, 6);
  });

  test('the best way to merge counts: at least that of each pair of neighbors', () => {
    const { tensor } = plantedCp({ shape: [4, 5, 6, 3], rank: 3, noise: 0.5, seed: 2 });
    const model = fitted(tensor, 3);
    const [a, b, c, d] = model.factors as [Matrix, Matrix, Matrix, Matrix];
    const merged: readonly (readonly [readonly number[], readonly Matrix[]])[] = [
      [
        [20, 6, 3],
        [khatriRao(a, b), c, d],
      ],
      [
        [4, 30, 3],
        [a, khatriRao(b, c), d],
      ],
      [
        [4, 5, 18],
        [a, b, khatriRao(c, d)],
      ],
    ];
    const values = merged.map(([shape, factors]) =>
      coreConsistency({ shape, data: tensor.data }, { ...model, factors }),
    );
    const whole = coreConsistency(tensor, model) ?? NaN;
    for (const value of values) expect(whole).toBeGreaterThanOrEqual((value ?? NaN) - 1e-9);
    expect(new Set(values.map((value) => value?.toFixed(3))).size).toBe(3);
  });
});

describe('it says nothing', () => {
  test('about a matrix, and where more components than any merged mode is long', () => {
    const undefinedFor = (shape: readonly number[], rank: number): void => {
      const { tensor, truth } = plantedCp({ shape, rank, seed: 1 });
      expect(coreConsistency(tensor, truth)).toBeUndefined();
    };
    undefinedFor([5, 6], 2);
    undefinedFor([2, 2, 2], 3);
    undefinedFor([2, 9, 9], 3);
    // Two of the four modes are merged, the other two are of size 2.
    undefinedFor([2, 2, 2, 2], 3);
    const { tensor } = plantedCp({ shape: [3, 3, 3], rank: 1, seed: 1 });
    expect(
      coreConsistency(tensor, {
        weights: new Float64Array(0),
        factors: [3, 3, 3].map((rows) => ({ rows, columns: 0, data: new Float64Array(0) })),
      }),
    ).toBeUndefined();
  });
});
