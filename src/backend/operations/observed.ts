// Observed entries of a tensor against CP factors: predictions, losses, gradients. Part of the contract in src/backend/backend.ts; all arrays row-major, batch axis first.
// The factors of all modes are stacked into one array [batch, rows, rank], rows = Σ shape, mode after mode; an entry is
// `order` rows of it (stackRows in src/tensor/coordinate.ts). Entries are shared by the batch. Every operation works on a
// range of the list of entries, which makes minibatches: shuffle the list once, cut it into ranges, segments for each.
import type { LossName } from '../../losses/losses.js';
import type { DeviceArray, IndexArray } from '../backend.js';

export interface ObservedOperations {
  /**
   * prediction[b, e] = Σ_c weights[b, c] · Π_k factors[b, row_k(first + e), c]; [batch, count].
   * For orders up to 16, products in plain floats; predictLargeOrder above. order · batch · count · rank flops.
   */
  predictObserved(args: PredictObserved): void;
  /**
   * mean[b] = scale · Σ_e w_e φ(prediction[b, e], values[first + e]) and its derivative in each prediction,
   * derivative[b, e] = scale · w_e φ′; [batch] and [batch, count], with w_e = entryWeights[first + e], ones when left out.
   * Where the weight is 0 both terms are, whatever the value. `derivative` may not be `prediction`.
   */
  lossObserved(args: LossObserved): void;
  /**
   * The chain rule to the factors: gradient[b, i, c] = weights[b, c] Σ_{e, k: row_k(e) = i} derivative[b, e] Π_{j ≠ k} factors[b, row_j(e), c],
   * for the rows of one mode, or of all when `mode` is left out; rows without entries get 0, rows of other modes keep what
   * they have. Products leave one factor out, nothing is divided by it; sums are in the fixed order of the segments.
   * For orders up to 16. order · (modes computed) · batch · count · rank flops.
   */
  gradientObserved(args: GradientObserved): void;
  /**
   * predictObserved, lossObserved and gradientObserved of all modes at once: what a step of a completion needs. Saves the
   * loads of the first mode's gradient where the rank allows; the three operations give the same up to rounding.
   */
  lossAndGradientObserved(args: LossAndGradientObserved): void;
}

/** CP models whose factors are stacked: row (offset of mode k) + i is row i of the factor of mode k. */
export interface StackedModel {
  readonly order: number;
  readonly batch: number;
  /** Σ shape. */
  readonly rows: number;
  readonly rank: number;
  /** `[batch, rows, rank]` */
  readonly factors: DeviceArray;
  /** `[batch, rank]`; ones when left out. */
  readonly weights?: DeviceArray;
}

/** Entries first … first + count − 1 of the list. */
export interface ObservedRange {
  readonly first: number;
  readonly count: number;
}

export interface PredictObserved extends StackedModel, ObservedRange {
  /** `[entries of the whole list, order]` */
  readonly entryRows: IndexArray;
  readonly prediction: DeviceArray;
}

export interface LossObserved extends ObservedRange {
  readonly batch: number;
  readonly loss: LossName;
  /** The loss's parameter (Huber's β); any number where it has none. */
  readonly parameter: number;
  /** `[entries of the whole list]` */
  readonly values: DeviceArray;
  /** `[entries of the whole list]`, not negative: what an entry counts, 0 for one that is not known. */
  readonly entryWeights?: DeviceArray;
  /** 1 / count when left out. With weights, 1 / Σ_e w_e makes a mean. */
  readonly scale?: number;
  readonly prediction: DeviceArray;
  readonly derivative: DeviceArray;
  readonly mean: DeviceArray;
}

/** Segments (src/tensor/coordinate.ts) on the backend. */
export interface DeviceSegments {
  readonly entries: IndexArray;
  readonly parts: IndexArray;
  readonly rowParts: IndexArray;
  /** `[order + 1]` the stacked row where each mode begins. */
  readonly offsets: readonly number[];
  /** `[order + 1]` the part where each mode begins. */
  readonly partOffsets: readonly number[];
}

export interface GradientObserved extends StackedModel, ObservedRange {
  readonly entryRows: IndexArray;
  /** Of the same range. */
  readonly segments: DeviceSegments;
  readonly derivative: DeviceArray;
  /** `[batch, rows, rank]` */
  readonly gradient: DeviceArray;
  readonly mode?: number;
}

export interface LossAndGradientObserved extends Omit<GradientObserved, 'mode'>, Omit<LossObserved, 'prediction'> {}
