// The float64 finish: it ends where the gradient vanishes, never climbs, and converges where ALS creeps.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../src/analysis/match.js';
import { polishCp, type PolishReport } from '../../src/compaction/polish-cp.js';
import { cpNormalMatrix } from '../../src/compaction/cp-normal-matrix.js';
import { stepSolver } from '../../src/least-squares/normal-equations.js';
import { plantedCp } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { cpResidual, mttkrp } from '../../src/tensor/cp-products.js';
import { denseNorm, type DenseTensor } from '../../src/tensor/dense.js';
import type { Kruskal } from '../../src/tensor/kruskal.js';
import type { Matrix } from '../../src/tensor/matrix.js';
import { done, reportsOf } from '../support/pauses.js';

const options = { tolerance: 1e-12, maxSteps: 200 };
const polish = (target: DenseTensor, start: Kruskal): PolishReport[] => [
  ...reportsOf(polishCp(target, start, options)),
];

function randomModel(shape: readonly number[], rank: number, seed: number): Kruskal {
  const random = randomStream(seed);
  const factors = shape.map((rows): Matrix => ({
    rows,
    columns: rank,
    data: Float64Array.from({ length: rows * rank }, () => random.normal()),
  }));
  return { weights: new Float64Array(rank).fill(1), factors };
}

function gradientNorm({ shape, data }: DenseTensor, { factors }: Kruskal): number {
  const rank = factors[0]!.columns;
  const arrays = factors.map((factor) => factor.data);
  const residual = new Float64Array(data.length);
  cpResidual(shape, rank, arrays, data, residual);
  const squares = arrays.map((array, mode) => {
    const product = new Float64Array(array.length);
    mttkrp(shape, rank, arrays, mode, residual, product);
    return product.reduce((sum, value) => sum + value * value, 0);
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}

describe.each([
  { shape: [6, 5, 4], rank: 2, noise: 0.1 },
  { shape: [12, 9], rank: 1, noise: 0.3 },
  { shape: [5, 4, 3, 4], rank: 3, noise: 0.05 },
  { shape: [7, 6, 5], rank: 3, noise: 0, collinearity: 0.9 },
])('shape $shape, rank $rank', ({ shape, rank, ...problem }) => {
  const { tensor } = plantedCp({ shape, rank, seed: 3, ...problem });
  const reports = polish(tensor, randomModel(shape, rank, 5));
  const last = reports[reports.length - 1]!;

  test('the error never rises', () => {
    const errors = reports.map(({ relativeError }) => relativeError);
    errors.slice(1).forEach((error, index) => expect(error).toBeLessThanOrEqual(errors[index]!));
  });

  test('it ends at a stationary point', () => {
    expect(last.stop).toBe('converged');
    // Of the natural size of a gradient, ‖tensor‖ · (a factor's norm, that is the third or fourth root of a weight).
    expect(gradientNorm(tensor, last.kruskal)).toBeLessThan(1e-5 * denseNorm(tensor) ** (2 - 1 / shape.length));
  });
});

test('collinear components are recovered exactly', () => {
  const { tensor, truth } = plantedCp({ shape: [7, 6, 5], rank: 3, seed: 3, collinearity: 0.9 });
  const reports = polish(tensor, randomModel([7, 6, 5], 3, 5));
  const last = reports[reports.length - 1]!;
  expect(last.relativeError).toBeLessThan(1e-12);
  expect(factorMatchScore(last.kruskal, truth)).toBeGreaterThan(1 - 1e-9);
});

test('a step solves the damped normal equations that finite differences of the model give', () => {
  const shape = [3, 4, 2];
  const rank = 2;
  const damping = 0.1;
  const { factors } = randomModel(shape, rank, 7);
  const gradient = randomModel(shape, rank, 8).factors;
  const jacobian = finiteDifferenceJacobian(shape, rank, factors);
  const flat = (blocks: readonly Matrix[]): number[] => blocks.flatMap(({ data }) => Array.from(data));
  const g = flat(gradient);
  const unknowns = g.length;
  const matrix = cpNormalMatrix(shape, rank);
  matrix.moveTo(Float64Array.from(flat(factors)));
  const step = new Float64Array(unknowns);
  const limits = { iterations: 400, cgTolerance: 1e-12 };
  expect(done(stepSolver(matrix).solve(Float64Array.from(g), damping, limits, step))).toBe(true);
  const delta = Array.from(step);
  const squared = (p: number): number => jacobian[p]!.reduce((sum, value) => sum + value * value, 0);
  const mu = (damping * Array.from({ length: unknowns }, (_, p) => squared(p)).reduce((a, b) => a + b, 0)) / unknowns;
  const image = jacobian[0]!.map((_, entry) => delta.reduce((sum, value, p) => sum + value * jacobian[p]![entry]!, 0));
  delta.forEach((value, p) => {
    const left = jacobian[p]!.reduce((sum, entry, at) => sum + entry * image[at]!, 0) + mu * value;
    expect(Math.abs(left + g[p]!)).toBeLessThan(1e-4);
  });
});

/** Central differences of the model: exact up to rounding, because the model is linear in one unknown. */
function finiteDifferenceJacobian(shape: number[], rank: number, factors: readonly Matrix[]): Float64Array[] {
  const size = shape.reduce((a, n) => a * n, 1);
  const zero = new Float64Array(size);
  return factors.flatMap((factor, mode) =>
    Array.from(factor.data, (value, at) => {
      const [high, low] = [0.5, -0.5].map((shift) => {
        const moved = factors.map(({ data }) => data.slice());
        moved[mode]![at] = value + shift;
        const out = new Float64Array(size);
        cpResidual(shape, rank, moved, zero, out);
        return out;
      }) as [Float64Array, Float64Array];
      return high.map((entry, k) => entry - low[k]!);
    }),
  );
}
