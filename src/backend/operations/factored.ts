// Symmetric tensors in factored form: contraction with queries. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface FactoredOperations {
  /**
   * Contraction of a symmetric tensor in factored form, E = Σ_b weights[b] · vectors[b]^{⊗ order}, with queries q_i:
   * contraction[i] = E(·, q_i, …, q_i), strengths[i] = E(q_i, …, q_i). queries [batch, rows, dim] with `queryStride` entries
   * between batch items, vectors [batch, columns, dim], weights [batch, columns]. 4 · batch · rows · columns · dim flops.
   */
  contractFactored(args: ContractFactored): void;
}

export interface ContractFactored {
  readonly order: number;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  readonly queries: DeviceArray;
  readonly queryStride: number;
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  /** Adds to what contraction and strengths hold, both from calls before, for vectors that come in chunks. Default: false. */
  readonly accumulate?: boolean;
}
