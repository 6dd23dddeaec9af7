// Steps of first-order methods along a given gradient. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
// What changes with every step (the rate, the bias corrections) is a number of the call, computed in float64 on the host: no
// recompilation, no flush, nothing to write. `nonnegative` projects onto parameters ≥ 0 after the step.
import type { DeviceArray } from '../backend.js';

export interface DescentOperations {
  /**
   * Gradient descent with momentum (Polyak 1964): v ← momentum · v + gradient, p ← p − rate · rates[b] · v, without `velocity` v = gradient;
   * then max(0, p) if so asked. `rates` [batch], ones when left out: 0 keeps a batch item where it is.
   */
  descend(args: Descend): void;
  /**
   * Adam (Kingma & Ba 2015, algorithm 1), step t = 1, 2, …: m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g²,
   * p ← p − rate · (m / (1 − β₁^t)) / (√(s / (1 − β₂^t)) + ε); then max(0, p) if so asked.
   */
  descendAdam(args: DescendAdam): void;
  /**
   * One step size for all parameters of a batch item from the sum of all squares of its gradient (group RMSprop), step t = 1, 2, …:
   * a ← α a + (1 − α) squares[b], rates[b] = 1 / (√(a / (1 − α^t)) + ε); all [batch].
   */
  groupRates(args: GroupRates): void;
}

/** Parameters, gradient, and what is remembered of gradients: all `[batch, length]`. */
export interface DescentArrays {
  readonly batch: number;
  readonly length: number;
  readonly gradient: DeviceArray;
  readonly parameters: DeviceArray;
  readonly nonnegative?: boolean;
}

export interface Descend extends DescentArrays {
  readonly rate: number;
  /** `[batch]` */
  readonly rates?: DeviceArray;
  /** In [0, 1); not used without a velocity. */
  readonly momentum: number;
  readonly velocity?: DeviceArray;
}

export interface DescendAdam extends DescentArrays {
  readonly rate: number;
  /** 1, 2, … */
  readonly step: number;
  /** β₁ and β₂ in [0, 1). */
  readonly beta1: number;
  readonly beta2: number;
  /** Positive: where all gradients were 0 it is all that is divided by. */
  readonly epsilon: number;
  /** m and s, zero before the first step. */
  readonly first: DeviceArray;
  readonly second: DeviceArray;
}

export interface GroupRates {
  readonly batch: number;
  /** 1, 2, … */
  readonly step: number;
  /** In [0, 1). */
  readonly alpha: number;
  /** Positive. */
  readonly epsilon: number;
  readonly squares: DeviceArray;
  /** Zero before the first step. */
  readonly averages: DeviceArray;
  readonly rates: DeviceArray;
}
