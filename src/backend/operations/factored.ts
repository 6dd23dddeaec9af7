// Symmetric tensors in factored form: contraction with queries, and the vanilla gradient step. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface FactoredOperations {
  /**
   * Contraction of a symmetric tensor in factored form, E = Σ_b weights[b] · vectors[b]^{⊗ order}, with queries q_i:
   * contraction[i] = E(·, q_i, …, q_i), strengths[i] = E(q_i, …, q_i). queries [batch, rows, dim] with `queryStride` entries
   * between batch items, vectors [batch, columns, dim], weights [batch, columns]. 4 · batch · rows · columns · dim flops.
   */
  contractFactored(args: ContractFactored): void;
  /** A gradient step of Σ c_i u_i^{⊗ order} on ½‖E‖²: c_i −= η · s_i, u_i −= η · order · c_i · A_i, both from the old c_i; η = rates[b]. */
  updateVanilla(args: UpdateVanilla): void;
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
  /** Adds to what contraction and strengths hold, for vectors that come in chunks. Default: false. */
  readonly accumulate?: boolean;
}

export interface UpdateVanilla {
  readonly order: number;
  readonly batch: number;
  /** Components of the model: the first rows of `vectors`. */
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  /** Rows of the contraction, the model's first: `rows`, or more where others were contracted along. */
  readonly contracted: number;
  /** `[batch, contracted, dim]` and `[batch, contracted]` */
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  /** `[batch]` */
  readonly rates: DeviceArray;
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
}
