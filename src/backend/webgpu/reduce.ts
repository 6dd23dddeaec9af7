// Host side of shaders/reduce.wgsl.ts.
import { squareRuns, sumParts as sumPartsKernel } from '../../../shaders/reduce.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { SumOfSquares } from '../operations/reduce.js';
import { groupsOf64, type Context } from './context.js';

/** In runs of √length entries, then over the runs: the rounding error is at most 2 √length · ε of the sum. */
export function sumOfSquares(context: Context, { batch, length, values, out, accumulate }: SumOfSquares): void {
  const run = Math.ceil(Math.sqrt(length));
  const chunks = Math.ceil(length / run);
  const partial = context.scratch('square runs', chunks * batch);
  context.recorder.dispatch(
    squareRuns,
    {},
    { values, partial },
    { batch, length, chunks, run },
    groupsOf64(chunks * batch),
    {
      work: 2 * batch * length,
    },
  );
  sumParts(context, partial, out, chunks, batch, accumulate);
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
  context.recorder.dispatch(
    sumPartsKernel,
    {},
    { parts, total },
    { count, length, accumulate: accumulate ? 1 : 0 },
    groupsOf64(length),
    { work: 2 * count * length },
  );
}
