// The small systems of alternating least squares. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';
import type { FactorShape } from './columns.js';

export interface NormalEquationsOperations {
  /** Cholesky factor of ∘_{k ≠ mode} grams[k][b] + ridge · (trace / rank) · I, lower triangle, [batch, rank, rank]. */
  factorNormalMatrix(args: FactorNormalMatrix): void;
  /** factor[b] −= rightSide[b] · (L Lᵀ)⁻¹, row by row; rightSide [batch, rows, rank] is overwritten. */
  subtractSolution(args: SubtractSolution): void;
}

export interface FactorNormalMatrix {
  readonly order: number;
  readonly mode: number;
  readonly batch: number;
  readonly rank: number;
  readonly ridge: number;
  /** `[order, batch, rank, rank]` */
  readonly grams: DeviceArray;
  readonly cholesky: DeviceArray;
}

export interface SubtractSolution extends FactorShape {
  readonly cholesky: DeviceArray;
  readonly rightSide: DeviceArray;
  readonly factor: DeviceArray;
}
