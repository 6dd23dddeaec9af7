// Observed entries of a tensor of large order (to 1,024 modes) against CP factors. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
// Stacked factors, entries and ranges as in observed.ts. A product of hundreds of factors leaves the range of floats in both
// directions although its neighbors bring it back, so products carry a mantissa and an integer exponent of two, and only
// what is written is a plain float: beyond the float's range it is the largest one, below it 0. `exponent` moves that range.
import type { DeviceArray, IndexArray } from '../backend.js';
import type { ObservedRange, StackedModel } from './observed.js';

export interface LargeOrderOperations {
  /**
   * prediction[b, e] = 2^exponent Σ_c weights[b, c] Π_k factors[b, row_k(first + e), c]; [batch, count]. The sum over
   * components is taken relative to the largest, so opposite products that no float holds still cancel. Products of 16
   * consecutive factors must be floats (2^±126 in float32): factors from 2⁻⁷ to 2⁷ always are, and zeros.
   * order · batch · count · rank flops.
   */
  predictLargeOrder(args: PredictLargeOrder): void;
  /**
   * gradient[b, i, c] = 2^exponent weights[b, c] Σ_{e, k: row_k(e) = i} derivative[b, e] Π_{j ≠ k} factors[b, row_j(e), c],
   * for all rows. By products of the factors before and after each, never by division: zeros among the factors are right.
   * 5 · order · batch · count · rank flops.
   */
  gradientLargeOrder(args: GradientLargeOrder): void;
}

interface LargeOrder extends StackedModel, ObservedRange {
  readonly entries: LargeOrderEntries;
  /** An integer, 0 when left out. */
  readonly exponent?: number;
}

/** Rows of every entry; or, where all modes have size 2, one bit per index: a sixteenth of the loads and of the memory. */
export type LargeOrderEntries =
  | {
      /** `[entries of the whole list, order]` */
      readonly rows: IndexArray;
    }
  | {
      /** `[entries of the whole list, ⌈order / 16⌉]`: index of mode 16 w + i in bit i of word w (packBits in src/tensor/coordinate.ts). */
      readonly bits: IndexArray;
    };

export interface PredictLargeOrder extends LargeOrder {
  readonly prediction: DeviceArray;
}

export interface GradientLargeOrder extends LargeOrder {
  readonly derivative: DeviceArray;
  /** `[batch, rows, rank]` */
  readonly gradient: DeviceArray;
}
