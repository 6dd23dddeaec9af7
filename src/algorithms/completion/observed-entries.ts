// Observed entries on a backend, as the operations of the observed family want them: once for a run, segments once for every
// minibatch.
import type { DeviceArray, DeviceSegments, IndexArray, LargeOrderEntries, Scope } from '../../backend/backend.js';
import type { ObservedTarget } from '../../targets/observed.js';
import { finished, type Work } from '../../yield.js';
import {
  packBitsSteps,
  segmentEntriesSteps,
  stackRowsSteps,
  type EntryRange,
  type Segments,
} from '../../tensor/coordinate.js';

export interface DeviceEntries {
  /** `[count, order]` */
  readonly entryRows: IndexArray;
  /** `[count]` */
  readonly values: DeviceArray;
}

/** The same at once. */
export const uploadEntries = (scope: Scope, target: ObservedTarget): DeviceEntries =>
  finished(uploadEntriesSteps(scope, target));

export function* uploadEntriesSteps(scope: Scope, { shape, indices, values }: ObservedTarget): Work<DeviceEntries> {
  return {
    entryRows: scope.indices('rows of the entries', yield* stackRowsSteps(shape, indices)),
    values: scope.array('observed values', values),
  };
}

/** The same at once. */
export const uploadSegments = (...args: Parameters<typeof uploadSegmentsSteps>): DeviceSegments =>
  finished(uploadSegmentsSteps(...args));

/** Segments of a range of the target's entries, all of them when it is left out. */
export function* uploadSegmentsSteps(
  scope: Scope,
  { shape, indices, count }: ObservedTarget,
  range: EntryRange = { first: 0, count },
  partLength?: number,
): Work<DeviceSegments> {
  return uploadSorted(scope, yield* segmentEntriesSteps(shape, indices, range, partLength));
}

export function uploadSorted(scope: Scope, { entries, parts, rowParts, offsets }: Segments): DeviceSegments {
  return {
    entries: scope.indices('entries by row', entries),
    parts: scope.indices('parts of rows', parts),
    rowParts: scope.indices('parts of every row', rowParts),
    offsets,
    partOffsets: offsets.map((row) => rowParts[row]!),
  };
}

/** The same at once. */
export const uploadLargeOrder = (scope: Scope, target: ObservedTarget): LargeOrderEntries =>
  finished(uploadLargeOrderSteps(scope, target));

/** Entries for predictLargeOrder and gradientLargeOrder: bits where all modes have size 2, else rows. */
export function* uploadLargeOrderSteps(scope: Scope, { shape, indices }: ObservedTarget): Work<LargeOrderEntries> {
  return shape.every((size) => size === 2)
    ? { bits: scope.indices('bits of the entries', yield* packBitsSteps(shape.length, indices)) }
    : { rows: scope.indices('rows of the entries', yield* stackRowsSteps(shape, indices)) };
}
