// What a flow of many steps leaves behind of every step: how large its components are, and which known direction each is nearest.
// Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface AlignmentOperations {
  /**
   * Writes three numbers a component into slot `slot` of `history`: its weight; of the inner products ⟨ū_i, z_k⟩ with the known unit
   * directions z_k, the one of the largest magnitude, with its sign; and that k, the first of equal ones. 0 and −1 where no direction is known.
   * 2 · batch · rows · known · dim flops.
   */
  recordComponents(args: RecordComponents): void;
}

export interface RecordComponents {
  readonly batch: number;
  /** Components of the model: the first rows of `vectors`. */
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  /** Known directions, 0 or more. */
  readonly known: number;
  readonly slot: number;
  /** `[batch, columns, dim]` and `[batch, columns]` */
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
  /** `[known, dim]`, at least one entry. */
  readonly directions: DeviceArray;
  /** `[slots, batch, rows, 3]` */
  readonly history: DeviceArray;
}
