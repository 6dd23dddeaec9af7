// What a run of many steps leaves on the backend for the host to look at: a ring of residuals, and the stop test.
// Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface TraceOperations {
  /**
   * Notes the smallest probe residual of the batch, r = factor · min_b √squares[b], and stops the run once it is small enough.
   * trace = [count, stopped, ring]: ring[count % slots] = r, count += 1; where r ≤ tolerance, stopped = 1 and all rates = 0, so
   * that steps recorded behind it change nothing. Stopped once, it writes nothing any more. NaN never counts as small.
   */
  traceResidual(args: TraceResidual): void;
}

export interface TraceResidual {
  readonly batch: number;
  readonly factor: number;
  readonly tolerance: number;
  /** `[batch]` */
  readonly squares: DeviceArray;
  readonly rates: DeviceArray;
  /** `[2 + slots]`, zero at the start. Counts are exact up to 2²⁴. */
  readonly trace: DeviceArray;
}
