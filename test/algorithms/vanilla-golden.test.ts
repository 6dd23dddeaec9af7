// The golden symmetric problems on both backends: contractions, strengths, loss, gradients and the 20-step descent.
// Tolerances of the fixtures: float64 1e-11 (sums may be reordered); float32 2e-5 of the largest entry, 1e-4 for trajectories.
import { describe, expect, test } from 'vitest';
import { vanilla } from '../../src/algorithms/vanilla.js';
import type { Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { problemOf } from '../../src/handles/problem.js';
import { factored, largestComponent } from '../../src/targets/factored.js';
import { unconstrained } from '../../src/tensor/constraints.js';
import type { SymmetricKruskal } from '../../src/tensor/kruskal.js';
import { gramRelativeError } from '../../src/analysis/relative-error.js';
import { norm } from '../../src/tensor/inner-product.js';
import { expectClose } from '../support/close.js';
import { symmetricGolden, type SymmetricGolden } from '../support/golden.js';
import { webgpu } from '../support/parity.js';
import { finished, passed } from '../../src/yield.js';

const lanes = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), field: 1e-11, trajectory: 1e-11 },
  { name: 'webgpu', open: webgpu, field: 2e-5, trajectory: 1e-4 },
];

describe.each(lanes)('$name', ({ open, field, trajectory }) => {
  test.each(symmetricGolden)('$name: contraction, loss and gradients', async (golden) => {
    using scope = (await open()).scope('golden');
    const { contraction, strengths, loss } = await evaluate(scope, golden);
    const { file, order, model } = golden;
    const width = model.weights.length;
    const wanted = file.contraction.flat();
    expectClose(contraction.slice(0, wanted.length), wanted, field, 'contraction');
    expectClose(strengths.slice(0, width), file.contraction_full, field, 'contraction_full');
    expectClose(loss, file.loss, field, 'loss');
    expectClose(strengths.slice(0, width), file.grad_vanilla.c, field, 'gradient of the weights');
    const vectorGradient = contraction
      .slice(0, wanted.length)
      .map((value, index) => order * model.weights[Math.floor(index / model.vectors.columns)]! * value);
    expectClose(vectorGradient, file.grad_vanilla.U.flat(), field, 'gradient of the vectors');
  });

  const descents = symmetricGolden.flatMap((golden) =>
    golden.file.traj_vanilla ? [{ ...golden, descent: golden.file.traj_vanilla }] : [],
  );
  test.each(descents)('$name: twenty steps of descent', async ({ target, model, descent }) => {
    using scope = (await open()).scope('golden');
    const state = finished(
      passed(
        await vanilla.init({
          ...setup(scope, target, model),
          options: {
            kind: 'vanilla',
            learningRate: descent.eta * target.order ** 2 * largestComponent(target),
          },
        }),
      ),
    );
    const half = 0.5 * norm(target) ** 2;
    const losses: number[] = [];
    let last = model;
    for (let step = 0; step <= descent.steps; step++) {
      if (step > 0) await vanilla.step(state);
      last = (await vanilla.observe(state)).kruskal as SymmetricKruskal;
      losses.push(half * gramRelativeError(last, target) ** 2);
    }
    expectClose(losses, descent.loss, trajectory, 'loss');
    // The fixtures' `final` is the state after one more update than the last loss (see test/data/golden/README.md).
    await vanilla.step(state);
    last = (await vanilla.observe(state)).kruskal as SymmetricKruskal;
    expectClose(last.weights, descent.final.c, trajectory, 'final weights');
    expectClose(last.vectors.data, descent.final.U.flat(), trajectory, 'final vectors');
  });
});

test('the golden problems are all there', () =>
  expect(symmetricGolden.map(({ order }) => order)).toEqual([3, 3, 4, 4, 5]));

const setup = (scope: Scope, target: SymmetricKruskal, init: SymmetricKruskal) => ({
  scope,
  roundoff: 2 ** -24,
  problem: problemOf(factored({ ...target, dim: target.vectors.columns })),
  width: init.weights.length,
  rank: 'auto' as const,
  seed: 0,
  starts: [0],
  tolerance: 0,
  maxSteps: 20,
  init,
  constraints: unconstrained,
});

/** Residual contraction of the whole stack [model; target]: the loss is ½ Σ_b ω_b s_b, summed in float64. */
async function evaluate(scope: Scope, { order, target, model }: SymmetricGolden) {
  const dim = target.vectors.columns;
  const omega = Float64Array.of(...model.weights, ...target.weights.map((weight) => -weight));
  const rows = omega.length;
  const vectors = scope.array('vectors', Float64Array.of(...model.vectors.data, ...target.vectors.data));
  const weights = scope.array('weights', omega);
  const contraction = scope.array('contraction', rows * dim);
  const strengths = scope.array('strengths', rows);
  const sizes = { order, batch: 1, rows, columns: rows, dim, queryStride: 0 };
  scope.contractFactored({ ...sizes, queries: vectors, vectors, weights, contraction, strengths });
  const s = await scope.read(strengths);
  const loss = 0.5 * omega.reduce((sum, weight, b) => sum + weight * s[b]!, 0);
  return { contraction: await scope.read(contraction), strengths: s, loss };
}
