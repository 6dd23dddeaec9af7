// Products with JᵀWJ, W the mask of the known cells, beside J written out: with few missing cells, whose rows are taken out of JᵀJ, and
// with many, where the tensor is read.
import { expect, test } from 'vitest';
import { cpProblem, readsTensor } from '../../src/compaction/cp-problem.js';
import { randomStream } from '../../src/random/stream.js';
import { cpDerivative, mttkrpAll } from '../../src/tensor/cp-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { modeViews } from '../../src/tensor/stacked.js';
import { finished, passed } from '../../src/yield.js';
import { expectClose } from '../support/close.js';

test.each([
  { shape: [5, 6, 7], missing: 0.1 },
  { shape: [5, 6, 7], missing: 0.5 },
  { shape: [3, 4, 2, 5], missing: 0.1 },
  { shape: [8, 9], missing: 0.1 },
])('shape $shape with $missing missing', ({ shape, missing }) => {
  for (const rank of [1, 3, 4]) {
    const random = randomStream(rank);
    const size = sizeOf(shape);
    const known = Uint8Array.from({ length: size }, () => (random.uniform() < missing ? 0 : 1));
    const data = random.fillNormal(new Float64Array(size));
    expect(readsTensor({ shape, data, known }, rank)).toBe(missing > 0.2);
    const problem = cpProblem({ shape, data, known }, rank, { precision: { iterations: 10, cgTolerance: 1e-3 } });
    const x = random.fillNormal(new Float64Array(problem.unknowns));
    const v = random.fillNormal(new Float64Array(problem.unknowns));
    const product = new Float64Array(problem.unknowns);
    finished(passed(problem.objective(x)));
    finished(passed(problem.linearize(x, product)));
    finished(passed(problem.apply(v, product)));

    const moved = new Float64Array(size);
    cpDerivative(shape, rank, modeViews(shape, rank, x), modeViews(shape, rank, v), moved, known);
    const expected = new Float64Array(problem.unknowns);
    mttkrpAll(shape, rank, modeViews(shape, rank, x), moved, modeViews(shape, rank, expected));
    // Sums of some hundred terms of one size, of which the rows of missing cells are taken out again.
    expectClose(product, expected, 1e-12, `rank ${rank}`);
  }
});
