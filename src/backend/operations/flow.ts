// The 2-homogeneous flow in polar form, Σ_i a_i ‖u_i‖² ū_i^{⊗ order} with ρ_i = log ‖u_i‖, and the power iteration that finds
// its time scale. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
import type { DeviceArray } from '../backend.js';

export interface FlowOperations {
  /** scales[b] = max_i |strengths[b, i]|, rates[b] = factor / scales[b] (0 for a scale of 0): the step size that suits the strongest direction. */
  setRates(args: SetRates): void;
  /**
   * A step of the flow, from A_i = E(·, ū_i, …, ū_i) and s_i = ⟨A_i, ū_i⟩, with η = rates[b]:
   *   ū_i ← normalize(ū_i − η · order · a_i (A_i − s_i ū_i)),   ρ_i ← min(ρ_i − η · radialFactor · (a_i s_i + λ), cap_b),
   * and weights[i] = a_i e^{2ρ_i}. Where rates[b] is 0 nothing changes, not by a bit. Below the norm τ of the scalar-mode switch η is multiplied by (‖u_i‖ / τ)^{order − 2}.
   */
  updatePolar(args: UpdatePolar): void;
  /** to[i] = from[i] / ‖from[i]‖ for rows [batch, rows, dim]; a zero row leaves to[i] as it is. */
  normalizeRows(args: NormalizeRows): void;
  /**
   * to[i] = normalize(from[i] + shift · sign(strengths[i]) · to[i]) for rows [batch, rows, dim]: a shifted power iteration from the
   * unit rows `to`, with from[i] = T(·, to[i], …), strengths[i] = T(to[i], …). A zero sum leaves to[i] as it is.
   */
  shiftRows(args: ShiftRows): void;
}

export interface SetRates {
  readonly batch: number;
  readonly rows: number;
  readonly factor: number;
  /** `[batch, rows]` */
  readonly strengths: DeviceArray;
  /** `[batch]` */
  readonly scales: DeviceArray;
  readonly rates: DeviceArray;
}

export interface UpdatePolar {
  readonly order: number;
  readonly batch: number;
  /** Components of the model: the first rows of `vectors`. */
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  /** Rows of the contraction, the model's first: `rows`, or more where others were contracted along. */
  readonly contracted: number;
  readonly radialFactor: number;
  /** λ */
  readonly regularization: number;
  /** log τ of the scalar-mode switch; −Infinity is not a float32 that may be sent, so "off" is any number below all ρ. */
  readonly logModeSwitch: number;
  /** `[batch, contracted, dim]` and `[batch, contracted]` */
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  /** `[batch]` */
  readonly rates: DeviceArray;
  readonly caps: DeviceArray;
  /** a_i, ±1: `[batch, rows]` */
  readonly signs: DeviceArray;
  /** ρ_i: `[batch, rows]` */
  readonly logNorms: DeviceArray;
  /** Unit rows, the model in the first rows: `[batch, columns, dim]` */
  readonly vectors: DeviceArray;
  /** `[batch, columns]` */
  readonly weights: DeviceArray;
}

export interface ShiftRows extends NormalizeRows {
  readonly shift: number;
  /** `[batch, rows]` */
  readonly strengths: DeviceArray;
}

export interface NormalizeRows {
  readonly batch: number;
  readonly rows: number;
  readonly dim: number;
  readonly from: DeviceArray;
  readonly to: DeviceArray;
}
