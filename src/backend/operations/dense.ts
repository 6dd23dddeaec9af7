// Dense tensors against CP factors: residual and MTTKRP. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface DenseOperations {
  /** residual[b] = (model of batch item b) − tensor, entry by entry; model = Σ_c ∘_k factors[k][b][:, c]. [batch, size]. */
  residualDense(args: ResidualDense): void;
  /** product[b] = X_(mode) · (⊙_{k ≠ mode} factors[k][b]), [batch, shape[mode], rank]; X is [size] or one a batch item. */
  mttkrpDense(args: MttkrpDense): void;
}

export interface DenseModel {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly batch: number;
  /** One array a mode, `[batch, shape[mode], rank]`. */
  readonly factors: readonly DeviceArray[];
}

export interface ResidualDense extends DenseModel {
  readonly tensor: DeviceArray;
  readonly residual: DeviceArray;
}

export interface MttkrpDense extends DenseModel {
  readonly mode: number;
  readonly tensor: DeviceArray;
  readonly product: DeviceArray;
}
