// Products with JᵀJ of a CP model beside those with J written out, for ranks of every remainder by four.
import { afterEach, expect, test } from 'vitest';
import { cpNormalMatrix } from '../../src/compaction/cp-normal-matrix.js';
import { conjugateGradients, type LinearSystem } from '../../src/least-squares/conjugate-gradients.js';
import { allowWasm } from '../../src/linalg/product-core.js';
import { randomStream } from '../../src/random/stream.js';
import { cpDerivative, mttkrpAll } from '../../src/tensor/cp-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { modeViews } from '../../src/tensor/stacked.js';
import { finished, passed } from '../../src/yield.js';
import { expectClose } from '../support/close.js';

const shapes = [
  [3, 4],
  [5, 3, 4],
  [2, 3, 2, 4],
];

test.each(shapes.map((shape) => [shape] as const))('shape %j', (shape) => {
  for (const rank of [1, 2, 3, 4, 5, 7, 8, 9]) {
    const random = randomStream(rank);
    const matrix = cpNormalMatrix(shape, rank);
    const [x, v] = [0, 1].map(() => random.fillNormal(new Float64Array(matrix.unknowns))) as [
      Float64Array,
      Float64Array,
    ];
    matrix.moveTo(x);
    const moved = new Float64Array(sizeOf(shape));
    const allKnown = new Uint8Array(moved.length).fill(1);
    cpDerivative(shape, rank, modeViews(shape, rank, x), modeViews(shape, rank, v), moved, allKnown);
    const expected = new Float64Array(matrix.unknowns);
    mttkrpAll(shape, rank, modeViews(shape, rank, x), moved, modeViews(shape, rank, expected));
    const product = new Float64Array(matrix.unknowns);
    matrix.apply(v, product);
    expectClose(product, expected, 1e-12, `rank ${rank}`);

    const dense = new Float64Array(v.length ** 2);
    matrix.toDense(dense);
    const byEntries = v.map((_, i) =>
      v.reduce((sum, value, j) => sum + value * dense[Math.max(i, j) * v.length + Math.min(i, j)]!, 0),
    );
    expectClose(byEntries, expected, 1e-12, `rank ${rank}, entries`);

    // The preconditioner is the inverse of the block diagonal: where only one factor moves, it is the inverse of all.
    finished(passed(matrix.damp(0.5)));
    for (let mode = 0; mode < shape.length; mode++) {
      const alone = new Float64Array(matrix.unknowns);
      modeViews(shape, rank, alone)[mode]!.set(modeViews(shape, rank, v)[mode]!);
      matrix.apply(alone, product);
      for (let at = 0; at < alone.length; at++) product[at]! += 0.5 * alone[at]!;
      const back = new Float64Array(matrix.unknowns);
      matrix.precondition(product, back);
      expectClose(
        modeViews(shape, rank, back)[mode]!,
        modeViews(shape, rank, alone)[mode]!,
        1e-6,
        `rank ${rank}, mode ${mode}`,
      );
    }
  }
});

afterEach(() => allowWasm(true));

test.each([...shapes, [40, 30, 20]].map((shape) => [shape] as const))(
  'shape %j: conjugate gradients in WebAssembly have the bits of the loops, in one piece and in many',
  (shape) => {
    for (const rank of [1, 2, 3, 4, 5, 6, 7, 9]) {
      const random = randomStream(rank);
      const matrix = cpNormalMatrix(shape, rank);
      const x = random.fillNormal(new Float64Array(matrix.unknowns));
      const right = random.fillNormal(new Float64Array(matrix.unknowns));
      matrix.moveTo(x);
      const mu = 1e-3 * matrix.meanDiagonal();
      finished(passed(matrix.damp(mu)));
      const loops: LinearSystem = {
        apply: (v, out) => {
          matrix.apply(v, out);
          for (let n = 0; n < v.length; n++) out[n]! += mu * v[n]!;
        },
        precondition: matrix.precondition,
        iterationFlops: matrix.iterationFlops,
      };
      const solve = (system: LinearSystem, iterations: number): Float64Array => {
        const solution = new Float64Array(matrix.unknowns);
        const limits = { iterations, cgTolerance: 1e-12 };
        finished(conjugateGradients(matrix.unknowns)(system, right, limits, solution));
        return solution;
      };
      let calls = 0;
      const iterate: typeof matrix.iterate = (state, count, target) => {
        calls++;
        return matrix.iterate(state, count, target);
      };
      // So many flops an iteration are a piece of their own.
      const pieces = { ...loops, iterate, iterationFlops: 1e9 };
      for (const iterations of [1, 7, 40]) {
        const expected = solve(loops, iterations);
        expect(expected.every(Number.isFinite)).toBe(true);
        expect(solve({ ...loops, iterate }, iterations), `rank ${rank}, ${iterations}`).toEqual(expected);
        calls = 0;
        expect(solve(pieces, iterations), `rank ${rank}, ${iterations}, in pieces`).toEqual(expected);
        expect(calls).toBeGreaterThan(iterations === 1 ? 0 : 1);
      }
      allowWasm(false);
      expect(matrix.iterate({ solution: x, residual: x, direction: x, square: 1 }, 1, 0)).toBeUndefined();
      allowWasm(true);
    }
  },
);
