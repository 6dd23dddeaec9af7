// Observed entries on a backend, as the operations of the observed family want them: once for a run, segments once for every
// minibatch.
import type { DeviceArray, DeviceSegments, IndexArray, LargeOrderEntries, Scope } from '../../backend/backend.js';
import type { ObservedTarget } from '../../targets/observed.js';
import { packBits, segmentEntries, stackRows, type EntryRange, type Segments } from '../../tensor/coordinate.js';

export interface DeviceEntries {
  /** `[count, order]` */
  readonly entryRows: IndexArray;
  /** `[count]` */
  readonly values: DeviceArray;
}

export function uploadEntries(scope: Scope, { shape, indices, values }: ObservedTarget): DeviceEntries {
  return {
    entryRows: scope.indices('rows of the entries', stackRows(shape, indices)),
    values: scope.array('observed values', values),
  };
}

/** Segments of a range of the target's entries, all of them when it is left out. */
export const uploadSegments = (
  scope: Scope,
  { shape, indices, count }: ObservedTarget,
  range: EntryRange = { first: 0, count },
  partLength?: number,
): DeviceSegments => uploadSorted(scope, segmentEntries(shape, indices, range, partLength));

export function uploadSorted(scope: Scope, { entries, parts, rowParts, offsets }: Segments): DeviceSegments {
  return {
    entries: scope.indices('entries by row', entries),
    parts: scope.indices('parts of rows', parts),
    rowParts: scope.indices('parts of every row', rowParts),
    offsets,
    partOffsets: offsets.map((row) => rowParts[row]!),
  };
}

/** Entries for predictLargeOrder and gradientLargeOrder: bits where all modes have size 2, else rows. */
export function uploadLargeOrder(scope: Scope, { shape, indices }: ObservedTarget): LargeOrderEntries {
  return shape.every((size) => size === 2)
    ? { bits: scope.indices('bits of the entries', packBits(shape.length, indices)) }
    : { rows: scope.indices('rows of the entries', stackRows(shape, indices)) };
}
