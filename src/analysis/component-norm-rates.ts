// How fast every component of a model grows under gradient flow on a loss, from the model at one time:
//   d‖⊗w_r‖ / dt = ⟨−∇L(W), ⊗ŵ_r⟩ · ‖⊗w_r‖² · Σ_n ‖w_r^n‖⁻²,      ŵ_r^n = w_r^n / ‖w_r^n‖
// Where all columns of a component are equally long this is N ⟨−∇L, ⊗ŵ_r⟩ ‖⊗w_r‖^{2 − 2/N}, the form of Razin, Maman & Cohen
// ("Implicit regularization in tensor factorization", ICML 2021, theorem 1): for order N > 2 growth is faster than exponential,
// so that components of a tiny start come one after the other. The general form needs no balance.
import { defaultLoss, defaultParameter, lossOf, type LossName } from '../losses/losses.js';
import { mttkrp } from '../tensor/cp-products.js';
import { requireSameShape, shapeOf, type Kruskal } from '../tensor/kruskal.js';
import type { Matrix } from '../tensor/matrix.js';
import { normalize } from '../tensor/normalize.js';
import { toDense } from '../tensor/to-dense.js';
import type { ObservedTarget } from '../targets/observed.js';
import type { DenseMeasurements, KruskalMeasurements, SensingTarget } from '../targets/sensing.js';
import { columnNorms } from './component-norms.js';

/**
 * `[rank]`: d norm_r / dt of all components under the gradient flow of the factors (weights stay) on
 * L = (1 / count) Σ_j φ(prediction_j, values_j), φ the loss with its parameter (Huber's β; each loss has a default). 0 for a
 * component that is 0. Float64; O(order · count · rank) for observed entries and Kruskal measurements (times their terms and
 * sizes), O(size · (count + rank)) for dense ones.
 * @throws InputError when the model has another shape than the target.
 */
export function componentNormRates(
  target: ObservedTarget | SensingTarget,
  model: Kruskal,
  loss: LossName = defaultLoss,
  parameter = defaultParameter(loss),
): Float64Array {
  requireSameShape('componentNormRates', shapeOf(model), target.shape);
  const units = normalize(model);
  const responses = responsesOf(target, units.factors);
  const { derivative } = lossOf(loss);
  const slopes = responses
    .predict(units.weights)
    .map((prediction, j) => derivative(prediction, target.values[j]!, parameter) / target.count);
  const uphill = responses.adjoint(slopes);
  const norms = model.factors.map(columnNorms);
  return units.weights.map((weight, r) => {
    if (weight === 0) return 0;
    const inverseSquares = norms.reduce((sum, norm) => sum + 1 / norm[r]! ** 2, 0);
    return -Math.sign(weight) * uphill[r]! * weight ** 2 * inverseSquares;
  });
}

/** The matrix ⟨A_j, ⊗ŵ_r⟩ of a target and unit components, [count, rank], by its two products. */
interface Responses {
  /** Σ_r ⟨A_j, ⊗ŵ_r⟩ weights[r], [count] */
  readonly predict: (weights: Float64Array) => Float64Array;
  /** Σ_j slopes[j] ⟨A_j, ⊗ŵ_r⟩, [rank] */
  readonly adjoint: (slopes: Float64Array) => Float64Array;
}

function responsesOf(target: ObservedTarget | SensingTarget, units: readonly Matrix[]): Responses {
  if (target.kind === 'observed') return byRows(target.count, units, (j, row) => entryRow(target, units, j, row));
  const { measurements } = target;
  if (measurements.kind === 'dense') return byTensors(target, measurements, units);
  return byRows(target.count, units, (j, row) => measurementRow(measurements, units, j, row));
}

/** From a function that makes row j, ⟨A_j, ⊗ŵ_r⟩ of all r. */
function byRows(count: number, units: readonly Matrix[], makeRow: (j: number, row: Float64Array) => void): Responses {
  const rank = units[0]?.columns ?? 0;
  const row = new Float64Array(rank);
  return {
    predict: (weights) =>
      new Float64Array(count).map((_, j) => {
        makeRow(j, row);
        return row.reduce((sum, response, r) => sum + response * weights[r]!, 0);
      }),
    adjoint: (slopes) => {
      const sums = new Float64Array(rank);
      slopes.forEach((slope, j) => {
        makeRow(j, row);
        for (let r = 0; r < rank; r++) sums[r]! += slope * row[r]!;
      });
      return sums;
    },
  };
}

function entryRow({ shape, indices }: ObservedTarget, units: readonly Matrix[], e: number, row: Float64Array): void {
  row.fill(1);
  units.forEach(({ columns, data }, mode) => {
    const at = indices[e * shape.length + mode]! * columns;
    for (let r = 0; r < columns; r++) row[r]! *= data[at + r]!;
  });
}

/** Σ_s weights[j, s] Π_k ⟨vectors of mode k, ŵ_r^k⟩ */
function measurementRow(
  { terms, weights, factors }: KruskalMeasurements,
  units: readonly Matrix[],
  j: number,
  row: Float64Array,
): void {
  row.fill(0);
  const term = new Float64Array(row.length);
  for (let q = j * terms; q < (j + 1) * terms; q++) {
    term.fill(weights[q]!);
    units.forEach(({ rows, columns, data }, mode) => {
      const vectors = factors[mode]!.data;
      for (let r = 0; r < columns; r++) {
        let inner = 0;
        for (let i = 0; i < rows; i++) inner += vectors[q * rows + i]! * data[i * columns + r]!;
        term[r]! *= inner;
      }
    });
    for (let r = 0; r < row.length; r++) row[r]! += term[r]!;
  }
}

/** Dense measurements by way of tensors: the model's, and Σ_j slopes[j] A_j, whose products with components are those of one MTTKRP. */
function byTensors({ shape, count }: SensingTarget, { data }: DenseMeasurements, units: readonly Matrix[]): Responses {
  const size = data.length / count;
  const [{ columns: rank, data: first }] = units as [Matrix];
  return {
    predict: (weights) => {
      const tensor = toDense({ weights, factors: units }).data;
      return new Float64Array(count).map((_, j) => {
        let sum = 0;
        for (let i = 0; i < size; i++) sum += data[j * size + i]! * tensor[i]!;
        return sum;
      });
    },
    adjoint: (slopes) => {
      const tensor = new Float64Array(size);
      slopes.forEach((slope, j) => {
        for (let i = 0; i < size; i++) tensor[i]! += slope * data[j * size + i]!;
      });
      const products = new Float64Array(first.length);
      mttkrp(
        shape,
        rank,
        units.map((factor) => factor.data),
        0,
        tensor,
        products,
      );
      const sums = new Float64Array(rank);
      products.forEach((product, at) => (sums[at % rank]! += product * first[at]!));
      return sums;
    },
  };
}
