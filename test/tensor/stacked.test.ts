// Balancing leaves the tensor as it is and gives a component's columns one norm, for norms of any size.
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random/stream.js';
import { euclideanNorm } from '../../src/tensor/square-sum.js';
import { balanceModes, modeViews, stackFactors, unstackFactors } from '../../src/tensor/stacked.js';
import { toDense } from '../../src/tensor/to-dense.js';
import { expectClose } from '../support/close.js';

const shape = [4, 3, 2];
const rank = 2;
const random = randomStream(3);
const column = (view: Float64Array, c: number): Float64Array => view.filter((_, at) => at % rank === c);

describe.each([{ scales: [3, 0.2, 7] }, { scales: [1e170, 1e-170, 1] }, { scales: [1e-200, 1e120, 1e80] }])(
  'columns of sizes $scales',
  ({ scales }) => {
    const factors = shape.map((rows, mode) => ({
      rows,
      columns: rank,
      data: random.fillNormal(new Float64Array(rows * rank)).map((value) => value * scales[mode]!),
    }));
    const model = { weights: new Float64Array(rank).fill(1), factors };
    const stacked = stackFactors([model]);
    balanceModes(shape, rank, stacked);
    const views = modeViews(shape, rank, stacked);

    test('have one norm afterwards', () => {
      for (let c = 0; c < rank; c++) {
        const [first = NaN, ...others] = views.map((view) => euclideanNorm(column(view, c)));
        others.forEach((norm) => expect(norm / first).toBeCloseTo(1, 12));
      }
    });

    test('give the same tensor', () => {
      const [balanced = model] = unstackFactors(shape, rank, stacked);
      expectClose(toDense(balanced).data, toDense(model).data, 1e-11);
    });
  },
);

test('a component with a zero column stays as it is', () => {
  const stacked = random.fillNormal(new Float64Array(9 * rank));
  for (let row = 0; row < 4; row++) stacked[row * rank] = 0;
  const before = stacked.slice();
  balanceModes(shape, rank, stacked);
  modeViews(shape, rank, stacked).forEach((view, mode) =>
    expect(column(view, 0)).toEqual(column(modeViews(shape, rank, before)[mode]!, 0)),
  );
});
