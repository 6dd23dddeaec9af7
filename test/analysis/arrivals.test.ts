// Shares, half-times and clusters, on numbers small enough to check by hand.
import { expect, test } from 'vitest';
import {
  fittedShares,
  growClusters,
  noteArrivals,
  sampleComponents,
  type ArrivalLog,
  type HiddenComponents,
} from '../../src/analysis/arrivals.js';

const axes = (weights: number[]): HiddenComponents => ({
  directions: { rows: 2, columns: 2, data: Float64Array.of(1, 0, 0, 1) },
  weights: Float64Array.from(weights),
});
const at = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
const sampleAt = (time: number, weights: number[], vectors: number[][], hidden: HiddenComponents) =>
  sampleComponents(time, Float64Array.from(weights), Float64Array.from(vectors.flat()), hidden.directions);

test('shares count what belongs, with the sign that odd orders give it', () => {
  const hidden = axes([2, -4]);
  // Two along the first axis, one of them against it; one in between; one near the second.
  const sample = sampleAt(0, [0.5, 0.3, 9, -1], [at(0.1), at(Math.PI), at(Math.PI / 4), at(1.5)], hidden);
  expect(Array.from(sample.nearest.filter((_, i) => i !== 2))).toEqual([0, 0, 1]);
  expect(Array.from(fittedShares(sample, hidden, 4))).toEqual([(0.5 + 0.3) / 2, -1 / -4]);
  expect(Array.from(fittedShares(sample, hidden, 3))).toEqual([(0.5 - 0.3) / 2, -1 / -4]);
});

test('half-times lie between two samples, come in the order of time, and only once', () => {
  const hidden = axes([1, 1]);
  const log: ArrivalLog = { arrivals: [], last: undefined };
  const note = (time: number, first: number, second: number): void =>
    noteArrivals(log, [sampleAt(time, [first, second], [at(0), at(Math.PI / 2)], hidden)], hidden, 4);
  note(1, 0, 0.1);
  note(2, 0.6, 0.8);
  note(3, 0.1, 0.9);
  note(4, 0.9, 0.9);
  expect(log.arrivals.map(({ component }) => component)).toEqual([1, 0]);
  expect(log.arrivals[0]?.time).toBeCloseTo(1 + 0.4 / 0.7, 12);
  expect(log.arrivals[1]?.time).toBeCloseTo(1 + 0.5 / 0.6, 12);
});

test('what is there from the start has arrived then', () => {
  const hidden = axes([1, 1]);
  const log: ArrivalLog = { arrivals: [], last: undefined };
  noteArrivals(log, [sampleAt(0, [0.7], [at(0)], hidden)], hidden, 4);
  expect(log.arrivals).toEqual([{ component: 0, time: 0 }]);
});

test('clusters keep their number, follow their strongest component, and grow with what belongs to none', () => {
  const none: HiddenComponents = {
    directions: { rows: 0, columns: 2, data: new Float64Array(0) },
    weights: new Float64Array(0),
  };
  const grow = (known: HiddenComponents, weights: number[], vectors: number[][]) =>
    growClusters(known, {
      weights: Float64Array.from(weights),
      vectors: Float64Array.from(vectors.flat()),
      least: 0.01,
      weightAlong: ([x = 0]) => x,
    });
  const first = grow(none, [0.1, 0.5, 0.001], [at(0.1), at(0), at(1.5)]);
  expect(Array.from(first.directions.data)).toEqual(at(0));
  const second = grow(first, [0.9, 0.5, 0.02], [at(0.2), at(0), at(1.5)]);
  expect(second.directions.rows).toBe(2);
  expect(Array.from(second.directions.data)).toEqual([...at(0.2), ...at(1.5)]);
  expect(second.weights[0]).toBeCloseTo(Math.cos(0.2), 12);
  // A cluster that nothing strong is left of stays as it was.
  expect(grow(second, [0.001], [at(0)])).toEqual(second);
});
