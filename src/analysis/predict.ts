// What a CP model says at single entries and under linear measurements, in float64 on the host: held-out errors, results, checks.
// `responsesOf` is the one place that knows how entries and measurements act on components.
//   entry (i_1, …, i_N):  Σ_r weights[r] Π_k factors[k][i_k, r]        measurement A:  ⟨A, W⟩
import { InputError } from '../errors.js';
import { defaultLoss, lossOf, requireLoss, type LossName } from '../losses/losses.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { DenseMeasurements, KruskalMeasurements, SensingTarget } from '../targets/sensing.js';
import { mttkrp } from '../tensor/cp-products.js';
import { toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { toDense } from '../tensor/to-dense.js';
import { requireCells, requireSampled } from '../targets/require-target.js';
import { requireIndices, requireKruskal, requireList, requireModel } from '../tensor/require.js';
import { finished, inRanges, isPauseDue, type Work } from '../yield.js';

/**
 * The model at the observations of a target, `[count]`: its entries Σ_r weights[r] Π_k factors[k][i_k, r], or ⟨A_j, model⟩ for measurements
 * A_j. order · count · rank flops for entries; Σ shape · count · terms · rank for
 * Kruskal measurements; for dense ones the model's tensor is formed, (rank + count) · size.
 *
 * @example
 * ```ts
 * import { kruskal, matrix, observed, predict } from 'polyadic';
 *
 * const model = kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])]);
 * console.log(predict(model, observed([2, 2], [1, 0], [5.9]))); // Float64Array(1) [ 6 ]
 * ```
 * @throws InputError when model and target have different shapes, and for indices outside of them.
 */
export function predict(model: AnyKruskal, target: ObservedTarget | SensingTarget): Float64Array {
  requireCells('predict', target);
  return predictUnchecked(model, target);
}

/** The same where the indices are known to be right. */
export const predictUnchecked = (model: AnyKruskal, target: ObservedTarget | SensingTarget): Float64Array =>
  finished(predictSteps(model, target));

/** The same with pauses; `who` complains. */
export function* predictSteps(
  model: AnyKruskal,
  target: ObservedTarget | SensingTarget,
  who = 'predict',
): Work<Float64Array> {
  requireModel(who, model);
  requireSampled(who, target);
  const general = toKruskal(model);
  const got = general.factors.map(({ rows }) => rows).join(' × ');
  const expected = target.shape.join(' × ');
  if (got !== expected) {
    throw new InputError(
      `${who}: expected a model of shape ${expected}, got ${got}. Give a model of the target's shape.`,
    );
  }
  if (target.kind === 'observed') return yield* predictEntriesSteps(general, target.indices);
  const { measurements, count } = target;
  if (measurements.kind === 'dense') return yield* measureDensely(general, measurements, count);
  const predictions = measureByFactors(general, measurements, count);
  if (isPauseDue(measurements.weights.length * general.weights.length * 10)) yield;
  return predictions;
}

/**
 * ‖mean(p) − y‖ / ‖y‖ over the observations of a target, predictions turned into the units of the data (exp, logistic, …) where
 * the loss says so. Where all values are 0 it is the root mean square of mean(p): a logistic prediction comes near 0 and never is.
 *
 * @example
 * ```ts
 * import { kruskal, matrix, observed, predictionError } from 'polyadic';
 *
 * const model = kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])]);
 * console.log(predictionError(model, observed([2, 2], [1, 0, 1, 1], [3, 4]))); // 1
 * ```
 * @throws InputError when model and target have different shapes, and for indices outside of them.
 */
export function predictionError(
  model: AnyKruskal,
  target: ObservedTarget | SensingTarget,
  loss: LossName = defaultLoss,
): number {
  requireCells('predictionError', target);
  requireLoss('predictionError', loss);
  return finished(predictionErrorSteps(model, target, loss));
}

/** The same with pauses. */
export function* predictionErrorSteps(
  model: AnyKruskal,
  target: ObservedTarget | SensingTarget,
  loss: LossName = defaultLoss,
): Work<number> {
  const { mean } = lossOf(loss);
  const residuals = yield* predictSteps(model, target, 'predictionError');
  yield* inRanges(target.count, lossFlops, (from, end) => {
    for (let e = from; e < end; e++) residuals[e] = mean(residuals[e]!) - target.values[e]!;
  });
  const error = euclideanNorm(residuals);
  return error / (euclideanNorm(target.values) || Math.sqrt(target.count));
}

/** What it takes to turn a prediction into the units of the data, in flops. */
const lossFlops = 20;

/**
 * `[count]`: the model at a list of multi-indices, `[count, order]` row-major.
 *
 * @example
 * ```ts
 * import { kruskal, matrix, predictEntries } from 'polyadic';
 *
 * const model = kruskal([1], [matrix(2, 1, [1, 2]), matrix(2, 1, [3, 4])]);
 * console.log(predictEntries(model, [1, 0, 1, 1])); // Float64Array(2) [ 6, 8 ]
 * ```
 * @throws InputError for indices outside of the shape.
 */
export function predictEntries(model: Kruskal, indices: ArrayLike<number>): Float64Array {
  requireKruskal('predictEntries', model);
  requireList('predictEntries', 'indices', indices);
  requireIndices(
    'predictEntries',
    indices,
    model.factors.map(({ rows }) => rows),
  );
  return predictEntriesUnchecked(model, indices);
}

/** The same where model and indices are known to be right. */
export const predictEntriesUnchecked = (model: Kruskal, indices: ArrayLike<number>): Float64Array =>
  finished(predictEntriesSteps(model, indices));

/** The same with pauses. */
export function* predictEntriesSteps({ weights, factors }: Kruskal, indices: ArrayLike<number>): Work<Float64Array> {
  const rank = weights.length;
  const order = factors.length;
  const data = factors.map((factor) => factor.data);
  const product = new Float64Array(rank);
  const predictions = new Float64Array(indices.length / order);
  if (rank === 0) return predictions;
  yield* inRanges(predictions.length, (order + 1) * (rank + gatherFlops), (from, end) => {
    for (let e = from; e < end; e++) {
      // Not by set: for a few numbers its call takes longer.
      for (let c = 0; c < rank; c++) product[c] = weights[c]!;
      for (let k = 0; k < order; k++) {
        const factor = data[k]!;
        const row = indices[e * order + k]! * rank;
        for (let c = 0; c < rank; c++) product[c]! *= factor[row + c]!;
      }
      let sum = 0;
      for (let c = 0; c < rank; c++) sum += product[c]!;
      predictions[e] = sum;
    }
  });
  return predictions;
}

/** What it takes to find a row, in flops. */
const gatherFlops = 4;

/** By way of the model's tensor. */
function* measureDensely(model: Kruskal, { data }: DenseMeasurements, count: number): Work<Float64Array> {
  const size = data.length / count;
  const tensor = toDense(model).data;
  const predictions = new Float64Array(count);
  yield* inRanges(count, 2 * size, (from, end) => {
    for (let j = from; j < end; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += data[j * size + i]! * tensor[i]!;
      predictions[j] = sum;
    }
  });
  return predictions;
}

function measureByFactors({ weights, factors }: Kruskal, by: KruskalMeasurements, count: number): Float64Array {
  const rank = weights.length;
  const product = new Float64Array(rank);
  const predictions = new Float64Array(count);
  for (let q = 0; q < count * by.terms; q++) {
    product.set(weights);
    factors.forEach(({ rows, data }, k) => {
      const vector = by.factors[k]!.data.subarray(q * rows, (q + 1) * rows);
      for (let c = 0; c < rank; c++) {
        let inner = 0;
        for (let i = 0; i < rows; i++) inner += vector[i]! * data[i * rank + c]!;
        product[c]! *= inner;
      }
    });
    let sum = 0;
    for (let c = 0; c < rank; c++) sum += product[c]!;
    predictions[Math.floor(q / by.terms)]! += by.weights[q]! * sum;
  }
  return predictions;
}

/** The matrix ⟨A_j, ⊗_k factors[k][:, r]⟩ of a target's observations and a model's components, [count, rank], by its two products. */
export interface Responses {
  /** Σ_r ⟨A_j, …⟩ weights[r], [count] */
  readonly predict: (weights: Float64Array) => Float64Array;
  /** Σ_j slopes[j] ⟨A_j, …⟩, [rank] */
  readonly adjoint: (slopes: Float64Array) => Float64Array;
}

/** `factors` have the target's shape. The cost of either product is that of `predict`. */
export function responsesOf(target: ObservedTarget | SensingTarget, factors: readonly Matrix[]): Responses {
  const rank = factors[0]?.columns ?? 0;
  if (target.kind === 'observed') {
    return {
      predict: (weights) => predictEntriesUnchecked({ weights, factors }, target.indices),
      adjoint: byRows(rank, (j, row) => entryRow(target, factors, j, row)),
    };
  }
  const { count, measurements } = target;
  if (measurements.kind === 'dense') return denseResponses(target, measurements, factors);
  return {
    predict: (weights) => measureByFactors({ weights, factors }, measurements, count),
    adjoint: byRows(rank, (j, row) => measurementRow(measurements, factors, j, row)),
  };
}

/** From a function that makes row j of the matrix. */
function byRows(rank: number, makeRow: (j: number, row: Float64Array) => void): Responses['adjoint'] {
  const row = new Float64Array(rank);
  return (slopes) => {
    const sums = new Float64Array(rank);
    slopes.forEach((slope, j) => {
      makeRow(j, row);
      for (let r = 0; r < rank; r++) sums[r]! += slope * row[r]!;
    });
    return sums;
  };
}

function entryRow({ shape, indices }: ObservedTarget, factors: readonly Matrix[], e: number, row: Float64Array): void {
  row.fill(1);
  factors.forEach(({ columns, data }, mode) => {
    const at = indices[e * shape.length + mode]! * columns;
    for (let r = 0; r < columns; r++) row[r]! *= data[at + r]!;
  });
}

/** Σ_s weights[j, s] Π_k ⟨vectors of mode k, factors[k][:, r]⟩ */
function measurementRow(by: KruskalMeasurements, factors: readonly Matrix[], j: number, row: Float64Array): void {
  row.fill(0);
  const term = new Float64Array(row.length);
  for (let q = j * by.terms; q < (j + 1) * by.terms; q++) {
    term.fill(by.weights[q]!);
    factors.forEach(({ rows, columns, data }, mode) => {
      const vectors = by.factors[mode]!.data;
      for (let r = 0; r < columns; r++) {
        let inner = 0;
        for (let i = 0; i < rows; i++) inner += vectors[q * rows + i]! * data[i * columns + r]!;
        term[r]! *= inner;
      }
    });
    for (let r = 0; r < row.length; r++) row[r]! += term[r]!;
  }
}

/** By way of tensors: the model's, and Σ_j slopes[j] A_j, whose products with components are those of one MTTKRP. */
function denseResponses(
  { shape, count }: SensingTarget,
  measurements: DenseMeasurements,
  factors: readonly Matrix[],
): Responses {
  const { data } = measurements;
  const size = data.length / count;
  const { columns: rank, data: first } = factors[0]!;
  return {
    predict: (weights) => finished(measureDensely({ weights, factors }, measurements, count)),
    adjoint: (slopes) => {
      const tensor = new Float64Array(size);
      slopes.forEach((slope, j) => {
        for (let i = 0; i < size; i++) tensor[i]! += slope * data[j * size + i]!;
      });
      const products = new Float64Array(first.length);
      const columns = factors.map((factor) => factor.data);
      mttkrp(shape, rank, columns, 0, tensor, products);
      const sums = new Float64Array(rank);
      products.forEach((product, at) => (sums[at % rank]! += product * first[at]!));
      return sums;
    },
  };
}
