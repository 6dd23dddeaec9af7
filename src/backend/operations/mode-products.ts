// Products of a dense tensor along one mode, for its compression. Part of the contract in src/backend/backend.ts; all arrays row-major.
import type { DeviceArray } from '../backend.js';

export interface ModeProductOperations {
  /**
   * gram[s] = P_s · P_sᵀ, [parts, I, I], P_s part s of the columns of the unfolding X_(mode), I = shape[mode]. The parts are of
   * `partLength` columns but for the last one; their sum is X_(mode) · X_(mode)ᵀ. I · size flops, twice.
   */
  modeGram(args: ModeGram): void;
  /** product = tensor ×_mode matrixᵀ, matrix [shape[mode], rank]: the mode's size becomes `rank`. 2 · size · rank flops. */
  modeProduct(args: ModeProduct): void;
}

export interface ModeGram {
  readonly shape: readonly number[];
  readonly mode: number;
  readonly partLength: number;
  /** `[size]` */
  readonly tensor: DeviceArray;
  /** `[⌈size / I / partLength⌉, I, I]` */
  readonly gram: DeviceArray;
}

export interface ModeProduct {
  readonly shape: readonly number[];
  readonly mode: number;
  readonly rank: number;
  /** `[size]` */
  readonly tensor: DeviceArray;
  /** `[shape[mode], rank]` */
  readonly matrix: DeviceArray;
  /** `[size / shape[mode] · rank]` */
  readonly product: DeviceArray;
}
