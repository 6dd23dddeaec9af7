// Products with JᵀJ of a CP model beside those with J written out, for ranks of every remainder by four.
import { test } from 'vitest';
import { cpNormalMatrix } from '../../src/compaction/cp-normal-matrix.js';
import { randomStream } from '../../src/random/stream.js';
import { cpDerivative, mttkrpAll } from '../../src/tensor/cp-products.js';
import { sizeOf } from '../../src/tensor/shape.js';
import { modeViews } from '../../src/tensor/stacked.js';
import { finished, passed } from '../../src/yield.js';
import { expectClose } from '../support/close.js';

const shapes = [
  [3, 4],
  [5, 3, 4],
  [2, 3, 2, 4],
];

test.each(shapes.map((shape) => [shape] as const))('shape %j', (shape) => {
  for (const rank of [1, 2, 3, 4, 5, 7, 8, 9]) {
    const random = randomStream(rank);
    const matrix = cpNormalMatrix(shape, rank);
    const [x, v] = [0, 1].map(() => random.fillNormal(new Float64Array(matrix.unknowns))) as [
      Float64Array,
      Float64Array,
    ];
    matrix.moveTo(x);
    const moved = new Float64Array(sizeOf(shape));
    const allKnown = new Uint8Array(moved.length).fill(1);
    cpDerivative(shape, rank, modeViews(shape, rank, x), modeViews(shape, rank, v), moved, allKnown);
    const expected = new Float64Array(matrix.unknowns);
    mttkrpAll(shape, rank, modeViews(shape, rank, x), moved, modeViews(shape, rank, expected));
    const product = new Float64Array(matrix.unknowns);
    matrix.apply(v, product);
    expectClose(product, expected, 1e-12, `rank ${rank}`);

    // The preconditioner is the inverse of the block diagonal: where only one factor moves, it is the inverse of all.
    finished(passed(matrix.damp(0.5)));
    for (let mode = 0; mode < shape.length; mode++) {
      const alone = new Float64Array(matrix.unknowns);
      modeViews(shape, rank, alone)[mode]!.set(modeViews(shape, rank, v)[mode]!);
      matrix.apply(alone, product);
      for (let at = 0; at < alone.length; at++) product[at]! += 0.5 * alone[at]!;
      const back = new Float64Array(matrix.unknowns);
      matrix.precondition(product, back);
      expectClose(
        modeViews(shape, rank, back)[mode]!,
        modeViews(shape, rank, alone)[mode]!,
        1e-6,
        `rank ${rank}, mode ${mode}`,
      );
    }
  }
});
