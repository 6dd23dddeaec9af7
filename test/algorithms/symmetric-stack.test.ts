// The stack of a model and what stays fixed: errors from the backend's own contraction agree with float64 where they are
// trusted, for every kind of target; the run stops itself where the residual is small, and goes on when told to.
import { describe, expect, test } from 'vitest';
import {
  contractStack,
  estimatedErrors,
  joined,
  observeStack,
  openStack,
  resumeStack,
  stoppedStep,
  traceStack,
  type SymmetricStack,
} from '../../src/algorithms/symmetric-stack.js';
import { problemOf } from '../../src/handles/problem.js';
import type { Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { denseSymmetric } from '../../src/targets/dense-symmetric.js';
import { factored } from '../../src/targets/factored.js';
import { moments } from '../../src/targets/moments.js';
import type { SymmetricTarget } from '../../src/targets/target.js';
import { packKruskal } from '../../src/tensor/symmetric.js';
import { webgpu } from '../support/parity.js';

const lanes = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), floor: 1e-7 },
  // √(u · number of terms) of a sum that cancels to E² from terms of unit size: u = 2⁻²⁴, 3 · 12 terms, 6 standard deviations.
  { name: 'webgpu', open: webgpu, floor: Math.sqrt(6 * 36 * 2 ** -24) },
];

const order = 4;
const dim = 7;
const rank = 6;
const { truth } = plantedSymmetric({ order, dim, rank, seed: 4 });
const samples = Array.from({ length: 300 }, (_, t) => [...randomStream(9, t).unitVectors(1, dim).data]);
const targets: readonly SymmetricTarget[] = [
  factored({ ...truth, dim }),
  denseSymmetric(packKruskal(truth)),
  moments({ order, samples }),
];

const near = (size: number, seed: number) => {
  const random = randomStream(seed);
  return {
    order,
    weights: truth.weights.map((weight) => weight * (1 + size * random.normal())),
    vectors: { ...truth.vectors, data: truth.vectors.data.map((value) => value + 0.3 * size * random.normal()) },
  };
};

describe.each(lanes)('$name', ({ open, floor }) => {
  describe.each(targets)('$kind', (target) => {
    test.each([1, 0.1, 0.01])('models off by a factor of %d', async (size) => {
      const models = target.kind === 'moments' ? [near(size, 1)] : [near(size, 1), near(size, 2)];
      const fixed = near(1, 3);
      const small = { ...fixed, weights: fixed.weights.map((weight) => size * weight) };
      using scope = (await open()).scope('errors');
      const { view } = problemOf(target);
      const stack = openStack({ scope, view, models, fixed: small });
      const estimates = await estimatedErrors(stack);
      models.forEach((model, b) => {
        const exact = view.measure(joined(model, small)).relativeError;
        // ‖E‖² is off by floor² of the squares that cancel, so the root by floor² / (2 · error).
        expect(Math.abs(estimates[b]! - exact)).toBeLessThan((floor ** 2 * (1 + exact) ** 2) / exact);
      });
      const { startErrors, kruskal } = await observeStack(stack);
      expect(startErrors).toHaveLength(models.length);
      expect(kruskal.weights.length).toBe(rank);
    });
  });

  test('it stops itself at the step of the small look, and goes on from there', async () => {
    using scope = (await open()).scope('stop');
    const target = targets[0]!;
    const stack = openStack({ scope, view: problemOf(target).view, models: [near(0.001, 1)] });
    scope.write(stack.rates, Float64Array.of(0.5));
    expect(await look(stack, scope, 0)).toBeUndefined();
    expect(await look(stack, scope, 1)).toBe(20);
    expect(await scope.read(stack.rates)).toEqual(Float64Array.of(0));
    expect(await look(stack, scope, 1)).toBe(20);
    resumeStack(stack, 20, Float64Array.of(0.25));
    expect(await look(stack, scope, 0)).toBeUndefined();
    expect(await scope.read(stack.rates)).toEqual(Float64Array.of(0.25));
    expect(await look(stack, scope, 1)).toBe(30);
  });
});

function look(stack: SymmetricStack, scope: Scope, tolerance: number): Promise<number | undefined> {
  contractStack(stack, 'all');
  traceStack(stack, tolerance);
  return scope.flush().then(() => stoppedStep(stack));
}
