// Moment tensors of samples beyond what contractFactored does. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface MomentsOperations {
  /**
   * Takes scale times the fourth moment of a standard normal vector out of a contraction with queries q_i:
   * contraction[b][i] −= 3 · scale · ‖q_i‖² q_i, strengths[b][i] −= 3 · scale · ‖q_i‖⁴. After contractFactored (order 4, the samples as
   * vectors, in as many chunks as they take) this leaves the fourth cumulant of whitened samples. 4 · batch · rows · dim flops.
   */
  subtractGaussian(args: SubtractGaussian): void;
}

export interface SubtractGaussian {
  readonly batch: number;
  readonly rows: number;
  readonly dim: number;
  /** `[batch, rows, dim]`, queryStride apart */
  readonly queries: DeviceArray;
  readonly queryStride: number;
  /** What the moment was weighted with: 1 for the target's own contraction, −1 where it is subtracted from a model's. */
  readonly scale: number;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}
