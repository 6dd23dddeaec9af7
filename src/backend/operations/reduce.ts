// Sums. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface ReduceOperations {
  /** out[b] = Σ values[b]², added to what `out` holds if `accumulate`; values [batch, length]. */
  sumOfSquares(args: SumOfSquares): void;
}

export interface SumOfSquares {
  readonly batch: number;
  readonly length: number;
  readonly values: DeviceArray;
  readonly out: DeviceArray;
  /** For the squares of several arrays. */
  readonly accumulate?: boolean;
}
