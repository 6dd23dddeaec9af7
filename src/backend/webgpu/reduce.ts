// Host side of shaders/reduce.wgsl.ts.
import { squareRuns, sumParts as sumPartsKernel } from '../../../shaders/reduce.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { SumOfSquares } from '../operations/reduce.js';
import { groupsOf64, type Context } from './context.js';
import { boxes, covered, hull, invocations, span } from './window.js';

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
      reach: (groups) => {
        const all = boxes(invocations(groups, chunks * batch), chunks);
        return { values: hull(all, ([items, runs]) => span([items, length], [covered(runs, run, length), 1])) };
      },
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
  const { recorder } = context;
  // As many parts at a time as can be bound; added in the same order.
  const most = parts.length > recorder.windowLength ? Math.max(1, Math.floor(recorder.windowLength / length)) : count;
  for (let first = 0; first < count; first += most) {
    const together = Math.min(most, count - first);
    recorder.dispatch(
      sumPartsKernel,
      {},
      { parts, total },
      { first, count: together, length, accumulate: accumulate || first > 0 ? 1 : 0 },
      groupsOf64(length),
      {
        work: 2 * together * length,
        reach: (groups) => {
          const places = invocations(groups, length);
          return {
            parts: span([{ begin: first, end: first + together }, length], [places, 1]),
            total: places,
          };
        },
      },
    );
  }
}
