// The stages of compaction by themselves: prune, merge, refit, eliminate, reduce the rank, and the error they compare models by.
import { describe, expect, test } from 'vitest';
import { factorMatchScore } from '../../src/analysis/match.js';
import { relativeError } from '../../src/analysis/relative-error.js';
import { factoredView } from '../../src/handles/views/factored-view.js';
import { eliminate } from '../../src/compaction/eliminate.js';
import { merge } from '../../src/compaction/merge.js';
import { prune, withoutDead } from '../../src/compaction/prune.js';
import { rankBound } from '../../src/handles/views/rank-bound.js';
import { reduceRank } from '../../src/compaction/reduce-rank.js';
import { dropCosts, refit } from '../../src/compaction/refit.js';
import { residualMeter } from '../../src/handles/views/residual-error.js';
import { orthogonal, plantedCp, plantedSymmetric } from '../../src/problems/index.js';
import { randomStream } from '../../src/random/stream.js';
import { modelOf, partsOf, perturbed } from './starts.js';
import { finished } from '../../src/yield.js';

test('a component of a millionth of the largest, or with a zero column, is dead; a zero model has none', () => {
  const models = plantedCp({ shape: [4, 3, 2], rank: 3, seed: 1, weights: [1, 1e-5, 1e-7] }).truth;
  expect(Array.from(withoutDead(models).weights)).toEqual([expect.closeTo(1, 12), expect.closeTo(1e-5, 17)]);
  const factors = models.factors.map((factor, mode) =>
    mode > 0 ? factor : { ...factor, data: factor.data.map((value, at) => (at % 3 === 0 ? 0 : value)) },
  );
  const zeroed = { ...models, factors };
  expect(Array.from(withoutDead(zeroed).weights)).toEqual([expect.closeTo(1e-5, 17), expect.closeTo(1e-7, 19)]);
  expect(withoutDead({ ...models, weights: new Float64Array(3) }).weights).toHaveLength(0);
});

describe.each([3, 4])('order %i', (order) => {
  const { truth } = plantedSymmetric({ order, dim: 12, rank: 5, seed: order });
  const parts = partsOf(truth);

  test('split components merge into what they were, whatever their signs', () => {
    const odd = order % 2 === 1;
    const split = parts.flatMap(({ weight, vector }) => [
      { weight: 0.7 * weight, vector },
      { weight: (odd ? -0.3 : 0.3) * weight, vector: vector.map((value) => -value) },
    ]);
    const merged = merge(modelOf(order, split), 0.95);
    expect(merged.weights.length).toBe(5);
    expect(factorMatchScore(merged, truth)).toBeGreaterThan(1 - 1e-12);
    expect(relativeError(merged, truth)).toBeLessThan(1e-13);
  });

  test('twins that cancel merge into weight 0', () => {
    const [one] = parts;
    const twins = [1, -1].map((sign) => ({ weight: sign, vector: one?.vector ?? [] }));
    expect([...merge(modelOf(order, twins), 0.95).weights]).toEqual([0]);
  });

  test('a merged direction does not depend on the order or the signs of its members', () => {
    const random = randomStream(7);
    const members = Array.from({ length: 4 }, (_, i) => ({
      weight: 1 + i,
      vector: perturbed(parts[0]?.vector ?? [], 0.1, random),
    }));
    const turned = members.map(({ weight, vector }, i) => ({ weight, vector: i < 2 ? vector.map((x) => -x) : vector }));
    const [a, b] = [members, turned.reverse()].map((group) => merge(modelOf(order, group), 0.9).vectors.data);
    a?.forEach((value, n) => expect(value).toBeCloseTo(b?.[n] ?? NaN, 12));
  });

  test('refit on the true directions gives the true weights', () => {
    const start = { ...truth, weights: new Float64Array(5).fill(1) };
    finished(refit(factoredView(truth), start)).weights.forEach((weight, r) =>
      expect(weight).toBeCloseTo(truth.weights[r]!, 12),
    );
  });

  test('refit with a direction twice is still exact', () => {
    const doubled = finished(refit(factoredView(truth), modelOf(order, [...parts, ...parts.slice(0, 2)])));
    expect(relativeError(doubled, truth)).toBeLessThan(1e-11);
  });

  test('a drop cost is the rise of the squared error', () => {
    const random = randomStream(3);
    const start = parts.map(({ weight, vector }) => ({ weight, vector: perturbed(vector, 0.2, random) }));
    const model = finished(refit(factoredView(truth), modelOf(order, start)));
    const square = (error: number): number => error * error;
    const norm2 = parts.reduce(
      (sum, a) => sum + parts.reduce((row, b) => row + a.weight * b.weight * dot(a.vector, b.vector) ** order, 0),
      0,
    );
    finished(dropCosts(model)).forEach((cost, i) => {
      const rest = finished(
        refit(
          factoredView(truth),
          modelOf(
            order,
            partsOf(model).filter((_, r) => r !== i),
          ),
        ),
      );
      const rise = square(relativeError(rest, truth)) - square(relativeError(model, truth));
      expect(cost).toBeCloseTo(rise * norm2, 8);
    });
  });

  test('elimination takes out what is superfluous and nothing else', () => {
    const random = randomStream(5);
    const junk = Array.from({ length: 4 }, () => ({
      weight: 0.1,
      vector: perturbed(new Array<number>(12).fill(0), 1, random),
    }));
    const left = finished(eliminate(factoredView(truth), modelOf(order, [...junk, ...parts])));
    expect(left.weights.length).toBe(5);
    expect(factorMatchScore(left, truth)).toBeGreaterThan(1 - 1e-9);
  });

  test('the rank bound is the rank, also for a target written with more components', () => {
    expect(rankBound(truth, 1e-6)).toBe(5);
    expect(rankBound(modelOf(order, [...parts, ...parts]), 1e-6)).toBe(5);
    const { trials } = finished(reduceRank(factoredView(truth), truth));
    expect(trials).toBe(0);
  });

  test('the error agrees with the entry by entry sum, and goes on where float64 sums end', () => {
    for (const amount of [1e-1, 1e-4, 1e-8, 1e-12]) {
      const moved = { ...truth, weights: truth.weights.map((weight, r) => weight * (r === 0 ? 1 + amount : 1)) };
      const { relativeError: error, errorFloor } = residualMeter(truth)(moved);
      const exact = relativeError(moved, truth);
      expect(Math.abs(error - exact)).toBeLessThan(1e-3 * exact + errorFloor);
      expect(error / amount).toBeGreaterThan(0.01);
    }
    expect(residualMeter(truth)(truth).relativeError).toBeLessThan(1e-15);
  });
});

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

test('pruning measures a component by its norm, not by its weight alone', () => {
  const model = modelOf(3, [
    { weight: 1, vector: [0.1, 0] },
    { weight: 0.01, vector: [0, 10] },
    { weight: 0, vector: [1, 1] },
  ]);
  const kept = prune(model, 0.1);
  expect([...kept.weights]).toEqual([expect.closeTo(10, 12)]);
  expect([...kept.vectors.data]).toEqual([0, 1]);
});

test('rank reduction stops at one component and leaves orthogonal components alone', () => {
  const one = orthogonal({ order: 3, dim: 4, rank: 1, seed: 1 }).truth;
  expect(finished(reduceRank(factoredView(one), one)).kruskal.weights.length).toBe(1);
  const three = orthogonal({ order: 3, dim: 4, rank: 3, seed: 1 }).truth;
  expect(finished(reduceRank(factoredView(three), three)).kruskal.weights.length).toBe(3);
});
