// What the float64 finish of a completion needs of its target, observed entries and linear measurements alike: predictions
// and products with their Jacobian J = ∂prediction/∂x. The unknowns x are the stacked factors of all modes, weights inside:
//   x[row · rank + c] = factor[mode][index, c],   row = offset[mode] + index,   [rows, rank], rows = Σ shape.
// A prediction is linear in every row of x alone, so an entry touches one row a mode (a measurement all of them).
import type { SampledTarget } from '../../targets/hold-out.js';
import type { Work } from '../../yield.js';
import { observedView } from './observed-view.js';
import { sensingView } from './sensing-view.js';

export interface SampledView {
  readonly shape: readonly number[];
  /** Number of observations. */
  readonly count: number;
  /** `[count]` */
  readonly values: Float64Array;
  /** Products for models of this rank, in memory that is allocated once. */
  ofRank(rank: number): SampledProducts;
}

/** All are taken at the point of the last `moveTo`, and pause. No arrays are allocated. */
export interface SampledProducts {
  /** Sets x, `[rows, rank]`, which must not change until the next move, and out = predictions, `[count]`. */
  moveTo(x: Float64Array, out: Float64Array): Work<void>;
  /** out = Jᵀ values: `[count]` → `[rows, rank]` */
  transposed(values: Float64Array, out: Float64Array): Work<void>;
  /** out = Jᵀ W J v: `[rows, rank]` → `[rows, rank]`, W = diag(weights), `[count]`. */
  curvature(weights: Float64Array, v: Float64Array, out: Float64Array): Work<void>;
  /** The lower triangle of Jᵀ W J, `[unknowns, unknowns]`, unknowns = rows · rank. */
  form(weights: Float64Array, out: Float64Array): Work<void>;
  /** The diagonal blocks of Jᵀ W J that belong to one row, lower triangles: `[rows, rank, rank]`. */
  rowBlocks(weights: Float64Array, out: Float64Array): Work<void>;
  /** Pᵀ W P, `[rank, rank]`, P[e, c] what component c adds to prediction e. */
  componentGram(weights: Float64Array, out: Float64Array): Work<void>;
}

export const sampledView = (target: SampledTarget): SampledView =>
  target.kind === 'observed' ? observedView(target) : sensingView(target);
