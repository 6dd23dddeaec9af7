// The error of a factored model from the backend's own contraction agrees with the float64 Gram formula where it is trusted.
import { describe, expect, test } from 'vitest';
import { estimatedErrors } from '../../src/algorithms/factored-stack.js';
import { gramRelativeError } from '../../src/analysis/relative-error.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { factored } from '../../src/targets/factored.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { webgpu } from '../support/parity.js';

const lanes = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()), floor: 1e-7 },
  // √(u · number of terms) of a sum that cancels to E² from terms of unit size: u = 2⁻²⁴, 12 terms, 6 standard deviations.
  { name: 'webgpu', open: webgpu, floor: Math.sqrt(6 * 12 * 2 ** -24) },
];

describe.each(lanes)('$name', ({ open, floor }) => {
  test.each([1, 0.1, 0.01])('models off by a factor of %d', async (size) => {
    const { truth } = plantedSymmetric({ order: 3, dim: 9, rank: 6, seed: 4 });
    const target = factored({ ...truth, dim: 9 });
    const random = randomStream(9);
    const models = [0, 1].map(() => ({
      order: 3,
      weights: truth.weights.map((weight) => weight * (1 + size * random.normal())),
      vectors: { ...truth.vectors, data: truth.vectors.data.map((value) => value + 0.3 * size * random.normal()) },
    }));
    using scope = (await open()).scope('errors');
    const negated = truth.weights.map((weight) => -weight);
    const stack = {
      batch: 2,
      vectors: scope.array(
        'vectors',
        Float64Array.from(models.flatMap(({ vectors }) => [...vectors.data, ...truth.vectors.data])),
      ),
      weights: scope.array('weights', Float64Array.from(models.flatMap(({ weights }) => [...weights, ...negated]))),
      contraction: scope.array('contraction', 2 * 12 * 9),
      strengths: scope.array('strengths', 2 * 12),
    };
    const estimates = await estimatedErrors(scope, target, stack);
    models.forEach((model, b) => {
      const exact = gramRelativeError(model, target);
      // ‖E‖² is off by floor² of the squares that cancel, so the root by floor² / (2 · error).
      expect(Math.abs(estimates[b]! - exact)).toBeLessThan((floor ** 2 * (1 + exact) ** 2) / exact);
    });
  });
});
