// Adds up sums that were split over workgroups.
import { sumParts as sumPartsKernel } from '../../../shaders/reduce.wgsl.js';
import type { DeviceArray } from '../backend.js';
import type { Context } from './context.js';

/** total[i] = Σ_s parts[s, i], added to what `total` holds if `accumulate`. */
export function sumParts(
  { recorder }: Context,
  parts: DeviceArray,
  total: DeviceArray,
  count: number,
  length: number,
  accumulate = false,
): void {
  recorder.dispatch(sumPartsKernel, { parts, total, count, length, accumulate: accumulate ? 1 : 0 });
}
