// What the float64 work asks of a symmetric target, in whatever form it is given: to be contracted with vectors, and to tell
// how far a model is from it. Compaction, its polish and the errors of small flows are written once against this.
import type { ResidualError } from '../handle.js';
import type { MomentsTarget } from '../../targets/moments.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import type { SymmetricTensor } from '../../tensor/symmetric.js';
import { finished, isPauseDue, pauseFlops, type MaybeWork, type Work } from '../../yield.js';

export interface SymmetricView {
  readonly order: number;
  readonly dim: number;
  /** Of the target as it was given, whatever coordinates these are: what the numbers of a description are counted in. */
  readonly given: { readonly order: number; readonly dim: number };
  /** The packed tensor, where it is there or cheap to form: contracting that does not depend on the number of samples. */
  readonly packed?: SymmetricTensor;
  /** The components that the target is given by, where it is: an exact model, perhaps not the smallest one. */
  readonly components?: SymmetricKruskal;
  /** The samples, where the target is too large to form: contracting then runs over them. */
  readonly samples?: MomentsTarget;
  /** ‖T*‖, Frobenius. */
  readonly norm: number;
  /** Flops of one `contract` or `quickError` with so many components, roughly. */
  workOf(components: number): number;
  /** out[i] = T*(·, x_i, …, x_i) for rows x_i of [count, dim]. */
  contract(x: Float64Array, count: number, out: Float64Array): void;
  /** As exactly as the target's form allows. Vectors need not be unit vectors. */
  measure(model: SymmetricKruskal): ResidualError;
  /** The same with pauses, where it takes long. Default: `measure`. */
  readonly measureSteps?: (model: SymmetricKruskal) => Work<ResidualError>;
  /** The same for reports while a run goes on: quick, and good to a percent above 1e-6. */
  quickError(model: SymmetricKruskal): number;
  /**
   * Components that a model with a relative error below `tolerance` (≥ 1e-6) has at least: singular values of an unfolding above
   * it (Eckart & Young 1936); 0 where that is too expensive to compute.
   */
  rankBound(tolerance: number): number;
  /**
   * The same target with weights near 1 and in the coordinates of the space that its fibers span (Tucker compression), where these are
   * fewer and nothing is lost; in its own coordinates where `compress` is false. Default: true.
   */
  span(compress?: boolean): MaybeWork<TargetSpan>;
  /**
   * Whether the entries may carry noise, so that no model need be exact. The number of components is then chosen by evidence
   * (src/compaction/evidence.ts).
   */
  readonly noisy: boolean;
}

export interface TargetSpan {
  /** The target in these coordinates. */
  readonly view: SymmetricView;
  /** A model in these coordinates and this scale, unit vectors. Components outside are gone. */
  readonly project: (model: SymmetricKruskal) => SymmetricKruskal;
  /** A model in these coordinates, as one of the given target, unit vectors. */
  readonly restore: (model: SymmetricKruskal) => SymmetricKruskal;
}

/** T*(u_i, …, u_i) of every row, [count]. */
export const strengthsAt = (view: SymmetricView, vectors: Matrix): Float64Array =>
  finished(strengthSteps(view, vectors));

export function* strengthSteps(view: SymmetricView, { rows, columns, data }: Matrix): Work<Float64Array> {
  const contraction = new Float64Array(data.length);
  yield* contractSteps(view, data, rows, contraction);
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) sum += contraction[k]! * data[k]!;
    return sum;
  });
}

/** `contract` with pauses, some rows at a time. */
export function* contractSteps(view: SymmetricView, x: Float64Array, count: number, out: Float64Array): Work<void> {
  const { dim } = view;
  const rows = Math.max(1, Math.floor(pauseFlops / view.workOf(1)));
  for (let row = 0; row < count; row += rows) {
    const some = Math.min(rows, count - row);
    view.contract(x.subarray(row * dim, (row + some) * dim), some, out.subarray(row * dim, (row + some) * dim));
    if (isPauseDue(view.workOf(some))) yield;
  }
}

/** `measure`, and a pause where one is due. */
export function* measureSteps(view: SymmetricView, model: SymmetricKruskal): Work<ResidualError> {
  if (view.measureSteps) return yield* view.measureSteps(model);
  const measured = view.measure(model);
  if (isPauseDue(measureFlops * view.workOf(model.weights.length))) yield;
  return measured;
}

/** Flops of `measure`, in units of `workOf`: for a factored target, which is measured in twice the precision; for others it is less. */
const measureFlops = 8;
