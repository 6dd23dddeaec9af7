// Where a ridge is needed it is found, where data are exact or many there is none.
import { describe, expect, test } from 'vitest';
import { compactCp } from '../../../src/compaction/cp/compact-cp.js';
import { compactRegularized } from '../../../src/compaction/cp/regularized.js';
import { holdOut, observed, predictEntries, relativeError, type Kruskal } from '../../../src/index.js';
import { plantedObserved } from '../../../src/problems/index.js';
import { randomStream } from '../../../src/random/stream.js';
import { matrix } from '../../../src/tensor/matrix.js';
import { finished } from '../../../src/yield.js';

describe('few observations of what has no low rank', () => {
  // A smooth picture with an edge, 24 × 20 × 3, of which a fifth of the cells are known: a row has 12 entries for 5 components.
  const shape = [24, 20, 3];
  const cells = Array.from({ length: 24 * 20 * 3 }, (_, at) => [Math.floor(at / 60), Math.floor(at / 3) % 20, at % 3]);
  const picture = Float64Array.from(cells, ([y = 0, x = 0, c = 0]) => {
    const edge = (x - 11) ** 2 + (y - 9) ** 2 < 30 ? 1.5 - 0.4 * c : 0;
    return 1 + 0.5 * Math.sin(0.3 * x + 0.2 * y + c) + edge;
  });
  const random = randomStream(1, 1);
  const known = Array.from(cells.keys()).filter(() => random.uniform() < 0.2);
  const target = observed(
    shape,
    known.flatMap((at) => cells[at] ?? []),
    Float64Array.from(known, (at) => picture[at]!),
  );
  const { train, held } = holdOut(target, { share: 0.1, seed: 1 });
  const start = randomModel(shape, 8, 4);

  test('the prediction of the rest is better with the ridge that is chosen', () => {
    if (!held) throw new Error('nothing is held out');
    const errorOf = (model: Kruskal): number => {
      const predictions = predictEntries(model, cells.flat());
      const squares = predictions.reduce((sum, value, at) => sum + (value - picture[at]!) ** 2, 0);
      return Math.sqrt(squares / picture.reduce((sum, value) => sum + value * value, 0));
    };
    const bare = compactCp(train, start, { rank: 5, held });
    const regularized = finished(compactRegularized(train, start, { rank: 5, held }));
    expect(regularized.ridge).toBeGreaterThan(0);
    expect(bare.relativeError).toBeLessThan(regularized.relativeError);
    expect(errorOf(regularized.kruskal)).toBeLessThan(errorOf(bare.kruskal));
  });
});

test('exact observations, not many, need no ridge', () => {
  const { target, truth } = plantedObserved({ shape: [10, 9, 8], rank: 2, share: 0.2, seed: 4 });
  const { train, held } = holdOut(target, { share: 0.1, seed: 1 });
  const start = { weights: new Float64Array(4).fill(1), factors: split(truth) };
  const result = finished(compactRegularized(train, start, { rank: 'auto', ...(held ? { held } : {}) }));
  expect(result.ridge).toBe(0);
  expect(result.rank).toBe(2);
  expect(relativeError(result.kruskal, truth)).toBeLessThan(1e-10);
});

test('without held-out observations it is compactCp', () => {
  const { target, truth } = plantedObserved({ shape: [7, 6, 5], rank: 2, share: 0.4, seed: 4, noise: 0.1 });
  const { ridge, ...rest } = finished(compactRegularized(target, truth, { rank: 2 }));
  expect(ridge).toBe(0);
  expect(rest).toEqual(compactCp(target, truth, { rank: 2 }));
});

function randomModel(shape: readonly number[], rank: number, seed: number): Kruskal {
  const random = randomStream(seed, 0);
  const factors = shape.map((rows) => matrix(rows, rank, random.fillNormal(new Float64Array(rows * rank))));
  return { weights: new Float64Array(rank).fill(0.3), factors };
}

/** Every component twice, at 0.6 and 0.4, and a little off. */
function split({ factors }: Kruskal) {
  const random = randomStream(3, 0);
  return factors.map(({ rows, columns, data }, mode) =>
    matrix(
      rows,
      2 * columns,
      Float64Array.from({ length: 2 * rows * columns }, (_, at) => {
        const row = Math.floor(at / (2 * columns));
        const c = at % (2 * columns);
        const share = mode > 0 ? 1 : c < columns ? 0.6 : 0.4;
        return share * data[row * columns + (c % columns)]! + 0.01 * random.normal();
      }),
    ),
  );
}
