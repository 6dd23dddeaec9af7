// One sweep of variational inference: the rows of every mode in turn, each exactly, given the distributions of all others.
//   V_i = (Σ_e C_e / σ² + diag 1/v)⁻¹,   A_i = V_i (Σ_e h_e y_e / σ² + m / v)   over the entries e of row i,
//   C_e = ∘_{n≠k} (A_n A_nᵀ + V_n),  h_e = ∘_{n≠k} A_n   at the rows of entry e in the other modes.
// Then the prior, m = mean A_i and v = mean ((A_i − m)² + diag V_i), and the noise, σ² = mean ((y − x)² + E x² − (E x)²).
// Bishop, "Variational principal components" (ICANN 1999), for every mode of CP; Zhao, Zhang & Cichocki, "Bayesian CP factorization of
// incomplete tensors with automatic rank determination", IEEE TPAMI 37 (2015), where priors are shared by the modes and have no means.
// (order − 1) · count · rank² flops for each mode, and rank³ for each row.
import { factorInPlace, inverseOfFactored } from '../linalg/cholesky.js';
import { isPauseDue, type Work } from '../yield.js';
import type { Entries } from './entries.js';
import type { VariationalMode, VariationalModel } from './model.js';

/** Added to matrices of unit diagonal, so that rounding leaves them positive definite; a hundred times more where that is not enough. */
const jitterOf = (rank: number): number => 4 * rank * Number.EPSILON;
/** Prior variances stay above this part of the largest mean square, and above that absolute number. */
const minVarianceShare = 1e-16;
const minVariance = 1e-100;

export interface Sweep {
  /** Mean of (y − x)². */
  readonly squaredError: number;
  /** A lower bound of log p(values), in nats: what models of different ranks are compared by. */
  readonly evidence: number;
}

/** Changes the model in place. `minNoise`: σ² stays above it. */
export function* sweep(entries: Entries, model: VariationalModel, minNoise: number): Work<Sweep> {
  const { shape, rank, modes } = model;
  model.noise = Math.max(model.noise, minNoise);
  const pairs = (rank * (rank + 1)) / 2;
  const moments = modes.map((mode, k) => secondMoments(mode, shape[k]!, rank));
  for (let k = 0; k < shape.length; k++) {
    yield* updateRows(entries, model, moments, k);
    learnPrior(modes[k]!, shape[k]!, rank);
    moments[k] = secondMoments(modes[k]!, shape[k]!, rank);
    if (isPauseDue(8 * shape[k]! * pairs)) yield;
  }
  balance(model);
  const squaredError = yield* learnNoise(entries, model, minNoise);
  return { squaredError, evidence: evidenceOf(entries, model) };
}

/** A Aᵀ + V of every row, the lower triangle, [rows, rank (rank + 1) / 2] */
function secondMoments({ means, covariances }: VariationalMode, rows: number, rank: number): Float64Array {
  const out = new Float64Array((rows * rank * (rank + 1)) / 2);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    for (let r = 0; r < rank; r++) {
      const value = means[i * rank + r]!;
      const row = (i * rank + r) * rank;
      for (let s = 0; s <= r; s++) out[at++] = value * means[i * rank + s]! + covariances[row + s]!;
    }
  }
  return out;
}

function* updateRows(
  { indices, values, modes: sorted }: Entries,
  { shape, rank, modes, noise }: VariationalModel,
  moments: readonly Float64Array[],
  k: number,
): Work<void> {
  const order = shape.length;
  const pairs = (rank * (rank + 1)) / 2;
  const { means, covariances, priorMeans, priorVariances } = modes[k]!;
  const { entries, starts } = sorted[k]!;
  const others = shape.map((_, n) => n).filter((n) => n !== k);
  const factors = productOfRows(
    others.map((n) => modes[n]!.means),
    others,
    order,
    rank,
  );
  const squares = productOfRows(
    others.map((n) => moments[n]!),
    others,
    order,
    pairs,
  );
  const sum = new Float64Array(rank);
  const pairSum = new Float64Array(pairs);
  const precision = new Float64Array(rank * rank);
  const factor = new Float64Array(rank * rank);
  const scales = new Float64Array(rank);
  let logDeterminants = 0;
  for (let i = 0; i < shape[k]!; i++) {
    sum.fill(0);
    pairSum.fill(0);
    for (let n = starts[i]!; n < starts[i + 1]!; n++) {
      const e = entries[n]!;
      factors(indices, e * order, values[e]!, sum);
      squares(indices, e * order, 1, pairSum);
    }
    // Of unit diagonal before it is inverted: components may be of very different size.
    for (let r = 0, p = 0; r < rank; r++) {
      for (let s = 0; s <= r; s++) precision[r * rank + s] = pairSum[p++]! / noise;
      precision[r * rank + r]! += 1 / priorVariances[r]!;
      scales[r] = 1 / Math.sqrt(precision[r * rank + r]!);
    }
    for (let r = 0; r < rank; r++) {
      for (let s = 0; s < r; s++) precision[r * rank + s]! *= scales[r]! * scales[s]!;
    }
    for (let jitter = jitterOf(rank), isFactored = false; !isFactored; jitter *= 100) {
      for (let r = 0; r < rank; r++) precision[r * rank + r] = 1 + jitter;
      factor.set(precision);
      isFactored = factorInPlace(factor, rank) || !(jitter < 1);
    }
    const inverse = inverseOfFactored(factor, rank);
    for (let r = 0; r < rank; r++) {
      logDeterminants += 2 * Math.log(scales[r]! / factor[r * rank + r]!);
      sum[r] = scales[r]! * (sum[r]! / noise + priorMeans[r]! / priorVariances[r]!);
    }
    for (let r = 0; r < rank; r++) {
      let mean = 0;
      for (let s = 0; s < rank; s++) {
        mean += inverse[r * rank + s]! * sum[s]!;
        covariances[(i * rank + r) * rank + s] = scales[r]! * scales[s]! * inverse[r * rank + s]!;
      }
      means[i * rank + r] = scales[r]! * mean;
    }
    if (isPauseDue((starts[i + 1]! - starts[i]!) * order * (rank + pairs) + 3 * rank ** 3)) yield;
  }
  modes[k]!.logDeterminants = logDeterminants;
}

/** Adds scale · (product of the rows at an entry) to a sum. `arrays`: [rows, length] per mode of `modes`. The sums of the hot loop. */
function productOfRows(
  arrays: readonly Float64Array[],
  modes: readonly number[],
  order: number,
  length: number,
): (indices: Uint32Array, at: number, scale: number, sum: Float64Array) => void {
  const [a = new Float64Array(0), b] = arrays;
  const [modeOfA = 0, modeOfB = 0] = modes;
  if (!b) {
    return (indices, at, scale, sum) => {
      const from = indices[at + modeOfA]! * length;
      for (let n = 0; n < length; n++) sum[n]! += scale * a[from + n]!;
    };
  }
  if (order === 3) {
    return (indices, at, scale, sum) => {
      const fromA = indices[at + modeOfA]! * length;
      const fromB = indices[at + modeOfB]! * length;
      for (let n = 0; n < length; n++) sum[n]! += scale * a[fromA + n]! * b[fromB + n]!;
    };
  }
  const product = new Float64Array(length);
  return (indices, at, scale, sum) => {
    product.fill(scale);
    for (let m = 0; m < arrays.length; m++) {
      const array = arrays[m]!;
      const from = indices[at + modes[m]!]! * length;
      for (let n = 0; n < length; n++) product[n]! *= array[from + n]!;
    }
    for (let n = 0; n < length; n++) sum[n]! += product[n]!;
  };
}

/** The means of two rows or fewer say nothing of a mean that they come from. */
const minRows = 3;

function learnPrior(mode: VariationalMode, rows: number, rank: number): void {
  const { means, covariances, priorMeans, priorVariances } = mode;
  let largest = 0;
  for (let r = 0; r < rank; r++) {
    if (rows >= minRows) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += means[i * rank + r]!;
      priorMeans[r] = sum / rows;
    }
    let square = 0;
    for (let i = 0; i < rows; i++) {
      square += (means[i * rank + r]! - priorMeans[r]!) ** 2 + covariances[(i * rank + r) * rank + r]!;
    }
    priorVariances[r] = square / rows;
    largest = Math.max(largest, priorMeans[r]! ** 2 + priorVariances[r]!);
  }
  const least = minVarianceShare * largest + minVariance;
  for (let r = 0; r < rank; r++) priorVariances[r] = Math.max(priorVariances[r]!, least);
}

/** Gives the columns of a component the same root mean square in all modes: scale may pass from mode to mode. */
function balance({ shape, rank, modes }: VariationalModel): void {
  for (let r = 0; r < rank; r++) {
    const sizes = modes.map(({ means }, k) => {
      let square = 0;
      for (let i = 0; i < shape[k]!; i++) square += means[i * rank + r]! ** 2;
      return Math.sqrt(square / shape[k]!);
    });
    if (Math.min(...sizes) < 1e-60) continue;
    const goal = Math.exp(sizes.reduce((sum, size) => sum + Math.log(size), 0) / sizes.length);
    modes.forEach((mode, k) => {
      const scale = goal / sizes[k]!;
      for (let i = 0; i < shape[k]!; i++) {
        mode.means[i * rank + r]! *= scale;
        const block = i * rank * rank;
        for (let s = 0; s < rank; s++) {
          mode.covariances[block + r * rank + s]! *= scale;
          mode.covariances[block + s * rank + r]! *= scale;
        }
      }
      mode.priorMeans[r]! *= scale;
      mode.priorVariances[r]! *= scale ** 2;
      mode.logDeterminants += 2 * shape[k]! * Math.log(scale);
    });
  }
}

/** Posterior mean and variance of the model at one cell: E x and E x² − (E x)². */
export interface CellMoments {
  mean: number;
  variance: number;
}

/** Evaluates cells one after the other, without allocating. */
export function cellMoments({
  shape,
  rank,
  modes,
}: VariationalModel): (indices: Uint32Array, at: number) => CellMoments {
  const pairs = (rank * (rank + 1)) / 2;
  const moments = modes.map((mode, k) => secondMoments(mode, shape[k]!, rank));
  const product = new Float64Array(rank);
  const pairProduct = new Float64Array(pairs);
  const result = { mean: 0, variance: 0 };
  return (indices, at) => {
    product.fill(1);
    pairProduct.fill(1);
    for (let k = 0; k < shape.length; k++) {
      const row = indices[at + k]!;
      const factor = modes[k]!.means;
      const moment = moments[k]!;
      for (let r = 0; r < rank; r++) product[r]! *= factor[row * rank + r]!;
      for (let p = 0; p < pairs; p++) pairProduct[p]! *= moment[row * pairs + p]!;
    }
    let mean = 0;
    for (let r = 0; r < rank; r++) mean += product[r]!;
    let variance = 0;
    for (let r = 0, p = 0; r < rank; r++) {
      for (let s = 0; s <= r; s++, p++) {
        variance += (s === r ? 1 : 2) * (pairProduct[p]! - product[r]! * product[s]!);
      }
    }
    result.mean = mean;
    result.variance = Math.max(0, variance);
    return result;
  };
}

/** Sets σ², and returns the mean squared error. */
function* learnNoise({ count, indices, values }: Entries, model: VariationalModel, minNoise: number): Work<number> {
  const order = model.shape.length;
  const at = cellMoments(model);
  let squares = 0;
  let variances = 0;
  for (let e = 0; e < count; e++) {
    const { mean, variance } = at(indices, e * order);
    squares += (values[e]! - mean) ** 2;
    variances += variance;
    if (isPauseDue(order * model.rank * (model.rank + 3))) yield;
  }
  model.noise = Math.max((squares + variances) / count, minNoise);
  return squares / count;
}

/**
 * −n/2 (log 2πσ² + 1) + Σ_rows ½ (log det (V D⁻¹) − (A − m)ᵀ D⁻¹ (A − m) − tr (V D⁻¹) + R), D = diag v: the expectation of the log
 * likelihood less the Kullback-Leibler divergence of the posterior from the prior, at the σ² that follows from the entries.
 */
function evidenceOf({ count }: Entries, { shape, rank, modes, noise }: VariationalModel): number {
  let total = -0.5 * count * (Math.log(2 * Math.PI * noise) + 1);
  modes.forEach(({ means, covariances, priorMeans, priorVariances, logDeterminants }, k) => {
    const rows = shape[k]!;
    total += 0.5 * (logDeterminants + rows * rank);
    for (let r = 0; r < rank; r++) {
      total -= 0.5 * rows * Math.log(priorVariances[r]!);
      for (let i = 0; i < rows; i++) {
        const square = (means[i * rank + r]! - priorMeans[r]!) ** 2 + covariances[(i * rank + r) * rank + r]!;
        total -= (0.5 * square) / priorVariances[r]!;
      }
    }
  });
  return total;
}
