// Lists that have most cells of a tensor: their rank is that of the dense tensor with missing cells, whatever the residual is.
import { expect, test } from 'vitest';
import { decompose, dense, factorMatchScore, observed, relativeError } from '../../src/index.js';
import { plantedCp, plantedObserved } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';

test.each([0.2, 0.7])(
  'values that saturate, a share of %d hidden: no component for each bit of structure',
  async (hidden) => {
    const { tensor } = plantedCp({ shape: [12, 13, 14], rank: 2, seed: 3, noise: 0.01 });
    const largest = Math.max(...tensor.data.map(Math.abs));
    const values = tensor.data.map((value) => Math.tanh((2 * value) / largest));
    const random = randomStream(5);
    const known = values.map(() => (random.uniform() < hidden ? 0 : 1));
    const cells = Array.from(known.keys()).filter((at) => known[at] === 1);
    const list = observed(
      tensor.shape,
      cells.flatMap((at) => [Math.floor(at / 182), Math.floor(at / 14) % 13, at % 14]),
      cells.map((at) => values[at]!),
    );
    const ofList = await decompose(list, { backend: 'cpu' });
    const ofGaps = await decompose(dense(tensor.shape, values, { known }), { backend: 'cpu' });
    expect(ofList.rank).toBe(ofGaps.rank);
    expect(ofList.rank).toBeLessThanOrEqual(4);
    expect(ofList.rankChoice?.verdict).toBe(ofGaps.rankChoice?.verdict);
    expect(ofList.stop).toBe(ofGaps.stop);
    expect(factorMatchScore(ofList.kruskal, ofGaps.kruskal)).toBeGreaterThan(0.99);
  },
);

test('without noise the list is fitted exactly, by two ways', async () => {
  const { target, truth } = plantedObserved({ shape: [20, 20, 20], rank: 3, share: 0.6, seed: 2 });
  const result = await decompose(target, { backend: 'cpu' });
  expect([result.rank, result.stop, result.rankChoice?.rank]).toEqual([3, 'converged', 3]);
  expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-9);
  expect(result.starts).toEqual({ count: 2, agreeing: 2, compared: 'predictions' });
});
