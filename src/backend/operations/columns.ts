// Column norms and column scaling of factor matrices. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface ColumnsOperations {
  /** norms[b][c] = ‖factor[b][:, c]‖; factor [batch, rows, rank]. */
  columnNorms(args: ColumnNorms): void;
  /** factor[b][:, c] ·= or /= scales[b][c]; a zero divisor leaves its column alone. */
  scaleColumns(args: ScaleColumns): void;
}

/** `[batch, rows, rank]` */
export interface FactorShape {
  readonly batch: number;
  readonly rows: number;
  readonly rank: number;
}

export interface ColumnNorms extends FactorShape {
  readonly factor: DeviceArray;
  readonly norms: DeviceArray;
}

export interface ScaleColumns extends FactorShape {
  readonly by: 'multiply' | 'divide';
  readonly scales: DeviceArray;
  readonly factor: DeviceArray;
}
