// Gram matrices. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface GramOperations {
  /** gram[b][p, q] = ⟨vector p, vector q⟩; entry k of vector p of batch item b at (b · count · length) + p · vectorStride + k · entryStride. */
  gram(args: Gram): void;
}

export interface Gram {
  readonly batch: number;
  readonly count: number;
  readonly length: number;
  readonly vectorStride: number;
  readonly entryStride: number;
  readonly values: DeviceArray;
  readonly gram: DeviceArray;
  /** First entry of `gram` to be written. */
  readonly outOffset: number;
}
