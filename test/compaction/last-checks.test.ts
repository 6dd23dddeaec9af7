// The last checks of a model that leaves what would be called noise: an exact fit that the search missed (exact-fit.ts), and a few
// components more, which pass for one while they are nearly parallel (few-more.ts). And the fit itself where a rank is given.
import { describe, expect, test } from 'vitest';
import { exactFit } from '../../src/compaction/exact-fit.js';
import { withMore } from '../../src/compaction/few-more.js';
import { fitDirections } from '../../src/compaction/fit.js';
import { polished } from '../../src/compaction/polish-symmetric.js';
import { denseSymmetricView } from '../../src/handles/views/dense-symmetric-view.js';
import { denseSymmetric, packKruskal, symmetricKruskal, type SymmetricKruskal } from '../../src/index.js';
import { addSymmetricNoise, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { matrix } from '../../src/tensor/matrix.js';
import { noComponents } from '../../src/tensor/kruskal.js';
import { strongest } from '../../src/tensor/normalize.js';
import { finished } from '../../src/yield.js';

const random = () => randomStream(5);
const viewOf = (truth: SymmetricKruskal, level = 0) =>
  denseSymmetricView(denseSymmetric(addSymmetricNoise(packKruskal(truth), { level, seed: 3 })));
const { truth } = plantedSymmetric({ order: 3, dim: 5, rank: 3, seed: 2 });

describe('exactFit', () => {
  const part = strongest(truth, 2);

  test('finds the components that the search missed', () => {
    const view = viewOf(truth);
    const found = finished(exactFit(view, part, random(), 1e-7));
    expect(found?.weights).toHaveLength(3);
    expect(found && view.measure(found).relativeError).toBeLessThan(1e-12);
  });

  test('noise has no such fit', () => {
    expect(finished(exactFit(viewOf(truth, 0.1), part, random(), 1e-7))).toBeUndefined();
  });

  test('nothing is tried where no component has room, nor in a tensor of more than 200 numbers', () => {
    const full = plantedSymmetric({ order: 3, dim: 5, rank: 6, seed: 2 }).truth;
    expect(finished(exactFit(viewOf(full), full, random(), 1e-7))).toBeUndefined();
    const large = plantedSymmetric({ order: 3, dim: 12, rank: 3, seed: 2 }).truth;
    expect(finished(exactFit(viewOf(large), strongest(large, 2), random(), 1e-7))).toBeUndefined();
  });
});

describe('withMore', () => {
  // Two components of cosine 0.8 and a little noise; the best single one is between them.
  const pair = symmetricKruskal(3, [1, 1], matrix(2, 6, [1, 0, 0, 0, 0, 0, 0.8, 0.6, 0, 0, 0, 0]));
  const view = viewOf(pair, 1e-3);
  const single = finished(polished(view, strongest(pair, 1))).kruskal;

  test('finds that one component stands for two', () => {
    const found = finished(withMore(view, single, random()));
    expect(found?.weights.length).toBeGreaterThan(1);
    expect(found && view.measure(found).relativeError).toBeLessThan(2e-3);
    expect(view.measure(single).relativeError).toBeGreaterThan(0.05);
  });

  test('leaves a model as it is where more explains noise only', () => {
    expect(finished(withMore(view, finished(polished(view, pair)).kruskal, random()))).toBeUndefined();
  });

  test('needs a component to begin beside, and a small model', () => {
    expect(finished(withMore(view, noComponents({ order: 3, dim: 6 }), random()))).toBeUndefined();
    const large = plantedSymmetric({ order: 3, dim: 40, rank: 6, seed: 1 }).truth;
    expect(finished(withMore(viewOf(large, 1e-3), strongest(large, 5), random()))).toBeUndefined();
  });
});

test.each([
  [2, false],
  [3, true],
])('three components with noise, %i asked for: plain %s', (rank, plain) => {
  const large = plantedSymmetric({ order: 3, dim: 8, rank: 3, seed: 1 }).truth;
  const options = { tolerance: 1e-9, rankTolerance: 1e-7, maxSteps: 60, rank };
  const fit = finished(fitDirections(viewOf(large, 0.01), large, options));
  expect(fit.kruskal.weights).toHaveLength(rank);
  expect(fit.plain).toBe(plain);
});
