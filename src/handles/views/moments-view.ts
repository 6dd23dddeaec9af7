// Samples that stand for a moment or a cumulant, seen by the float64 work. Few coordinates: the packed tensor is formed once,
// after which nothing depends on the number of samples. Many: every contraction runs over the samples,
//   T(·, x, …, x) = Σ_t w_t ⟨x_t, x⟩^{l−1} x_t   (− 3 ‖x‖² x for the cumulant of white samples),
// and the norm, ‖T‖² = Σ_t w_t T(x_t, …, x_t) (− 3 ⟨sym(I ⊗ I), T⟩), is taken from a part of them.
import type { ResidualError } from '../handle.js';
import type { MomentsTarget } from '../../targets/moments.js';
import { power } from '../../linalg/power.js';
import { innerProduct } from '../../tensor/inner-product.js';
import type { SymmetricKruskal } from '../../tensor/kruskal.js';
import { forEachPacked, packedLength, packKruskalSteps, type SymmetricTensor } from '../../tensor/symmetric.js';
import { denseSymmetricView } from './dense-symmetric-view.js';
import { finished, type Work } from '../../yield.js';
import { strengthsAt, strengthSteps, type SymmetricView } from './symmetric-view.js';

/** Multiply-adds of forming the packed tensor, and its entries, up to which that is done: a few seconds, 64 MiB. */
const packWork = 4e9;
const packEntries = 2 ** 23;
/** Samples that the norm is taken from: its error is about 1 / √(this) of it. */
const normSamples = 400;
/** Squares of sums that cancel: see gramErrorFloor. */
const gramFloor = Math.sqrt(Number.EPSILON);

export function* momentsView(target: MomentsTarget): Work<SymmetricView> {
  const entries = packedLength(target.order, target.dim);
  return entries <= packEntries && entries * target.samples.rows <= packWork
    ? denseSymmetricView(yield* packMoments(target))
    : streamedView(target);
}

/** The moment or cumulant, formed. */
export function* packMoments({ order, samples, weights, cumulant }: MomentsTarget): Work<SymmetricTensor> {
  const packed = yield* packKruskalSteps({ order, weights, vectors: samples });
  if (!cumulant) return packed;
  const data = Float64Array.from(packed.data);
  // 3 · sym(I ⊗ I): 3 where all four indices are equal, 1 where they are two pairs.
  forEachPacked(order, packed.dim, ([i, j, k, l], offset) => {
    if (i === j && k === l) data[offset]! -= j === k ? 3 : 1;
  });
  return { ...packed, data };
}

/** For targets that are too large to form. */
export function streamedView(target: MomentsTarget): SymmetricView {
  const { order, dim, samples, weights, cumulant } = target;
  const { rows: count, data } = samples;

  function contract(x: Float64Array, queries: number, out: Float64Array): void {
    out.fill(0, 0, queries * dim);
    for (let t = 0; t < count; t++) {
      for (let i = 0; i < queries; i++) {
        let product = 0;
        for (let n = 0; n < dim; n++) product += x[i * dim + n]! * data[t * dim + n]!;
        const scale = weights[t]! * power(product, order - 1);
        for (let n = 0; n < dim; n++) out[i * dim + n]! += scale * data[t * dim + n]!;
      }
    }
    if (!cumulant) return;
    for (let i = 0; i < queries; i++) {
      let square = 0;
      for (let n = 0; n < dim; n++) square += x[i * dim + n]! ** 2;
      for (let n = 0; n < dim; n++) out[i * dim + n]! -= 3 * square * x[i * dim + n]!;
    }
  }

  const view: SymmetricView = {
    order,
    dim,
    given: target,
    norm: 0,
    noisy: true,
    contract,
    samples: target,
    workOf: (components) => 4 * count * components * dim,
    measure: (model) => finished(measureSteps(model)),
    measureSteps,
    quickError: (model) => finished(measureSteps(model)).relativeError,
    rankBound: () => 0,
    span: () => ({ view: whole, project: (model) => model, restore: (model) => model }),
  };
  const norm = Math.sqrt(Math.max(0, squaredNorm(target, view)));
  const whole: SymmetricView = { ...view, norm };

  function* measureSteps(model: SymmetricKruskal): Work<ResidualError> {
    const strengths = yield* strengthSteps(whole, model.vectors);
    const overlap = strengths.reduce((sum, s, i) => sum + model.weights[i]! * s, 0);
    const square = norm ** 2 - 2 * overlap + innerProduct(model, model);
    return { relativeError: Math.sqrt(Math.max(0, square)) / norm, errorFloor: gramFloor };
  }
  return whole;
}

function squaredNorm({ samples, weights, cumulant, dim }: MomentsTarget, view: SymmetricView): number {
  const stride = Math.max(1, Math.floor(samples.rows / normSamples));
  const chosen = Array.from({ length: Math.ceil(samples.rows / stride) }, (_, k) => k * stride);
  const rows = new Float64Array(chosen.length * dim);
  chosen.forEach((t, k) => rows.set(samples.data.subarray(t * dim, (t + 1) * dim), k * dim));
  const strengths = strengthsAt(view, { rows: chosen.length, columns: dim, data: rows });
  const weightedSum = (values: (t: number, k: number) => number): number => {
    const share = chosen.reduce((sum, t) => sum + weights[t]!, 0);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    return (all / share) * chosen.reduce((sum, t, k) => sum + weights[t]! * values(t, k), 0);
  };
  const own = weightedSum((_, k) => strengths[k]!);
  if (!cumulant) return own;
  const fourth = weights.reduce((sum, weight, t) => {
    let square = 0;
    for (let n = t * dim; n < (t + 1) * dim; n++) square += samples.data[n]! ** 2;
    return sum + weight * square ** 2;
  }, 0);
  return own - 3 * (fourth - dim * (dim + 2));
}
