// Dense tensors against CP factors: residual and MTTKRP. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface DenseOperations {
  /**
   * residual[b] = mask · ((model of batch item b) − tensor), entry by entry; model = Σ_c ∘_k factors[k][b][:, c]. [batch, size].
   * With a mask, sumOfSquares and mttkrpDense of the residual count the known cells only: the loss of the known cells, its gradient.
   */
  residualDense(args: ResidualDense): void;
  /** product[b] = X_(mode) · (⊙_{k ≠ mode} factors[k][b]), [batch, shape[mode], rank]; X is [size] or one per batch item. */
  mttkrpDense(args: MttkrpDense): void;
  /**
   * The same of every mode at the same factors, in two contractions instead of `order`. The modes are cut in two groups; the
   * tensor contracted with the Khatri-Rao product of one group is a partial product `[size of the other group, rank]`, from
   * which every mode of that other group is finished; and the reverse (Phan, Tichavský & Cichocki, "Fast alternating LS
   * algorithms for high order CANDECOMP/PARAFAC tensor factorizations", IEEE Trans. Signal Process. 61, 2013). Of the residual it is the
   * gradient. 4 · batch · size · rank flops, and 2 · batch · rank per mode for every entry of a group of more than one; 2 dispatches
   * over the tensor, one per mode of such a group, and those for the Khatri-Rao tables and for adding split sums.
   */
  mttkrpAllDense(args: MttkrpAllDense): void;
}

export interface DenseModel {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly batch: number;
  /** One array per mode, `[batch, shape[mode], rank]`. */
  readonly factors: readonly DeviceArray[];
}

export interface ResidualDense extends DenseModel {
  /** `[size]`, shared by the batch. Finite everywhere: a missing cell holds any number, say 0, but not NaN. */
  readonly tensor: DeviceArray;
  /** `[size]`, shared by the batch: 0 where a cell is missing, 1 where it is known. Every cell is known when it is left out. */
  readonly mask?: DeviceArray;
  readonly residual: DeviceArray;
}

export interface MttkrpDense extends DenseModel {
  readonly mode: number;
  readonly tensor: DeviceArray;
  readonly product: DeviceArray;
}

export interface MttkrpAllDense extends DenseModel {
  /** `[size]`, or `[batch, size]`. */
  readonly tensor: DeviceArray;
  /** One array per mode, `[batch, shape[mode], rank]`. */
  readonly products: readonly DeviceArray[];
}
