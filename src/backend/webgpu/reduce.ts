// Host side of shaders/reduce.wgsl.ts.
import { squareRuns } from '../../../shaders/reduce.wgsl.js';
import type { SumOfSquares } from '../operations/reduce.js';
import type { Context } from './context.js';
import { sumParts } from './sum-parts.js';

/** In runs of √length entries, then over the runs: the rounding error is at most 2 √length · ε of the sum. */
export function sumOfSquares(context: Context, { batch, length, values, out, accumulate }: SumOfSquares): void {
  const run = Math.ceil(Math.sqrt(length));
  const chunks = Math.ceil(length / run);
  const partial = context.scratch('square runs', chunks * batch);
  context.recorder.dispatch(squareRuns, { batch, length, chunks, run, values, partial });
  sumParts(context, partial, out, chunks, batch, accumulate);
}
