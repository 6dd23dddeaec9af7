// What a CP model says at single entries and under linear measurements, in float64 on the host: held-out errors, results, checks.
//   entry (i_1, …, i_N):  Σ_r weights[r] Π_k factors[k][i_k, r]        measurement A:  ⟨A, W⟩
import { InputError } from '../errors.js';
import { defaultLoss, lossOf, type LossName } from '../losses/losses.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { KruskalMeasurements, SensingTarget } from '../targets/sensing.js';
import { toKruskal, type AnyKruskal, type Kruskal } from '../tensor/kruskal.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { toDense } from '../tensor/to-dense.js';

/**
 * The model at the observations of a target, [count]. order · count · rank flops for entries; Σ shape · count · terms · rank for
 * Kruskal measurements; for dense ones the model's tensor is formed, (rank + count) · size.
 * @throws InputError when model and target have different shapes.
 */
export function predict(model: AnyKruskal, target: ObservedTarget | SensingTarget): Float64Array {
  const general = toKruskal(model);
  const got = general.factors.map(({ rows }) => rows).join(' × ');
  const expected = target.shape.join(' × ');
  if (got !== expected) {
    throw new InputError(
      `predict: expected a model of shape ${expected}, got ${got}. Give a model of the target's shape.`,
    );
  }
  if (target.kind === 'observed') return predictEntries(general, target.indices);
  const { measurements } = target;
  if (measurements.kind === 'kruskal') return measureByFactors(general, measurements, target.count);
  const { data } = toDense(general);
  return Float64Array.from({ length: target.count }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += measurements.data[j * data.length + i]! * data[i]!;
    return sum;
  });
}

/**
 * ‖mean(p) − y‖ / ‖y‖ over the observations of a target, predictions turned into the units of the data (exp, logistic, …) where
 * the loss says so. Where all values are 0 it is the root mean square of mean(p): a logistic prediction comes near 0 and never is.
 */
export function predictionError(
  model: AnyKruskal,
  target: ObservedTarget | SensingTarget,
  loss: LossName = defaultLoss,
): number {
  const { mean } = lossOf(loss);
  const predictions = predict(model, target);
  const error = euclideanNorm(predictions.map((prediction, e) => mean(prediction) - target.values[e]!));
  return error / (euclideanNorm(target.values) || Math.sqrt(target.count));
}

/** The model at a list of multi-indices, `[count, order]` row-major; the indices are not checked. */
export function predictEntries({ weights, factors }: Kruskal, indices: ArrayLike<number>): Float64Array {
  const rank = weights.length;
  const order = factors.length;
  const data = factors.map((factor) => factor.data);
  const product = new Float64Array(rank);
  const predictions = new Float64Array(indices.length / order);
  for (let e = 0; e < predictions.length; e++) {
    product.set(weights);
    for (let k = 0; k < order; k++) {
      const factor = data[k]!;
      const row = indices[e * order + k]! * rank;
      for (let c = 0; c < rank; c++) product[c]! *= factor[row + c]!;
    }
    let sum = 0;
    for (let c = 0; c < rank; c++) sum += product[c]!;
    predictions[e] = sum;
  }
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
