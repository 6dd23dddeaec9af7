// Linear measurements ⟨A_j, T⟩ of tensors, and their adjoint. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
// Dense measurements act on the model as a tensor: residualDense against zeros forms it, measureDense predicts, lossObserved turns
// predictions into derivatives, measureAdjoint sums those into a tensor, and mttkrpDense of it is the gradient in each factor.
// Kruskal measurements act on the factors: measureKruskal predicts, measureKruskalAdjoint is the gradient; no tensor is formed.
import type { DeviceArray } from '../backend.js';
import type { DenseModel } from './dense.js';

export interface SensingOperations {
  /** prediction[b][j] = Σ_i measurements[j][i] · tensor[b][i]. 2 · batch · count · size flops. */
  measureDense(args: MeasureDense): void;
  /** tensor[b][i] = Σ_j derivative[b][j] · measurements[j][i]. 2 · batch · count · size flops. */
  measureAdjoint(args: MeasureAdjoint): void;
  /**
   * Measurements A_j = Σ_s weights[j, s] ∘_k vectors[k][(j, s), :] of CP models, by their inner products mode by mode:
   * products[k][b][(j, s), c] = ⟨vectors[k][(j, s), :], factors[k][b][:, c]⟩, prediction[b][j] = Σ_s weights[j, s] Σ_c Π_k products[k][b][(j, s), c].
   * 2 · batch · count · terms · rank · Σ shape flops.
   */
  measureKruskal(args: MeasureKruskal): void;
  /**
   * Gradient of Σ_j derivative[b][j] · prediction[b][j] in the factor of one mode, from the products of measureKruskal:
   * gradient[b][i, c] = Σ_(j, s) derivative[b][j] · weights[j, s] · vectors[mode][(j, s), i] · Π_{k ≠ mode} products[k][b][(j, s), c].
   * 2 · batch · count · terms · rank · shape[mode] flops.
   */
  measureKruskalAdjoint(args: MeasureKruskalAdjoint): void;
}

interface DenseMeasuring {
  readonly batch: number;
  readonly count: number;
  readonly size: number;
  /** `[count, size]`, shared by the batch */
  readonly measurements: DeviceArray;
  /** `[batch, size]` */
  readonly tensor: DeviceArray;
}

export interface MeasureDense extends DenseMeasuring {
  /** `[batch, count]` */
  readonly prediction: DeviceArray;
}

export interface MeasureAdjoint extends DenseMeasuring {
  /** `[batch, count]` */
  readonly derivative: DeviceArray;
}

interface KruskalMeasuring extends DenseModel {
  readonly count: number;
  /** Components of each measurement. */
  readonly terms: number;
  /** `[count, terms]` */
  readonly weights: DeviceArray;
  /** One array per mode, `[count · terms, shape[mode]]`, shared by the batch. */
  readonly vectors: readonly DeviceArray[];
  /** One array per mode, `[batch, count · terms, rank]`. */
  readonly products: readonly DeviceArray[];
}

export interface MeasureKruskal extends KruskalMeasuring {
  /** `[batch, count]` */
  readonly prediction: DeviceArray;
}

export interface MeasureKruskalAdjoint extends Omit<KruskalMeasuring, 'factors'> {
  readonly mode: number;
  /** `[batch, count]` */
  readonly derivative: DeviceArray;
  /** `[batch, shape[mode], rank]` */
  readonly gradient: DeviceArray;
}
