// The float64 views of symmetric targets: all kinds answer the same questions about the same tensor alike.
import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/analysis/relative-error.js';
import { denseSymmetricView } from '../../src/handles/views/dense-symmetric-view.js';
import { factoredView } from '../../src/handles/views/factored-view.js';
import { packMoments, streamedView } from '../../src/handles/views/moments-view.js';
import { strengthsAt, type SymmetricView, type TargetSpan } from '../../src/handles/views/symmetric-view.js';
import { plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { moments } from '../../src/targets/moments.js';
import { symmetricToKruskal } from '../../src/tensor/kruskal.js';
import { packKruskal, unpackSymmetric } from '../../src/tensor/symmetric.js';
import { finished, passed } from '../../src/yield.js';
import { normals } from '../support/parity.js';

const spanOf = (view: SymmetricView): TargetSpan => finished(passed(view.span()));

describe.each([2, 3, 4, 5])('order %i', (order) => {
  const dim = 6;
  const rank = 4;
  const { truth } = plantedSymmetric({ order, dim, rank, seed: order });
  const packed = packKruskal(truth);
  const byVectors = factoredView(truth);
  const byEntries = denseSymmetricView(packed);

  test('contractions agree', () => {
    const x = normals(5 * dim, 1);
    const a = new Float64Array(x.length);
    const b = new Float64Array(x.length);
    byVectors.contract(x, 5, a);
    byEntries.contract(x, 5, b);
    // Sums of at most dim^(order − 1) products of numbers below 4.5.
    a.forEach((value, n) => expect(Math.abs(value - b[n]!)).toBeLessThan(1e-12 * 4.5 ** order));
  });

  test('norms and errors agree, with each other and with the dense tensor', () => {
    expect(byEntries.norm).toBeCloseTo(byVectors.norm, 12);
    const random = randomStream(5);
    const weights = truth.weights.map((weight) => weight * (1 + 0.1 * random.normal()));
    const model = { ...truth, weights };
    const dense = relativeError(symmetricToKruskal(model), unpackSymmetric(packed));
    expect(byEntries.measure(model).relativeError).toBeCloseTo(dense, 13);
    expect(byVectors.measure(model).relativeError).toBeCloseTo(dense, 12);
  });

  test('the bound on the rank is that of the unfolding', () => {
    expect(byEntries.rankBound(1e-6)).toBe(rank);
    expect(byVectors.rankBound(1e-6)).toBe(rank);
  });

  test.each([byVectors, byEntries])('the span loses nothing', (view) => {
    const { view: small, project, restore } = spanOf(view);
    expect(small.dim).toBe(order === 2 ? small.dim : rank);
    const back = restore(project(truth));
    expect(view.measure(back).relativeError).toBeLessThan(1e-13);
    expect(small.measure(project(truth)).relativeError).toBeLessThan(1e-13);
  });
});

test('weights of very different size stay in the span', () => {
  const { truth } = plantedSymmetric({ order: 3, dim: 12, rank: 4, ratio: 20, seed: 2 });
  const { view, project } = spanOf(denseSymmetricView(packKruskal(truth)));
  expect(view.measure(project(truth)).relativeError).toBeLessThan(1e-12);
});

test('a full tensor has no smaller span', () => {
  const tensor = { order: 3, dim: 5, data: normals(35, 3) };
  expect(spanOf(denseSymmetricView(tensor)).view.dim).toBe(5);
});

describe.each([
  { order: 3, cumulant: false },
  { order: 4, cumulant: false },
  { order: 4, cumulant: true },
])('moments of order $order, cumulant: $cumulant', ({ order, cumulant }) => {
  // 350 samples: fewer than the norm is taken from, so that it is exact.
  const dim = 4;
  const count = 350;
  const random = randomStream(11);
  // Random signs, and all of them once more negated: mean 0 and variance 1, exactly.
  const signs = Float64Array.from({ length: (count / 2) * dim }, () => random.sign());
  const white = Float64Array.of(...signs, ...signs.map((sign) => -sign));
  const data = cumulant ? white : white.map((value, at) => value + ((at * 7) % 5) / 4);
  const target = moments({ order, samples: { rows: count, columns: dim, data }, cumulant });
  const formed = denseSymmetricView(finished(packMoments(target)));
  const streamed = streamedView(target);

  test('formed and streamed agree', () => {
    const x = normals(3 * dim, 2);
    const a = new Float64Array(x.length);
    const b = new Float64Array(x.length);
    formed.contract(x, 3, a);
    streamed.contract(x, 3, b);
    a.forEach((value, n) => expect(Math.abs(value - b[n]!)).toBeLessThan(1e-10));
    expect(streamed.norm).toBeCloseTo(formed.norm, 9);
    const { truth } = plantedSymmetric({ order, dim, rank: 2, seed: 1 });
    expect(streamed.measure(truth).relativeError).toBeCloseTo(formed.measure(truth).relativeError, 9);
    strengthsAt(formed, truth.vectors).forEach((s, i) =>
      expect(s).toBeCloseTo(strengthsAt(streamed, truth.vectors)[i]!, 10),
    );
  });
});
