// traceResidual: the ring, the stop, and that both happen alike on both backends.
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { webgpu } from '../support/parity.js';

const lanes = [
  { name: 'cpu', open: () => Promise.resolve(openCpu()) },
  { name: 'webgpu', open: webgpu },
];

describe.each(lanes)('$name', ({ open }) => {
  test('samples fill the ring round and round; the first small one stops the run, and nothing is written behind it', async () => {
    using scope = (await open()).scope('trace');
    const batch = 70;
    const slots = 3;
    const trace = scope.array('trace', 2 + slots);
    const rates = scope.array('rates', new Float64Array(batch).fill(0.5));
    // The smallest square is the last item's; one item is NaN from the third look on.
    const smallestSquares = [16, 9, 4, 1, 0.25, 100];
    for (const [at, square] of smallestSquares.entries()) {
      const squares = new Float64Array(batch).fill(1000);
      squares[batch - 1] = square;
      if (at > 1) squares[3] = NaN;
      look(scope, squares, 0.55);
    }
    function look(within: Scope, squares: Float64Array, tolerance: number): void {
      const array = within.array('squares', squares);
      within.traceResidual({ batch, factor: 0.5, tolerance, squares: array, rates, trace, slots: trace.length - 2 });
    }
    // Residuals 2, 1.5, 1, 0.5: the fourth stops it.
    expect(await scope.read(trace)).toEqual(Float64Array.of(4, 1, 0.5, 1.5, 1));
    expect(await scope.read(rates)).toEqual(new Float64Array(batch));
  });

  test('a run that has become NaN is not taken for a solved one', async () => {
    using scope = (await open()).scope('trace');
    const trace = scope.array('trace', 4);
    const rates = scope.array('rates', Float64Array.of(1));
    const squares = scope.array('squares', Float64Array.of(NaN));
    scope.traceResidual({ batch: 1, factor: 1, tolerance: 1, squares, rates, trace, slots: 2 });
    const [count, stopped] = await scope.read(trace);
    expect([count, stopped]).toEqual([1, 0]);
  });
});
