// Sums over the entries of a row: the same whichever way they are added, and those of the definition.
import { expect, test } from 'vitest';
import { observed } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { entriesOf } from '../../src/variational/entries.js';
import { adderOf } from '../../src/variational/row-sums.js';
import { finished } from '../../src/yield.js';

const rank = 3;
const length = rank + (rank * (rank + 1)) / 2;
const shapes = [
  [4, 9],
  [3, 4, 9],
  [3, 2, 4, 7],
];

/** All cells, in the order of an array or shuffled, with values that follow from the cell. */
function cellsOf(shape: readonly number[], isShuffled: boolean) {
  const random = randomStream(5);
  const size = shape.reduce((a, b) => a * b);
  const numbers = Array.from({ length: size }, (_, at) => ({ at, key: isShuffled ? random.uniform() : at }));
  const order = numbers.sort((a, b) => a.key - b.key).map(({ at }) => at);
  const cells = order.map((at) =>
    shape.map((rows, k) => Math.floor(at / shape.slice(k + 1).reduce((a, b) => a * b, 1)) % rows),
  );
  return observed(
    shape,
    cells.flat(),
    order.map((at) => Math.sin(at + 1)),
  );
}

test.each(shapes.map((shape) => [shape]))('%o', (shape) => {
  const moments = shape.map((rows, k) => randomStream(k).fillNormal(new Float64Array(rows * length)));
  for (const isShuffled of [false, true]) {
    const target = cellsOf(shape, isShuffled);
    const { modes } = finished(entriesOf(target));
    modes.forEach((mode, k) => {
      const others = moments.filter((_, n) => n !== k);
      const add = adderOf(mode, others, rank);
      for (let i = 0; i < shape[k]!; i++) {
        const sums = new Float64Array(length);
        add(mode.starts[i]!, mode.starts[i + 1]!, sums);
        const expected = new Float64Array(length);
        target.values.forEach((value, e) => {
          if (target.indices[e * shape.length + k] !== i) return;
          for (let n = 0; n < length; n++) {
            let product = n < rank ? value : 1;
            moments.forEach((array, m) => {
              if (m !== k) product *= array[target.indices[e * shape.length + m]! * length + n]!;
            });
            expected[n]! += product;
          }
        });
        // At most 84 summands of order 1 to 10.
        sums.forEach((sum, n) => expect(Math.abs(sum - expected[n]!)).toBeLessThan(1e-11));
      }
    });
  }
});

test('weights of whole numbers are entries that repeat', () => {
  const shape = [3, 2, 4];
  const target = cellsOf(shape, true);
  const moments = [2, 4].map((rows, k) => randomStream(k).fillNormal(new Float64Array(rows * length)));
  const { modes } = finished(entriesOf(target));
  const weights = Float64Array.from(target.values, (_, e) => e % 3);
  const repeated = Array.from(target.values.keys()).flatMap((e) => new Array<number>(e % 3).fill(e));
  const many = observed(
    shape,
    repeated.flatMap((e) => Array.from(target.indices.subarray(3 * e, 3 * e + 3))),
    repeated.map((e) => target.values[e]!),
  );
  const mode = modes[0]!;
  const sumsOf = (of: typeof mode, row: number): Float64Array => {
    const sums = new Float64Array(length);
    adderOf(of, moments, rank)(of.starts[row]!, of.starts[row + 1]!, sums);
    return sums;
  };
  const weighted = { ...mode, weights: Float64Array.from(mode.entries, (e) => weights[e]!) };
  for (let row = 0; row < 3; row++) {
    const expected = sumsOf(finished(entriesOf(many)).modes[0]!, row);
    // At most 16 summands of order 1 to 10.
    sumsOf(weighted, row).forEach((sum, n) => expect(Math.abs(sum - expected[n]!)).toBeLessThan(1e-12));
  }
});
