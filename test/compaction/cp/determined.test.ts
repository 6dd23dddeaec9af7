// Whether observations determine a model: by the rank of the Jacobian, beyond the scales that modes pass to one another.
import { expect, test } from 'vitest';
import { isDetermined } from '../../../src/compaction/cp/determined.js';
import { sampledView } from '../../../src/handles/views/sampled-view.js';
import { observed, sensing, type ObservedTarget } from '../../../src/index.js';
import { plantedObserved } from '../../../src/problems/index.js';
import { randomStream } from '../../../src/random/stream.js';
import { joinComponents } from '../../../src/tensor/kruskal.js';
import { randomKruskal } from './models.js';
import { finished } from '../../../src/yield.js';

const shape = [7, 6, 5];
const rank = 2;
const { target, truth } = plantedObserved({ shape, rank, share: 0.5, seed: 4 });
/** Unknowns less the scales: 2 · (18 − 2). */
const free = 32;

const firstOf = ({ indices, values }: ObservedTarget, keep: (at: number) => boolean): ObservedTarget => {
  const kept = Array.from(values.keys()).filter(keep);
  return observed(
    shape,
    kept.flatMap((e) => Array.from(indices.subarray(3 * e, 3 * e + 3))),
    kept.map((e) => values[e]!),
  );
};

test('half of the cells determine two components, in whatever units', () => {
  expect(finished(isDetermined(sampledView(target), truth))).toBe(true);
  const large = { ...truth, weights: truth.weights.map((weight) => 1e9 * weight) };
  expect(finished(isDetermined(sampledView(target), large))).toBe(true);
});

test('fewer observations than unknowns, or a row with fewer than components, do not', () => {
  expect(finished(isDetermined(sampledView(firstOf(target, (e) => e % 3 === 0 && e < 3 * (free - 1))), truth))).toBe(
    false,
  );
  let seen = 0;
  const poor = firstOf(target, (e) => target.indices[3 * e] !== 0 || ++seen <= 1);
  expect(finished(isDetermined(sampledView(poor), truth))).toBe(false);
});

test('a component that is there twice leaves open how the two share it', () => {
  expect(finished(isDetermined(sampledView(target), joinComponents(truth, truth)))).toBe(false);
});

test('measurements: as many as unknowns do, one fewer does not', () => {
  const random = randomStream(2, 1);
  const model = randomKruskal(shape, rank, 1, random);
  const measured = (count: number) =>
    sampledView(sensing(shape, random.fillNormal(new Float64Array(count * 210)), new Float64Array(count)));
  expect(finished(isDetermined(measured(free), model))).toBe(true);
  expect(finished(isDetermined(measured(free - 1), model))).toBe(false);
});

test('too many unknowns: it does not say', () => {
  const { target: large, truth: wide } = plantedObserved({ shape: [200, 200, 200], rank: 2, share: 1e-3, seed: 1 });
  expect(finished(isDetermined(sampledView(large), wide))).toBeUndefined();
});
