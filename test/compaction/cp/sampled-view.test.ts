// Products with the Jacobian of the predictions, against its finite differences: a prediction is linear in every unknown, so that
// central differences over a whole unit are exact but for rounding.
import { describe, expect, test } from 'vitest';
import { predict } from '../../../src/analysis/predict.js';
import { sampledView } from '../../../src/handles/views/sampled-view.js';
import { sampledProblem } from '../../../src/compaction/cp/sampled-problem.js';
import { stepSolver } from '../../../src/least-squares/normal-equations.js';
import { devianceScale } from '../../../src/losses/deviance.js';
import { randomStream } from '../../../src/random/stream.js';
import type { SampledTarget } from '../../../src/targets/hold-out.js';
import { observed } from '../../../src/targets/observed.js';
import { sensing } from '../../../src/targets/sensing.js';
import { matrix } from '../../../src/tensor/matrix.js';
import { stackFactors, unstackFactors } from '../../../src/tensor/stacked.js';
import { randomKruskal } from './models.js';
import { done } from '../../support/pauses.js';

const random = randomStream(11);
const normals = (length: number): Float64Array => random.fillNormal(new Float64Array(length));
const shape = [4, 3, 2];

/** Entries drawn with repetition; index 3 of the first mode has none. */
function entries(sizes: readonly number[], count: number): SampledTarget {
  const indices = Array.from({ length: count }, () =>
    sizes.map((size, mode) => Math.floor(random.uniform() * (mode === 0 ? Math.min(size, 3) : size))),
  );
  return observed(sizes, indices.flat(), normals(count));
}

const targets: Record<string, SampledTarget> = {
  'entries of order 3, some twice': entries(shape, 30),
  'entries of order 4': entries([4, 3, 2, 5], 20),
  'dense measurements': sensing(shape, normals(9 * 24), normals(9)),
  'Kruskal measurements': sensing(
    shape,
    { factors: shape.map((size) => matrix(18, size, normals(18 * size))), terms: 2, weights: normals(18) },
    normals(9),
  ),
};

/** Roundings of the longest sum of products here, some 100, in units of the values' magnitude, some 10. */
const tolerance = 1e-12;

function expectClose(got: ArrayLike<number>, expected: readonly number[]): void {
  const largest = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, at) => expect(Math.abs(got[at]! - value) / largest, `entry ${at}`).toBeLessThan(tolerance));
}

describe.each(Object.entries(targets))('%s', (_, target) => {
  const rank = 2;
  const x = stackFactors([randomKruskal(target.shape, rank, 1, random)]);
  const view = sampledView(target);
  const products = view.ofRank(rank);
  const predictions = new Float64Array(target.count);
  const weights = normals(target.count).map(Math.abs);
  const unknowns = x.length;
  const modelAt = (point: Float64Array) => unstackFactors(target.shape, rank, point)[0]!;
  done(products.moveTo(x, predictions));

  /** [unknowns, count] */
  const jacobian = Array.from(x, (value, n) => {
    const at = (by: number): Float64Array => predict(modelAt(x.with(n, value + by)), target);
    const high = at(0.5);
    const low = at(-0.5);
    return Array.from(high, (prediction, e) => prediction - low[e]!);
  });
  const product = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, value, e) => sum + value * b[e]!, 0);
  const weighted = jacobian.map((row) => row.map((value, e) => value * weights[e]!));

  test('predictions', () => expectClose(predictions, Array.from(predict(modelAt(x), target))));

  test('Jᵀ v', () => {
    const v = normals(target.count);
    const out = new Float64Array(unknowns);
    done(products.transposed(v, out));
    expectClose(
      out,
      jacobian.map((row) => product(row, v)),
    );
  });

  test('Jᵀ W J: formed, applied, and its row blocks', () => {
    const full = jacobian.map((row) => weighted.map((other) => product(row, other)));
    const formed = new Float64Array(unknowns * unknowns);
    done(products.form(weights, formed));
    full.forEach((row, i) => expectClose(formed.subarray(i * unknowns, i * unknowns + i + 1), row.slice(0, i + 1)));

    const v = normals(unknowns);
    const out = new Float64Array(unknowns);
    done(products.curvature(weights, v, out));
    expectClose(
      out,
      full.map((row) => product(row, v)),
    );

    const blocks = new Float64Array(unknowns * rank);
    done(products.rowBlocks(weights, blocks));
    full.forEach((row, i) => {
      const first = i - (i % rank);
      const c = i % rank;
      expectClose(blocks.subarray(i * rank, i * rank + c + 1), row.slice(first, first + c + 1));
    });
  });

  test('Gram matrix of the components', () => {
    const gram = new Float64Array(rank * rank);
    done(products.componentGram(weights, gram));
    const shares = Array.from({ length: rank }, (_, c) =>
      predict(modelAt(x.map((value, n) => (n % rank === c ? value : 0))), target),
    );
    expectClose(
      gram,
      shares.flatMap((a) => shares.map((b) => a.reduce((sum, value, e) => sum + weights[e]! * value * b[e]!, 0))),
    );
  });

  test.each([Infinity, 0])('the damped normal equations are solved, up to %d unknowns by factoring', (limit) => {
    const scale = devianceScale('l2', 0, target.values);
    const loss = { loss: 'l2', parameter: 0, nonnegative: true, penalty: 0, scale } as const;
    const problem = sampledProblem(view, rank, loss, limit);
    const solver = stepSolver(problem);
    const point = x.slice();
    const gradient = new Float64Array(unknowns);
    const step = new Float64Array(unknowns);
    const image = new Float64Array(unknowns);
    // Unknowns at 0, some of which the gradient pushes below.
    for (let n = 2; n < unknowns; n += 5) point[n] = 0;
    done(problem.objective(point));
    done(problem.linearize(point, gradient));
    done(solver.refresh());
    expect(done(solver.solve(gradient, 0.1, { iterations: 100, cgTolerance: 1e-8 }, step))).toBe(true);
    const mu = 0.1 * problem.meanDiagonal();
    done(problem.apply(step, image));
    const largest = Math.max(...gradient.map(Math.abs));
    step.forEach((value, n) => {
      if (point[n]! <= 0 && gradient[n]! > 0) expect(value).toBe(0);
      // Conjugate gradients end when the preconditioned residual is 1e-4 of what it was.
      else expect(Math.abs(image[n]! + mu * value + gradient[n]!)).toBeLessThan(largest * (limit === 0 ? 1e-3 : 1e-10));
    });
  });
});
