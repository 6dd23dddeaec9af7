// Host side of shaders/reduce.wgsl.ts.
import { squareRuns, sumParts as sumPartsKernel } from '../../../shaders/reduce.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { SumOfSquares } from '../operations/reduce.js';
import { groupsOf64, type Context } from './context.js';

/** In runs of √length entries, then over the runs: the rounding error is at most 2 √length · ε of the sum. */
export function sumOfSquares(context: Context, { batch, length, values, out }: SumOfSquares): void {
  const run = Math.ceil(Math.sqrt(length));
  const chunks = Math.ceil(length / run);
  const partial = context.scratch('square runs', chunks * batch);
  context.recorder.dispatch(
    squareRuns,
    {},
    { values, partial },
    { batch, length, chunks, run },
    groupsOf64(chunks * batch),
  );
  sumParts(context, partial, out, chunks, batch);
}

/** total[i] = Σ_s parts[s, i], added to what `total` holds if so asked. */
export function sumParts(
  context: Context,
  parts: DeviceArray,
  total: DeviceArray,
  count: number,
  length: number,
  accumulate = false,
): void {
  const params = { count, length, accumulate: accumulate ? 1 : 0 };
  context.recorder.dispatch(sumPartsKernel, {}, { parts, total }, params, groupsOf64(length));
}
