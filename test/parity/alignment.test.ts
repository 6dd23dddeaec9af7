// recordComponents: weights and nearest known directions, on both backends, into the slot it is told.
import { describe, expect, test } from 'vitest';
import { openCpu } from '../../src/backend/cpu/index.js';
import { randomStream } from '../../src/random/stream.js';
import { expectParity, webgpu } from '../support/parity.js';

const sizes = { batch: 3, rows: 70, columns: 73, dim: 9 };
const { batch, rows, columns, dim } = sizes;

test('weights, correlations and nearest directions agree', async () => {
  const random = randomStream(5);
  const inputs = {
    vectors: random.unitVectors(batch * columns, dim).data,
    weights: random.fillNormal(new Float64Array(batch * columns)),
    directions: random.unitVectors(4, dim).data,
    history: new Float64Array(2 * batch * rows * 3),
  };
  // A sum of dim products; the nearest ones of these directions lie further apart than it is wrong. Numbers of directions, up to 3,
  // are exact, and scaled like the magnitudes of unit vectors they are bounded by 1 from below.
  const roundings = dim + 1;
  const magnitudes = { history: new Float64Array(inputs.history.length).fill(1) };
  inputs.weights.forEach((weight, at) => (inputs.weights[at] = weight / 4));
  await expectParity({
    inputs,
    roundings,
    magnitudes,
    record: (scope, arrays) => {
      scope.recordComponents({ ...sizes, ...arrays, known: 4, slot: 1 });
      return { history: arrays.history };
    },
  });
});

describe.each([
  { name: 'cpu', open: () => Promise.resolve(openCpu()) },
  { name: 'webgpu', open: webgpu },
])('$name', ({ open }) => {
  test('signs, ties and unknown directions', async () => {
    using scope = (await open()).scope('alignment');
    const arrays = {
      vectors: scope.array('vectors', Float64Array.of(-1, 0, 0.6, 0.8, 0, 1)),
      weights: scope.array('weights', Float64Array.of(2, -3, 7)),
      // The third repeats the first: the first of equal ones counts.
      directions: scope.array('directions', Float64Array.of(1, 0, 0, 1, 1, 0)),
      history: scope.array('history', 18),
    };
    const shape = { batch: 1, rows: 2, columns: 3, dim: 2 };
    scope.recordComponents({ ...shape, ...arrays, known: 3, slot: 0 });
    scope.recordComponents({ ...shape, ...arrays, known: 0, slot: 2 });
    const history = Array.from(await scope.read(arrays.history), (value) => Math.round(1e6 * value) / 1e6);
    expect(history.slice(0, 6)).toEqual([2, -1, 0, -3, 0.8, 1]);
    expect(history.slice(6, 12)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(history.slice(12)).toEqual([2, 0, -1, -3, 0, -1]);
  });
});
