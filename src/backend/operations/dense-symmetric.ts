// Packed symmetric tensors: contraction with queries. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface DenseSymmetricOperations {
  /**
   * contraction[b][i] = (accumulate ? contraction[b][i] : 0) + scale · T(·, q_i, …, q_i), strengths[b][i] = ⟨contraction[b][i], q_i⟩,
   * for queries q_i [batch, rows, dim] with `queryStride` entries between batch items. T is packed (src/tensor/symmetric.ts), one
   * tensor or one per batch item. With scale −1 on top of the model's contraction it makes the residual's.
   * Every entry of T is used order times: 2 · batch · rows · dim · C(dim + order − 2, order − 1) flops instead of 2 · batch · rows · dim^order.
   */
  contractSymmetric(args: ContractSymmetric): void;
}

export interface ContractSymmetric {
  /** 2 … 8 */
  readonly order: number;
  readonly batch: number;
  readonly rows: number;
  readonly dim: number;
  /** `[C(dim + order − 1, order)]`, shared by the batch, or `[batch, …]`. */
  readonly tensor: DeviceArray;
  readonly queries: DeviceArray;
  readonly queryStride: number;
  /** Default: 1. */
  readonly scale?: number;
  /** Adds to what contraction holds. Default: false. */
  readonly accumulate?: boolean;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}
